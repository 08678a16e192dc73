using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Proa.Net;
using Proa.Tests.Http;

namespace Proa.Unit.Tests.Net;

/// <summary>proa and .NET read the same responses: where one of them reads another thing, or refuses what the other reads, is known and has a reason.</summary>
public sealed class HttpDifferenceTests
{
    private const string Read = "";
    private const string Ended = "it ended too early";

    /// <summary>Where the pattern is in a response, and both do what is said here, they may do it: read it, or refuse it with these words.</summary>
    private static readonly Difference[] _known =
    [
        // proa is stricter.
        new(
            "length",
            "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
            @"\ncontent-length[ \t]*:",
            "no length that is a number",
            Read,
            "a length that is invalid is an error (RFC 9112 section 6.3); .NET reads on until the connection ends"),
        new(
            "coding",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            @"\ntransfer-encoding[ \t]*:",
            "a transfer coding",
            Read,
            "no coding but chunked was asked for (RFC 9112 sections 6.1 and 7.4); .NET hands out what is coded"),
        new(
            "space",
            "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello",
            @"\n[^\s:]+[ \t]+:",
            "has no name",
            Read,
            "others may not see a field that has a space before the colon (RFC 9112 section 5.1); .NET does"),
        new(
            "status",
            "HTTP/1.1 099 OK\r\n\r\n",
            @"(^|\n)HTTP/1\.\d 0\d\d",
            "is not HTTP/1.1",
            Read,
            "a status is 100 at least (RFC 9110 section 15); .NET takes any three digits"),
        new(
            "interim",
            "HTTP/1.1 100 Continue\r\nA b: c\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            @"^HTTP/1\.\d (?!101)1\d\d",
            "the",
            Read,
            "an interim response has a head like any other (RFC 9110 section 15.2); .NET skips fields whatever they are"),
        // proa is laxer.
        new(
            "name",
            "HTTP/1.1 200 OK\r\nA(b): c\r\n\r\n",
            @"\n[^\n:]*[^\n:!#$%&'*+.^_`|~0-9a-z-][^\n:]*:",
            Read,
            "invalid header name",
            "the name of a field is a token (RFC 9110 section 5.1); proa skips what it does not know"),
        new(
            "trailer",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n",
            @"\n0+[^\n]*\n",
            Read,
            "invalid header",
            "a trailer may be discarded (RFC 9112 section 7.1.2), and proa does so without looking into it"),
        new(
            "reason",
            "HTTP/1.1 200 O\rK\r\n\r\n",
            @"(^|\n)HTTP/1\.\d \d\d\d [^\n]*[\0-\x1f\x7f-\xff][^\n]",
            Read,
            "status phrase",
            "a client should ignore the reason phrase (RFC 9112 section 4)"),
        // They read another thing.
        new(
            "upgrade",
            "HTTP/1.1 101 Switching Protocols\r\n\r\nhello",
            @"(^|\n)HTTP/1\.\d 101[ \r\n]",
            Read,
            Read,
            "no upgrade was asked for (RFC 9110 section 15.2.2); .NET hands out the bytes of the other protocol"),
        new(
            "list",
            "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello and more",
            @"\ncontent-length:[^\n]*,",
            Read,
            Read,
            "a length that is repeated is that length (RFC 9112 section 6.3); .NET reads on until the connection ends"),
        new(
            "short list",
            "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhell",
            @"\ncontent-length:[^\n]*,",
            Ended,
            Read,
            "as above, and the connection ends before it"),
    ];

    public static TheoryData<string> Names => [.. _known.Select(known => known.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Each_exception_is_one(string name)
    {
        var example = _known.Single(known => known.Name == name).Example;
        Assert.Equal(name, await DifferenceAsync(RawResponses.Bytes(example)));
    }

    [Theory]
    [InlineData(65_500, "both read it")]
    [InlineData(65_600, "both refuse it")]
    public async Task The_longest_head_is_about_the_same(int length, string same) =>
        Assert.Equal(same, await DifferenceAsync(RawResponses.Bytes($"HTTP/1.1 200 OK\r\nX: {new string('x', length - 24)}\r\n\r\n")));

    [Fact]
    public void proa_reads_and_refuses_what_dotNET_does_but_for_these_exceptions()
    {
        var counts = new ConcurrentDictionary<string, int>();
        RawResponses.Any.Sample(
            response => { counts.AddOrUpdate(DifferenceAsync(response).GetAwaiter().GetResult(), 1, (_, count) => count + 1); },
            iter: 20_000);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", counts.OrderByDescending(count => count.Value)));
        Assert.True(counts["both read it"] > 1_000 && counts["both refuse it"] > 1_000);
    }

    private static async Task<string> DifferenceAsync(byte[] response)
    {
        var ours = await OursAsync(response);
        var theirs = await TheirsAsync(response);
        if (ours.Refusal.Length > 0 && theirs.Refusal.Length > 0) return "both refuse it";
        if (ours == theirs) return "both read it";
        var text = Encoding.Latin1.GetString(response);
        return _known.FirstOrDefault(known => ours.Is(known.Ours) && theirs.Is(known.Theirs) && Regex.IsMatch(text, known.Where, RegexOptions.IgnoreCase))?.Name
            ?? throw new InvalidOperationException($"of {Regex.Escape(text)}\nproa makes {ours},\n.NET {theirs}");
    }

    private static async Task<Outcome> OursAsync(byte[] response)
    {
        try
        {
            using var connection = new HttpConnection(new CannedStream(response));
            using var got = await connection.SendAsync("GET"u8.ToArray(), keep: null, CancellationToken.None);
            return new(got.Head.Status, await BodyAsync(into => got.ReadAsync(into, CancellationToken.None)), Read);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            return new(0, "", e is EndOfStreamException ? Ended : e.Message);
        }
    }

    private static async Task<Outcome> TheirsAsync(byte[] response)
    {
        try
        {
            using var handler = new SocketsHttpHandler();
            handler.UseProxy = handler.UseCookies = handler.AllowAutoRedirect = false;
            handler.ConnectCallback = (_, _) => new(new CannedStream(response));
            using var invoker = new HttpMessageInvoker(handler);
            using var request = new HttpRequestMessage(HttpMethod.Get, "http://a/");
            using var got = await invoker.SendAsync(request, CancellationToken.None);
            await using var body = await got.Content.ReadAsStreamAsync();
            return new((int)got.StatusCode, await BodyAsync(into => body.ReadAsync(into)), Read);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new(0, "", e.Message);
        }
    }

    private static async Task<string> BodyAsync(Func<Memory<byte>, ValueTask<int>> read)
    {
        var body = new StringBuilder();
        var into = new byte[100];
        for (int length; (length = await read(into)) > 0;) body.Append(Encoding.Latin1.GetString(into, 0, length));
        return body.ToString();
    }

    private sealed record Outcome(int Status, string Body, string Refusal)
    {
        public bool Is(string refusal) => refusal == Read ? Refusal == Read : Refusal.Contains(refusal, StringComparison.Ordinal);
    }

    private sealed record Difference(string Name, string Example, string Where, string Ours, string Theirs, string Why);
}
