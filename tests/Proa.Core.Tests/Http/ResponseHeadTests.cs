using CsCheck;
using Proa.Http;

namespace Proa.Tests.Http;

public sealed class ResponseHeadTests
{
    private const string NoHttp = "the response is not HTTP/1.1";
    private const string NoName = "a field in the head of the response has no name";
    private const string NoLength = "the response has no length that is a number";
    private const string OtherCoding = "the response has a transfer coding that was not asked for";
    private const string TooLong = "the head of the response is longer than 65536 bytes";

    [Theory]
    [InlineData("HTTP/1.1 200 OK", 200)]
    [InlineData("HTTP/1.1 200", 200)]
    [InlineData("HTTP/1.1 200 ", 200)]
    [InlineData("HTTP/1.1 404 Not Found", 404)]
    [InlineData("HTTP/1.1 500 \u00e4\0\r", 500)]
    [InlineData("HTTP/1.0 301 Moved", 301)]
    [InlineData("HTTP/1.2 100 Continue", 100)]
    [InlineData("HTTP/1.1 999 ", 999)]
    public void A_status_line_has_a_version_and_a_status_and_any_reason(string line, int status) => Assert.Equal(status, Accepted(line + "\r\n\r\n").Status);

    [Theory]
    [InlineData("HTTP/1.1 099 OK")]
    [InlineData("HTTP/1.1 000 OK")]
    [InlineData("HTTP/1.1 20")]
    [InlineData("HTTP/1.1 20 OK")]
    [InlineData("HTTP/1.1 2000")]
    [InlineData("HTTP/1.1 200OK")]
    [InlineData("HTTP/1.1 200\tOK")]
    [InlineData("HTTP/1.1 200\r")]
    [InlineData("HTTP/1.1  200 OK")]
    [InlineData("HTTP/1.1\t200 OK")]
    [InlineData("HTTP/1.1 -20 OK")]
    [InlineData("HTTP/1.1 +20 OK")]
    [InlineData("HTTP/1.1 2x0 OK")]
    [InlineData("HTTP/1.x 200 OK")]
    [InlineData("HTTP/1. 200 OK")]
    [InlineData("HTTP/1.10 200 OK")]
    [InlineData("HTTP/2.0 200 OK")]
    [InlineData("HTTP/0.9 200 OK")]
    [InlineData("http/1.1 200 OK")]
    [InlineData(" HTTP/1.1 200 OK")]
    [InlineData("ICY 200 OK")]
    [InlineData("")]
    public void Any_other_is_refused(string line) => 
        Assert.Equal($"{NoHttp}, it begins with \"{line.TrimEnd('\r')}\"", Refused(line + "\r\n\r\n"));

    [Theory]
    [InlineData("S")] // SSH-2.0-OpenSSH
    [InlineData("\u0015\u0003\u0003")] // an alert of TLS
    [InlineData("h")]
    [InlineData("HTTP/2")]
    public void What_is_no_HTTP_is_known_by_its_first_bytes_without_a_line(string beginning) =>
        Assert.Equal($"{NoHttp}, it begins with \"{beginning}\"", Refused(beginning));

    [Fact]
    public void Not_all_of_what_is_no_HTTP_is_quoted() => Assert.EndsWith($"\"{new string('x', 60)}\"", Refused(new string('x', 61)), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("HTT")]
    [InlineData("HTTP/1.")]
    [InlineData("HTTP/1.1 9")]
    public void What_may_become_HTTP_is_waited_for(string beginning) => Assert.Null(ResponseHead.Read(RawResponses.Bytes(beginning), out _));

