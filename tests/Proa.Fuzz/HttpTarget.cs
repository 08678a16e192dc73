using System.Text;
using Proa.Http;
using Proa.Net;

namespace Proa.Fuzz;

/// <summary>What a server sends: its response, and what may come before and after it.</summary>
internal sealed class HttpTarget : Target
{
    public override string Name => "http";

    /// <summary>The body is kept here; a buffer that has grown is not.</summary>
    protected override int MemoryPerByte => 50;

    public override IEnumerable<byte[]> FirstInputs() =>
        ((string[])
        [
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;a=\"b\"\r\n0123456789\r\n0\r\nA: b\r\n\r\n",
            "HTTP/1.0 429 Too Many Requests\nConnection: keep-alive\nRetry-After: 7\nContent-Length: 0, 0\n\n",
            "HTTP/1.1 503 a\r\nRetry-After: Fri, 27 Nov 2026 12:00:00 GMT\r\nConnection: a, close\r\n\r\nhello",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nmore",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nTransfer-Encoding:\r\n\tchunked\r\nContent-Length: 1\r\n\r\nfffffffffffffff\r\nhello",
            "HTTP/1.1 304\r\n\r\n", "SSH-2.0-OpenSSH_9.9\r\n", "\u0015\u0003\u0001\u0000\u0002\u0002\u0046",
        ])
            .Select(Encoding.Latin1.GetBytes);

    public override IEnumerable<string> Words() =>
    [
        "HTTP/1.1 200 OK\r\n", "HTTP/1.0 ", "100 ", "101 ", "204 ", "304 ", "Content-Length: ", "Transfer-Encoding: ", "chunked", "Connection: ", "close",
        "keep-alive", "Retry-After: ", "Fri, 27 Nov 2026 12:00:00 GMT", "\r\n", "\r\n\r\n", "\n\n", "\r\n ", "\n\t", ", ", ":", ";", "0\r\n\r\n", "1\r\na\r\n",
        "fffffffffffffff", "999999999999999999", "9223372036854775808", "\0",
    ];

    public override void Read(byte[] input)
    {
        var whole = Bounded(input, response => Outcome(response, [response.Length], room: response.Length + 1));
        Require(whole == Bounded(input, response => Outcome(response, Enumerable.Repeat(1, response.Length), room: 1)), "byte by byte it is another response");
        Require(whole == Bounded(input, response => Outcome(response, StreamInPieces.OwnPieces(response), room: 100)), "piece by piece it is another response");
    }

    /// <summary>What somebody reads who has room for so many bytes at a time, of a response that comes in these pieces.</summary>
    private static string Outcome(byte[] input, IEnumerable<int> pieces, int room)
    {
        var kept = false;
        var body = new MemoryStream();
        HttpResponse? response = null;
        var end = "complete";
        try
        {
            var connection = new HttpConnection(new StreamInPieces(input, pieces));
            response = connection.SendAsync(default, _ => kept = true, CancellationToken.None).GetAwaiter().GetResult();
            Require(response.Head is { Status: 101 or (>= 200 and <= 999), Length: >= 0 }, $"{response.Head} is no head");
            _ = response.Head.RetryIn(DateTimeOffset.UnixEpoch);
            var into = new byte[room];
            for (int read; (read = response.ReadAsync(into, CancellationToken.None).AsTask().GetAwaiter().GetResult()) > 0;) body.Write(into, 0, read);
            Require(response.Head.Framing != BodyFraming.Length || body.Length == response.Head.Length, "the body has another length");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            end = e.Message.Split('"')[0]; // what is quoted is what has arrived
        }

        response?.Dispose();
        Require(!kept || response?.Head.IsLast is false && end == "complete", "a connection is kept that nothing should be read from");
        return $"{response?.Head} {Convert.ToHexString(body.GetBuffer().AsSpan(0, (int)body.Length))} {end}";
    }
}
