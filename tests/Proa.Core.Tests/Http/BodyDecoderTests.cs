using System.Text;
using CsCheck;
using Proa.Http;

namespace Proa.Tests.Http;

public sealed class BodyDecoderTests
{
    private const string Refused = "the body of the response is not in chunks as its head says";

    [Theory]
    [InlineData(0, "", "", true, "")]
    [InlineData(0, "more", "", true, "more")]
    [InlineData(5, "hello", "hello", true, "")]
    [InlineData(5, "hello, world", "hello", true, ", world")]
    [InlineData(5, "hell", "hell", false, "")]
    [InlineData(5, "", "", false, "")]
    [InlineData(999_999_999_999_999_999, "hello", "hello", false, "")]
    public void A_body_has_its_length(long length, string received, string body, bool isComplete, string rest) =>
        Assert.Equal(new(body, isComplete, isComplete, rest), Decoded(BodyFraming.Length, length, received));

    [Theory]
    [InlineData("")]
    [InlineData("hello\r\n0\r\n\r\n")]
    public void A_body_without_one_ends_with_the_connection(string received) =>
        Assert.Equal(new(received, IsComplete: false, MayEndHere: true, ""), Decoded(BodyFraming.Connection, 0, received));

    [Theory]
    [InlineData("0\r\n\r\n", "")]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", "hello")]
    [InlineData("5\r\nhello\r\n2\r\n, \r\n5\r\nworld\r\n0\r\n\r\n", "hello, world")]
    [InlineData("b\r\nhello\r\n0\r\n\r\n", "hello\r\n0\r\n\r", false)] // it ends in the chunk
    [InlineData("A\r\n0123456789\r\n000\r\n\r\n", "0123456789")]
    [InlineData("000000000000005\r\nhello\r\n0\r\n\r\n", "hello")]
    [InlineData("5;a=b;c=\"d\"\r\nhello\r\n0;e\r\n\r\n", "hello")]
    [InlineData("5 \t; a\rb\r\nhello\r\n0 \r\n\r\n", "hello")]
    [InlineData("5\nhello\n0\n\n", "hello")]
    [InlineData("0\r\nA: b\r\nno colon\r\n c\r\n\r\n", "")]
    public void Chunks_have_sizes_and_extensions_and_a_trailer_that_are_skipped(string received, string body, bool isComplete = true)
    {
        Assert.Equal(new(body, isComplete, isComplete, ""), Decoded(BodyFraming.Chunked, 0, received));
        if (isComplete) Assert.Equal("more", Decoded(BodyFraming.Chunked, 0, received + "more").Rest);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5\r")]
    [InlineData("5\r\n")]
    [InlineData("5\r\nhello")]
    [InlineData("5\r\nhello\r")]
    [InlineData("5\r\nhello\r\n")]
    [InlineData("5\r\nhello\r\n0")]
    [InlineData("5\r\nhello\r\n0\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nA: b\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nA: b\r\n\r")]
    [InlineData("fffffffffffffff\r\nhello")]
    public void Chunks_may_not_end_before_the_last_one(string received)
    {
        var decoded = Decoded(BodyFraming.Chunked, 0, received);
        Assert.False(decoded.IsComplete || decoded.MayEndHere);
        Assert.Equal(received.Contains("hello", StringComparison.Ordinal) ? "hello" : "", decoded.Body);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData(";a\r\n")]
    [InlineData(" 5\r\nhello\r\n")]
    [InlineData("-5\r\nhello\r\n")]
    [InlineData("+5\r\nhello\r\n")]
    [InlineData("0x5\r\nhello\r\n")]
    [InlineData("5h\r\nhello\r\n")]
    [InlineData("5 5\r\nhello\r\n")]
    [InlineData("5,\r\nhello\r\n")]
    [InlineData("5\r\r\nhello\r\n")]
    [InlineData("g\r\n")]
    [InlineData("\u0665\r\n")]
    [InlineData("1000000000000000\r\n")] // 16 digits
    [InlineData("ffffffffffffffff\r\n")]
    [InlineData("10000000000000005\r\nhello\r\n")]
    [InlineData("0000000000000005\r\nhello\r\n")]
    [InlineData("5\r\nhello0\r\n\r\n")]
    [InlineData("5\r\nhello, world\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello \r\n0\r\n\r\n")]
    [InlineData("5\r\nhello\r\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello\r\n\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    public void Anything_else_is_refused(string received) => Assert.Equal(Refused, Decoded(BodyFraming.Chunked, 0, received).Body);

    [Theory]
    [InlineData("5;", "hello\r\n0\r\n\r\n", "hello")]
    [InlineData("5\r\nhello\r\n0;", "\r\n", "hello")]
    [InlineData("0\r\nA: ", "\r\n", "")]
    public void A_line_beside_the_chunks_has_a_longest_length(string before, string after, string body)
    {
        var room = BodyDecoder.LongestLine - 1 - before[(before.LastIndexOf('\n') + 1)..].Length;
        Assert.Equal(new(body, true, true, ""), Decoded(BodyFraming.Chunked, 0, before + new string('x', room) + "\r\n" + after));
        Assert.Equal(Refused, Decoded(BodyFraming.Chunked, 0, before + new string('x', room + 1) + "\r\n" + after).Body);
        // It need not have come to its end.
        Assert.Equal(Refused, Decoded(BodyFraming.Chunked, 0, before + new string('x', room + 2)).Body);
    }

    [Fact]
    public void What_stands_where_a_chunk_should_end_is_not_kept_for_ever() =>
        Assert.Equal(Refused, Decoded(BodyFraming.Chunked, 0, "5\r\nhello" + new string('x', BodyDecoder.LongestLine + 1)).Body);

    [Fact]
    public void A_trailer_has_a_longest_length()
    {
        var lines = ResponseHead.Longest / 16;
        Assert.True(Decoded(BodyFraming.Chunked, 0, "0\r\n" + Trailer(lines) + "\r\n").IsComplete);
        Assert.Equal(Refused, Decoded(BodyFraming.Chunked, 0, "0\r\n" + Trailer(lines + 1) + "\r\n").Body);

        static string Trailer(int lines) => string.Concat(Enumerable.Repeat("A: 3456789abcdef\r\n", lines));
    }

    [Fact]
    public void A_body_that_is_complete_takes_no_more()
    {
        var body = new BodyDecoder(BodyFraming.Chunked, 0);
        ReadOnlySpan<byte> received = "0\r\n\r\n5\r\nhello\r\n"u8;
        Assert.Equal(0, body.Decode(ref received, new byte[10]));
        Assert.True(body.IsComplete);
        Assert.Equal(0, body.Decode(ref received, new byte[10]));
        Assert.Equal("5\r\nhello\r\n", Encoding.Latin1.GetString(received));
    }

    [Fact]
    public void Without_room_nothing_is_lost()
    {
        var body = new BodyDecoder(BodyFraming.Chunked, 0);
        ReadOnlySpan<byte> received = "5\r\nhello\r\n0\r\n\r\n"u8;
        Assert.Equal(0, body.Decode(ref received, []));
        Assert.False(body.IsComplete);
        var into = new byte[10];
        Assert.Equal(5, body.Decode(ref received, into));
        Assert.Equal("hello", Encoding.Latin1.GetString(into, 0, 5));
        Assert.Equal(0, body.Decode(ref received, []));
        Assert.True(body.IsComplete);
    }

    [Fact]
    public void However_a_response_is_cut_it_is_the_same() => Gen.Select(RawResponses.Any, Gen.Int[1, 20].Array[1, 10], Gen.Int[1, 8]).Sample(
        (response, pieces, room) =>
        {
            var whole = Outcome(response, [response.Length + 1], response.Length + 1);
            Assert.Equal(whole, Outcome(response, [1], 1));
            Assert.Equal(whole, Outcome(response, pieces, room));
        },
        iter: 20_000);

    [Fact]
    public void A_body_of_well_formed_chunks_is_what_is_in_them() =>
        Gen.Select(Gen.Byte.Array[1, 300].Array[0, 6], Gen.Int[1, 400].Array[1, 6], Gen.Int[1, 400]).Sample((chunks, pieces, room) =>
        {
            byte[] response =
            [
                .. "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8,
                .. chunks.SelectMany(chunk => (byte[])[.. RawResponses.Bytes($"{chunk.Length:x}\r\n"), .. chunk, .. "\r\n"u8]),
                .. "0\r\n\r\n"u8,
            ];
            Assert.Equal(
                $"{new ResponseHead(200, BodyFraming.Chunked, 0, false, null)} {Convert.ToHexString([.. chunks.SelectMany(b => b)])} complete, rest ",
                Outcome(response, pieces, room));
        });

    /// <summary>What becomes of a response that comes in pieces of these lengths, in turn, to somebody who has room for so many bytes at a time.</summary>
    private static string Outcome(byte[] response, int[] pieces, int room)
    {
        var received = new List<byte>();
        ResponseHead? head = null;
        BodyDecoder? decoder = null;
        var body = new List<byte>();
        var into = new byte[room];
        try
        {
            for (int at = 0, turn = 0; at < response.Length; turn++)
            {
                var piece = Math.Min(pieces[turn % pieces.Length], response.Length - at);
                received.AddRange(response.AsSpan(at, piece));
                at += piece;
                while (head is null or { IsInterim: true } && ResponseHead.Read(received.ToArray(), out var length) is { } next)
                {
                    received.RemoveRange(0, length);
                    (head, decoder) = (next, new(next.Framing, next.Length));
                }

                if (head is null or { IsInterim: true }) continue;
                while (Take() is > 0 and var written) body.AddRange(into.AsSpan(0, written));
            }
        }
        catch (InvalidDataException e)
        {
            // What is quoted is what has arrived.
            return $"{head} {Convert.ToHexString([.. body])} refused: {e.Message.Split('"')[0]}";
        }

        var end = decoder is null ? "no head" : decoder.IsComplete ? "complete" : decoder.MayEndHere ? "ended" : "broken off";
        return $"{head} {Convert.ToHexString([.. body])} {end}, rest {Convert.ToHexString([.. received])}";

        int Take()
        {
            ReadOnlySpan<byte> rest = received.ToArray();
            var written = decoder!.Decode(ref rest, into);
            Assert.InRange(written, 0, room);
            received.RemoveRange(0, received.Count - rest.Length);
            return written;
        }
    }

    private static Result Decoded(BodyFraming framing, long length, string received)
    {
        var decoder = new BodyDecoder(framing, length);
        ReadOnlySpan<byte> rest = RawResponses.Bytes(received);
        var into = new byte[received.Length + 1];
        var total = 0;
        try
        {
            for (int written; (written = decoder.Decode(ref rest, into.AsSpan(total))) > 0;) total += written;
            return new(Encoding.Latin1.GetString(into, 0, total), decoder.IsComplete, decoder.MayEndHere, Encoding.Latin1.GetString(rest));
        }
        catch (InvalidDataException e)
        {
            return new(e.Message, false, false, "");
        }
    }

    private sealed record Result(string Body, bool IsComplete, bool MayEndHere, string Rest);
}