    [Theory]
    [InlineData("", "Connection", 0, true)]
    [InlineData("Content-Length: 5", "Length", 5, false)]
    [InlineData("CONTENT-LENGTH:5", "Length", 5, false)]
    [InlineData("Content-Length: \t 5 \t", "Length", 5, false)]
    [InlineData("Content-Length: 0", "Length", 0, false)]
    [InlineData("Content-Length: 005", "Length", 5, false)]
    [InlineData("Content-Length: 999999999999999999", "Length", 999999999999999999, false)]
    [InlineData("Content-Length: 5\r\nContent-Length: 5", "Length", 5, false)]
    [InlineData("Content-Length: 5, 5 ,05", "Length", 5, false)]
    [InlineData("Content-Length:\r\n 5", "Length", 5, false)]
    [InlineData("Content-Length: 5\r\n\t", "Length", 5, false)]
    [InlineData("Content-Length: 5,\r\n 5", "Length", 5, false)]
    [InlineData("Transfer-Encoding: chunked", "Chunked", 0, false)]
    [InlineData("transfer-encoding:CHUNKED ", "Chunked", 0, false)]
    [InlineData("Transfer-Encoding:\r\n chunked", "Chunked", 0, false)]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 5", "Chunked", 0, true)]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked", "Chunked", 0, true)]
    [InlineData("X-Content-Length: 5", "Connection", 0, true)]
    public void The_head_says_how_the_body_ends(string fields, string framing, long length, bool isLast)
    {
        var head = Accepted($"HTTP/1.1 200 OK\r\n{fields}{(fields.Length > 0 ? "\r\n" : "")}\r\n");
        Assert.Equal((framing, length, isLast), (head.Framing.ToString(), head.Length, head.IsLast));
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nContent-Length: 6", NoLength)]
    [InlineData("Content-Length: 5, 6", NoLength)]
    [InlineData("Content-Length: 5,", NoLength)]
    [InlineData("Content-Length: 5 5", NoLength)]
    [InlineData("Content-Length: 5\r\n 5", NoLength)]
    [InlineData("Content-Length: -5", NoLength)]
    [InlineData("Content-Length: +5", NoLength)]
    [InlineData("Content-Length: 0x5", NoLength)]
    [InlineData("Content-Length: 5.0", NoLength)]
    [InlineData("Content-Length: 1e1", NoLength)]
    [InlineData("Content-Length: \"5\"", NoLength)]
    [InlineData("Content-Length: \u0665", NoLength)]
    [InlineData("Content-Length: \u00b2", NoLength)]
    [InlineData("Content-Length:", NoLength)]
    [InlineData("Content-Length: 1000000000000000000", NoLength)]
    [InlineData("Content-Length: 18446744073709551621", NoLength)]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: x", NoLength)]
    [InlineData("Transfer-Encoding: gzip", OtherCoding)]
    [InlineData("Transfer-Encoding: gzip, chunked", OtherCoding)]
    [InlineData("Transfer-Encoding: chunked, chunked", OtherCoding)]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", OtherCoding)]
    [InlineData("Transfer-Encoding: identity", OtherCoding)]
    [InlineData("Transfer-Encoding: chunked;q=1", OtherCoding)]
    [InlineData("Transfer-Encoding: xchunked", OtherCoding)]
    [InlineData("Transfer-Encoding:", OtherCoding)]
    [InlineData("no colon", NoName)]
    [InlineData(": nameless", NoName)]
    [InlineData("Content-Length : 5", NoName)]
    [InlineData("Content-Length\t: 5", NoName)]
    [InlineData("Content Length: 5", NoName)]
    [InlineData("Content-Length\r: 5", NoName)]
    [InlineData("Content-Length\0: 5", NoName)]
    [InlineData(" Content-Length: 5", NoName)] // nothing is before it that could go on
    [InlineData(" \r\nContent-Length: 5", NoName)]
    [InlineData("\r\r\nContent-Length: 5", NoName)]
    public void A_head_that_two_readers_could_read_in_two_ways_is_refused(string fields, string why) =>
        Assert.Equal(why, Refused($"HTTP/1.1 200 OK\r\n{fields}\r\n\r\n"));

    [Theory]
    [InlineData(100, 0, false)]
    [InlineData(101, 0, true)]
    [InlineData(103, 0, false)]
    [InlineData(199, 0, false)]
    [InlineData(204, 0, false)]
    [InlineData(304, 0, false)]
    [InlineData(200, 5, false)]
    [InlineData(205, 5, false)]
    public void A_status_may_say_that_there_is_no_body_whatever_the_length(int status, long length, bool isLast)
    {
        var head = Accepted($"HTTP/1.1 {status} a\r\nContent-Length: 5\r\n\r\n");
        Assert.Equal((BodyFraming.Length, length, isLast), (head.Framing, head.Length, head.IsLast));
        var other = Accepted($"HTTP/1.1 {status} a\r\nTransfer-Encoding: chunked\r\n\r\n");
        Assert.Equal((length > 0 ? BodyFraming.Chunked : BodyFraming.Length, 0), (other.Framing, other.Length));
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    [InlineData(102, true)]
    [InlineData(103, true)]
    [InlineData(199, true)]
    [InlineData(200, false)]
    public void Another_response_comes_after_an_interim_one(int status, bool isInterim) =>
        Assert.Equal(isInterim, Accepted($"HTTP/1.1 {status} a\r\n\r\n").IsInterim);

    [Theory]
    [InlineData("1.1", "", false)]
    [InlineData("1.1", "Connection: close", true)]
    [InlineData("1.1", "connection:CLOSE", true)]
    [InlineData("1.1", "Connection: keep-alive", false)]
    [InlineData("1.1", "Connection: X-A , close", true)]
    [InlineData("1.1", "Connection: X-A,\r\n close", true)]
    [InlineData("1.1", "Connection: keep-alive\r\nConnection: close", true)]
    [InlineData("1.1", "Connection: closed", false)]
    [InlineData("1.1", "X-Connection: close", false)]
    [InlineData("1.0", "", true)]
    [InlineData("1.0", "Connection: Keep-Alive", false)]
    [InlineData("1.0", "Connection: keep-alive, close", true)]
    public void The_head_says_whether_the_connection_is_kept(string version, string field, bool isLast) =>
        Assert.Equal(isLast, Accepted($"HTTP/{version} 200 OK\r\nContent-Length: 5\r\n{field}{(field.Length > 0 ? "\r\n" : "")}\r\n").IsLast);

    [Fact]
    public void HTTP_1_0_has_no_chunks_so_nothing_is_read_after_them() =>
        Assert.Equal(
            new(200, BodyFraming.Chunked, 0, IsLast: true, null),
            Accepted("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"));

    [Theory]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 5\nRetry-After: 7\n\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\nRetry-After: 7\r\n\nhello")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 5\r\nRetry-After: 7\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\nX: a\n b\n \n\tc: d\nContent-Length: 5\nRetry-After:\n 7\n\nhello")]
    public void A_line_may_end_with_LF_alone(string response)
    {
        var head = ResponseHead.Read(RawResponses.Bytes(response), out var length);
        Assert.Equal(new(200, BodyFraming.Length, 5, false, "7"), head);
        Assert.Equal(response.Length - "hello".Length, length);
    }

    [Fact]
    public void A_field_that_goes_on_in_the_next_line_hides_what_looks_like_one_there()
    {
        var head = Accepted("HTTP/1.1 200 OK\r\nX: a\r\n Content-Length: 5\r\n\tTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
        Assert.Equal(new(200, BodyFraming.Connection, 0, true, null), head);
    }

    [Fact]
    public void An_empty_line_ends_the_head_even_if_a_space_comes_after_it()
    {
        Assert.NotNull(ResponseHead.Read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n hel"u8, out var length));
        Assert.Equal("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".Length, length);
    }

    [Fact]
    public void The_longest_head_is_read_and_a_byte_more_is_refused()
    {
        const string beginning = "HTTP/1.1 200 OK\r\nX: ";
        const string end = "\r\nContent-Length: 5\r\n\r\n";
        var filling = new string('x', ResponseHead.Longest - beginning.Length - end.Length);
        Assert.Equal(5, Accepted(beginning + filling + end).Length);
        Assert.Equal(TooLong, Refused(beginning + filling + "x" + end));
        Assert.Equal(TooLong, Refused(beginning + filling + "x" + end + "hello"));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 ")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: ")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\r\n ")]
    public void A_head_without_an_end_is_refused_when_it_is_too_long(string beginning)
    {
        Assert.Null(ResponseHead.Read(RawResponses.Bytes(beginning.PadRight(ResponseHead.Longest, 'x')), out _));
        Assert.Equal(TooLong, Refused(beginning.PadRight(ResponseHead.Longest + 1, 'x')));
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", 0)]
    [InlineData("007", 7)]
    [InlineData("2147483647", 2147483647)]
    [InlineData("Fri, 27 Nov 2026 12:00:30 GMT", 30)]
    [InlineData("Fri, 27 Nov 2026 11:59:50 GMT", -10)] // a clock that is fast
    [InlineData("2147483648", null)]
    [InlineData("-7", null)]
    [InlineData("+7", null)]
    [InlineData("7.5", null)]
    [InlineData("7 s", null)]
    [InlineData("soon", null)]
    [InlineData("", null)]
    [InlineData("\u0667", null)]
    [InlineData("Thu, 27 Nov 2026 12:00:30 GMT", null)] // that is a Friday
    [InlineData("Fri, 27 Nov 2026 12:00:30 +0000", null)]
    [InlineData("2026-11-27T12:00:30Z", null)]
    [InlineData("Friday, 27-Nov-26 12:00:30 GMT", null)] // which only the last century's servers send
    public void When_to_ask_again_is_a_delay_or_a_date(string value, int? seconds)
    {
        var head = Accepted($"HTTP/1.1 429 a\r\nRetry-After: {value}\r\n\r\n");
        Assert.Equal(seconds, head.RetryIn(new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero))?.TotalSeconds);
    }

    [Fact]
    public void What_comes_after_a_head_changes_nothing() => Gen.Select(RawResponses.Any, Gen.Byte.Array[0, 20]).Sample(
        (response, more) =>
        {
            if (TryRead(response) is not ({ } head, var length)) return;
            Assert.Equal((head, length), TryRead([.. response[..length], .. more]));
        },
        iter: 20_000);

    [Fact]
    public void A_part_of_a_head_is_never_one() => RawResponses.Any.Sample(
        response =>
        {
            if (TryRead(response) is not ({ }, var length)) return;
            for (var part = 0; part < length; part++) Assert.Null(ResponseHead.Read(response.AsSpan(0, part), out _));
        },
        iter: 5_000);

    [Fact]
    public void What_is_refused_stays_refused_whatever_comes_after_it() => Gen.Select(RawResponses.Any, Gen.Byte.Array[0, 20]).Sample(
        (response, more) =>
        {
            if (TryRead(response) is null) Assert.Null(TryRead([.. response, .. more]));
        },
        iter: 20_000);

    [Fact]
    public void Any_bytes_are_read_or_refused() =>
        Gen.Select(Gen.OneOf("", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length:"), Gen.Byte.Array[0, 60], Gen.Bool).Sample(
            (beginning, bytes, isEnded) => TryRead([.. RawResponses.Bytes(beginning), .. bytes, .. isEnded ? "\r\n\r\n"u8 : ""u8]),
            iter: 20_000);

    /// <summary>Null: refused. A head of null: not there yet.</summary>
    private static (ResponseHead? Head, int Length)? TryRead(byte[] received)
    {
        try
        {
            var head = ResponseHead.Read(received, out var length);
            Assert.True(head is null or { Status: >= 100 and <= 999, Length: >= 0 });
            Assert.InRange(length, head is null ? 0 : 1, received.Length);
            return (head, length);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static ResponseHead Accepted(string response)
    {
        var head = ResponseHead.Read(RawResponses.Bytes(response), out var length);
        Assert.NotNull(head);
        Assert.Equal(response.Length, length);
        return head;
    }

    private static string Refused(string response) =>
        Assert.Throws<InvalidDataException>(() => ResponseHead.Read(RawResponses.Bytes(response), out _)).Message;
}
