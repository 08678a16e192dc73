namespace Proa.Fuzz;

/// <summary>A stream that gives these bytes in pieces of these lengths, or shorter ones where the reader has no room.</summary>
internal sealed class StreamInPieces(byte[] bytes, IEnumerable<int> lengths) : Stream
{
    private readonly IEnumerator<int> _lengths = lengths.GetEnumerator();
    private int _at;
    private int _left;

    /// <summary>The input cuts itself: the fuzzer decides where.</summary>
    public static IEnumerable<int> OwnPieces(byte[] input)
    {
        for (var at = 0; at < input.Length; at += 1 + input[at]) yield return Math.Min(1 + input[at], input.Length - at);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override int Read(Span<byte> buffer)
    {
        if (_left == 0 && _lengths.MoveNext()) _left = _lengths.Current;
        var length = Math.Min(_left, buffer.Length);
        bytes.AsSpan(_at, length).CopyTo(buffer);
        _at += length;
        _left -= length;
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
