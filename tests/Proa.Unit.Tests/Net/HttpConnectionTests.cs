using System.Text;
using Proa.Http;
using Proa.Net;
using Proa.Tests.Http;

namespace Proa.Unit.Tests.Net;

public sealed class HttpConnectionTests
{
    private const string Head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    private const string Chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    [Theory]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")]
    [InlineData("HTTP/1.1 102 Processing\nContent-Length: 5\n\nHTTP/1.1 103\r\nConnection: close\r\n\r\nHTTP/1.1 100\r\n\r\n")]
    public async Task Interim_responses_are_skipped(string interim)
    {
        foreach (var piece in (int[])[1, 7, 1000])
        {
            using var response = await SendAsync(interim + Head + "hello", piece);
            Assert.Equal(new(200, BodyFraming.Length, 5, false, null), response.Head);
            Assert.Equal("hello", await BodyAsync(response));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTT")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    public async Task A_response_that_ends_in_its_head_has_ended_too_early(string response) =>
        await Assert.ThrowsAsync<EndOfStreamException>(() => SendAsync(response));

    [Theory]
    [InlineData(Head)]
    [InlineData(Head + "hell")]
    [InlineData(Chunks)]
    [InlineData(Chunks + "5")]
    [InlineData(Chunks + "5\r\n")]
    [InlineData(Chunks + "5\r\nhell")]
    [InlineData(Chunks + "5\r\nhello")]
    [InlineData(Chunks + "5\r\nhello\r\n")]
    [InlineData(Chunks + "5\r\nhello\r\n0\r\n")]
    [InlineData(Chunks + "5\r\nhello\r\n0\r\nA: b\r\n")]
    public async Task One_that_ends_in_its_body_too(string response)
    {
        using var got = await SendAsync(response);
        await Assert.ThrowsAsync<EndOfStreamException>(() => BodyAsync(got));
    }

    [Fact]
    public async Task A_body_may_end_with_the_connection_and_stays_at_its_end()
    {
        using var response = await SendAsync("HTTP/1.1 200 OK\r\n\r\nhello");
        Assert.Equal("hello", await BodyAsync(response));
        Assert.Equal("", await BodyAsync(response));
    }

    [Fact]
    public async Task Without_room_nothing_is_read_and_the_rest_is_read_with_it()
    {
        var body = new string('x', 100_000);
        using var stream = new CannedStream(RawResponses.Bytes("HTTP/1.1 200 OK\r\n\r\n" + body));
        using var response = await new HttpConnection(stream).SendAsync("GET"u8.ToArray(), keep: null, TestContext.Current.CancellationToken);
        var before = stream.Given;
        Assert.Equal(0, await response.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken));
        Assert.Equal(before, stream.Given);
        Assert.Equal(body, await BodyAsync(response));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nX: ")]
    [InlineData(Chunks + "5;")]
    [InlineData(Chunks + "5\r\nhello")]
    [InlineData(Chunks + "0\r\nA: ")]
    public async Task What_has_no_end_is_refused_soon(string beginning)
    {
        using var stream = new CannedStream(RawResponses.Bytes(beginning.PadRight(10_000_000, 'x')));
        using var connection = new HttpConnection(stream);
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            using var response = await connection.SendAsync("GET"u8.ToArray(), keep: null, TestContext.Current.CancellationToken);
            await BodyAsync(response);
        });
        Assert.InRange(stream.Given, 1, 3 * ResponseHead.Longest);
    }

    [Fact]
    public async Task A_head_of_many_fields_that_arrives_byte_by_byte_is_read_once()
    {
        var retries = string.Concat(Enumerable.Repeat("Retry-After: 7\r\n", 4_000));
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var response = await SendAsync($"HTTP/1.1 200 OK\r\n{retries}Content-Length: 5\r\n\r\nhello", piece: 1);
        // A string for each of the fields, and not for each at every byte.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
        Assert.Equal("hello", await BodyAsync(response));
    }

    [Theory]
    [InlineData(Head + "hello", true)]
    [InlineData(Head + "hello, world", false)]
    [InlineData(Chunks + "0\r\n\r\n", true)]
    [InlineData(Chunks + "0\r\n\r\n\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nhello", false)]
    public async Task A_connection_is_given_back_where_another_response_may_come(string response, bool isKept)
    {
        using var stream = new CannedStream(RawResponses.Bytes(response));
        HttpConnection? kept = null;
        using var connection = new HttpConnection(stream);
        var got = await connection.SendAsync("GET"u8.ToArray(), back => kept = back, TestContext.Current.CancellationToken);
        await BodyAsync(got);
        got.Dispose();
        Assert.Equal((isKept ? connection : null, !isKept), (kept, stream.IsDisposed));
    }

    private static Task<HttpResponse> SendAsync(string response, int piece = int.MaxValue) =>
        new HttpConnection(new CannedStream(RawResponses.Bytes(response), piece)).SendAsync(
            "GET"u8.ToArray(), keep: null, TestContext.Current.CancellationToken);

    private static async Task<string> BodyAsync(HttpResponse response)
    {
        var body = new StringBuilder();
        var into = new byte[3];
        for (int length; (length = await response.ReadAsync(into, TestContext.Current.CancellationToken)) > 0;)
            body.Append(Encoding.ASCII.GetString(into, 0, length));
        return body.ToString();
    }
}
