namespace Proa.Pods;

/// <summary>Puts the lines of a stream together from the pieces it arrives in, within a bound of memory.</summary>
/// <param name="longest">The longest line that is accepted, in bytes.</param>
internal sealed class LineSplitter(int longest = LineSplitter.LongestEvent)
{
    /// <summary>
    /// 3 MiB, as the API server takes them: etcd holds objects of 1.5 MiB at most (etcd's --max-request-bytes), in a denser form than JSON.
    /// </summary>
    public const int LongestEvent = 3 * 1024 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _searched;

    /// <summary>Takes the next piece of the stream. Lines are then read with <see cref="TryRead"/> until there is none.</summary>
    /// <exception cref="InvalidDataException">The line that has begun is longer than the bound.</exception>
    public void Append(ReadOnlySpan<byte> piece)
    {
        var pending = _end - _start;
        if (_buffer.Length - _end < piece.Length)
        {
            var target = _buffer.Length >= pending + piece.Length ? _buffer : new byte[Capacity(pending + piece.Length)];
            _buffer.AsSpan(_start, pending).CopyTo(target);
            _buffer = target;
            _searched -= _start;
            (_start, _end) = (0, pending);
        }

        piece.CopyTo(_buffer.AsSpan(_end));
        _end += piece.Length;
        if (_end - _start > longest && !_buffer.AsSpan(_start, _end - _start).Contains((byte)'\n')) throw TooLong();
    }

    /// <summary>Gives the next whole line, without its line feed; it is valid until the next call of <see cref="Append"/>.</summary>
    /// <exception cref="InvalidDataException">The line is longer than the bound.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        var length = _buffer.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
        if (length < 0)
        {
            _searched = _end;
            line = default;
            return false;
        }

        var feed = _searched + length;
        if (feed - _start > longest) throw TooLong();
        line = _buffer.AsSpan(_start, feed - _start);
        _start = _searched = feed + 1;
        return true;
    }

    /// <summary>Twice as much as is needed now, but not more than will be.</summary>
    private int Capacity(int needed) => Math.Max(needed, (int)Math.Clamp(2L * needed, 4096, longest + 4096L));

    private InvalidDataException TooLong() => new($"a line is longer than {longest} bytes");
}
