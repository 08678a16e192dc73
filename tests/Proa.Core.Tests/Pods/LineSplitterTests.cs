using System.Text;
using CsCheck;
using Proa.Pods;
using Proa.Tests.Support;

namespace Proa.Tests.Pods;

public sealed class LineSplitterTests
{
    [Theory]
    [InlineData("a\nb\n", "a|b|")]
    [InlineData("a\n\nb\n", "a||b|")]
    [InlineData("\n", "|")]
    [InlineData("a", "")]
    [InlineData("a\nb", "a|")]
    [InlineData("a\r\nb\n", "a\r|b|")]
    [InlineData("", "")]
    public void A_line_ends_at_its_line_feed(string stream, string lines) =>
        Assert.Equal(lines, string.Concat(Split(Encoding.UTF8.GetBytes(stream), []).Select(line => line + "|")));

    [Theory]
    [MemberData(nameof(Recordings.Names), MemberType = typeof(Recordings))]
    public void However_a_recorded_stream_is_split_its_lines_are_the_same(string recording)
    {
        var stream = Recordings.Stream(recording);
        var lines = Encoding.UTF8.GetString(stream).Split('\n')[..^1];
        Assert.True(lines.Length > 5);
        Gen.OneOf<int>(Gen.Int[0, stream.Length], Gen.Int[0, 600]).Array[0, 30].Sample(cuts => Assert.Equal(lines, Split(stream, cuts)), iter: 30);
    }

    [Fact]
    public void Byte_by_byte_the_lines_are_the_same()
    {
        var stream = Recordings.Stream("slow-sidecar");
        Assert.Equal(Encoding.UTF8.GetString(stream).Split('\n')[..^1], Split(stream, Enumerable.Range(0, stream.Length)));
    }

    [Fact]
    public void However_any_stream_is_split_its_lines_are_the_same() =>
        Gen.Select(Gen.OneOf("ab\n".ToCharArray()).Array[0, 60], Gen.Int[0, 60].Array[0, 10]).Sample((text, cuts) =>
            Assert.Equal(new string(text).Split('\n')[..^1], Split(Encoding.UTF8.GetBytes(text), cuts.Where(cut => cut <= text.Length))));

    [Fact]
    public void A_line_is_valid_until_the_next_piece_though_others_are_read()
    {
        var splitter = new LineSplitter();
        splitter.Append("first\nsecond\n"u8);
        Assert.True(splitter.TryRead(out var first));
        Assert.True(splitter.TryRead(out _));
        Assert.False(splitter.TryRead(out _));
        Assert.Equal("first"u8, first);
    }

    [Fact]
    public void A_line_of_the_longest_length_is_accepted()
    {
        var splitter = new LineSplitter(longest: 5);
        splitter.Append("12345"u8);
        splitter.Append("\n"u8);
        Assert.True(splitter.TryRead(out var line));
        Assert.Equal("12345"u8, line);
    }

    [Theory]
    [InlineData("", "123456")]
    [InlineData("12345", "6")]
    [InlineData("12\n34\n", "123456")]
    [InlineData("12\n345", "678")]
    public void A_line_that_has_become_too_long_is_refused(string before, string piece)
    {
        var splitter = new LineSplitter(longest: 5);
        splitter.Append(Encoding.UTF8.GetBytes(before));
        while (splitter.TryRead(out _))
        {
        }

        Assert.Throws<InvalidDataException>(() => splitter.Append(Encoding.UTF8.GetBytes(piece)));
    }

    [Fact]
    public void Lines_read_do_not_count_towards_the_longest()
    {
        var splitter = new LineSplitter(longest: 5);
        for (var i = 0; i < 1000; i++)
        {
            splitter.Append("1234\n"u8);
            Assert.True(splitter.TryRead(out _));
        }
    }

    [Fact]
    public void A_line_without_end_takes_bounded_memory()
    {
        const int longest = 100_000;
        var splitter = new LineSplitter(longest);
        var piece = new byte[1000];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var appended = 0;
        Assert.Throws<InvalidDataException>(() =>
        {
            for (; appended < 100 * longest; appended += piece.Length) splitter.Append(piece);
        });
        Assert.Equal(longest, appended);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 * longest);
    }

    [Fact]
    public void A_long_stream_of_short_lines_takes_the_memory_of_a_short_one()
    {
        var splitter = new LineSplitter();
        var piece = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 99) + "\n", 10)) + new string('y', 50));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            splitter.Append(piece);
            while (splitter.TryRead(out _))
            {
            }
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Theory]
    [InlineData("123456\n")]
    [InlineData("1\n123456\n")]
    [InlineData("1\n123456\n2\n")]
    [InlineData("\n\n1234567890123456789\n")]
    public void A_line_that_is_too_long_is_refused_though_it_ends_in_the_piece_it_begins_in(string piece)
    {
        var splitter = new LineSplitter(longest: 5);
        Assert.Throws<InvalidDataException>(() =>
        {
            splitter.Append(Encoding.UTF8.GetBytes(piece));
            while (splitter.TryRead(out var line)) Assert.InRange(line.Length, 0, 5);
        });
    }

    [Fact]
    public void A_long_piece_of_short_lines_is_not_a_long_line()
    {
        var splitter = new LineSplitter(longest: 5);
        splitter.Append("12345\n12345\n12345\n123"u8);
        var lines = 0;
        while (splitter.TryRead(out _)) lines++;
        Assert.Equal(3, lines);
    }

    private static List<string> Split(byte[] stream, IEnumerable<int> cuts)
    {
        var splitter = new LineSplitter();
        var lines = new List<string>();
        var start = 0;
        foreach (var cut in cuts.Append(stream.Length).Order())
        {
            splitter.Append(stream.AsSpan(start..cut));
            start = cut;
            while (splitter.TryRead(out var line)) lines.Add(Encoding.UTF8.GetString(line));
        }

        return lines;
    }
}
