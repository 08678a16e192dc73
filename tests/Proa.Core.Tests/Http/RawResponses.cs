using System.Text;
using CsCheck;

namespace Proa.Tests.Http;

/// <summary>Responses as bytes: most are nearly right.</summary>
internal static class RawResponses
{
    private static readonly Gen<string> _statusLine = Gen.Frequency(
        (6, Gen.OneOf("HTTP/1.1 200 OK", "HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.1 404 Not Found", "HTTP/1.1 503 Später", "HTTP/1.1 999 a b c")),
        (2, Gen.OneOf("HTTP/1.0 200 OK", "HTTP/1.1 204 No Content", "HTTP/1.1 304 Not Modified", "HTTP/1.1 101 Switching Protocols", "HTTP/1.9 200 OK")),
        (1, Gen.OneOf("HTTP/2.0 200 OK", "HTTP/1.1 099 OK", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1  200 OK", "http/1.1 200 OK", "")));

    private static readonly Gen<string> _field = Gen.Frequency(
        (
            6,
            Gen.OneOf(
                "Content-Length: 5",
                "content-length:5",
                "Content-Length: 11",
                "Content-Length: 0",
                "Transfer-Encoding: chunked",
                "TRANSFER-ENCODING: Chunked ",
                "Connection: close",
                "Connection: keep-alive",
                "Connection: X-A , Close",
                "Retry-After: 7",
                "Retry-After: Fri, 27 Nov 2026 12:00:00 GMT",
                "Content-Type: application/json",
                "Set-Cookie: a=b; c",
                "X-Empty:",
                "X-Folded: a\r\n\tb")),
        (
            2,
            Gen.OneOf(
                "Content-Length: 5, 5",
                "Content-Length: 5,6",
                "Content-Length: -5",
                "Content-Length: +5",
                "Content-Length: 5 5",
                "Content-Length: 0x5",
                "Content-Length:",
                "Content-Length: 005",
                "Content-Length:\r\n 5",
                "Content-Length: 9223372036854775807",
                "Content-Length: 99999999999999999999",
                "Content-Length : 5",
                " Content-Length: 5",
                "Transfer-Encoding: gzip, chunked",
                "Transfer-Encoding: chunked, chunked",
                "Transfer-Encoding: identity",
                "Transfer-Encoding:",
                "Transfer-Encoding:\r\n chunked",
                "Connection:\r\n close",
                "Retry-After: soon",
                "Retry-After: -1",
                ": nameless",
                "no colon",
                "A(b): c",
                "Ä: c",
                "A: b\rc",
                "A: \0")));

    private static readonly Gen<string> _chunk = Gen.Frequency(
        (6, Gen.OneOf("5\r\nhello\r\n", "1\r\n,\r\n", "b\r\nhello\nworld\r\n", "0000A;a=\"b\"\r\n0123456789\r\n", "5 \t; x\r\nhello\r\n", "5\nhello\n")),
        (
            1,
            Gen.OneOf(
                "5\r\nhello", "4\r\nhello\r\n", "6\r\nhello\r\n", "g\r\nhello\r\n", "-5\r\nhello\r\n", "\r\n", " 5\r\nhello\r\n", "0x5\r\nhello\r\n",
                "5;\rx\r\nhello\r\n", "fffffffffffffff\r\n", "8000000000000000\r\n", "10000000000000005\r\nhello\r\n", "5 5\r\nhello\r\n", ";\r\n")));

    private static readonly Gen<string> _lastChunk = Gen.Frequency(
        (6, Gen.OneOf("0\r\n\r\n", "000;x\r\n\r\n", "0\r\nA: b\r\nC: d\r\n\r\n", "0\n\n")),
        (1, Gen.OneOf("", "0\r\n", "0\r\nno colon\r\n\r\n", "0\r\nA: b\r\n", "0\r\n A: b\r\n\r\n", "0\r\nA : b\r\n\r\n", "0\r\n: b\r\n\r\n")));

    private static readonly Gen<string> _body = Gen.OneOf(
        Gen.OneOf("", "hello", "hell", "hello world", "hello and more", "HTTP/1.1 200 OK\r\n\r\n"),
        Gen.Select(_chunk.Array[0, 4], _lastChunk, (chunks, last) => string.Concat(chunks) + last),
        Gen.Select(_chunk.Array[0, 4], _lastChunk, (chunks, last) => string.Concat(chunks) + last + "more"));

    private static readonly Gen<string> _interim = Gen.Frequency(
        (6, Gen.Const("")),
        (
            1,
            Gen.OneOf(
                "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "HTTP/1.1 100\r\nContent-Length: 5\r\n\r\n",
                "HTTP/1.1 199 a\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0 100 Continue\r\n\r\n")));

    private static readonly Gen<byte> _delicate = Gen.OneOf(Gen.OneOf("\r\n \t\0:;,0159afgHT/.-+\u007f\u0080\u00ff".Select(c => (byte)c).ToArray()), Gen.Byte);

    private static readonly Gen<Func<byte[], byte[]>> _mutation = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 10_000], Gen.Int[1, 12], _delicate).Select(
        (kind, at, length, with) => new Func<byte[], byte[]>(bytes => Mutated(bytes, kind, at % (bytes.Length + 1), length, with)));

    /// <summary>Any of them.</summary>
    public static readonly Gen<byte[]> Any = Gen.Select(
        Gen.Select(_interim, _statusLine, _field.Array[0, 5], Gen.Frequency((6, Gen.Const("\r\n")), (1, Gen.Const("\n"))), _body)
            .Select((interim, status, fields, end, body) => interim + status + end + string.Concat(fields.Select(field => field + end)) + end + body),
        Gen.Frequency((2, Gen.Const(0)), (1, Gen.Const(1)), (1, Gen.Const(2))).SelectMany(count => _mutation.Array[count]),
        (text, mutations) => mutations.Aggregate(Bytes(text), (bytes, mutation) => mutation(bytes)));

    /// <summary>A character is a byte.</summary>
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static byte[] Mutated(byte[] bytes, int kind, int at, int length, byte with)
    {
        var end = Math.Min(at + length, bytes.Length);
        return kind switch
        {
            0 => [.. bytes[..at], with, .. bytes[at..]],
            1 => at < end ? [.. bytes[..at], with, .. bytes[(at + 1)..]] : bytes,
            2 => at < end ? [.. bytes[..at], .. bytes[(at + 1)..]] : bytes,
            3 => [.. bytes[..at], .. bytes[end..]],
            4 => [.. bytes[..end], .. bytes[at..]],
            _ => bytes[..at],
        };
    }
}
