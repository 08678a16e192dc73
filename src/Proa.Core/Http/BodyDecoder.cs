namespace Proa.Http;

/// <summary>Takes a response's body out of what arrives after its head, in pieces of any size.</summary>
/// <param name="framing">How the body ends.</param>
/// <param name="length">Its length in bytes, where that is how.</param>
internal sealed class BodyDecoder(BodyFraming framing, long length)
{
    /// <summary>The longest line that gives a chunk's size, in bytes: the size, and extensions, which are skipped.</summary>
    public const int LongestLine = 4 * 1024;

    private const int MostDigits = 15;

    private Part _next = framing == BodyFraming.Chunked ? Part.Size : Part.Data;
    private long _left = framing == BodyFraming.Connection ? long.MaxValue : length;
    private int _trailer;

    private enum Part
    {
        Size,
        Data,
        EndOfData,
        Trailer,
        None,
    }

    /// <summary>Whether all of it has been taken.</summary>
    public bool IsComplete => framing == BodyFraming.Chunked ? _next == Part.None : _left == 0;

    /// <summary>Whether the body is whole if the connection ends here.</summary>
    public bool MayEndHere => IsComplete || framing == BodyFraming.Connection;

    /// <summary>Takes what there is room for.</summary>
    /// <param name="received">What has arrived. What is left of it when this returns goes before what arrives next.</param>
    /// <returns>How many bytes of the body are in <paramref name="into"/> now. 0: more must arrive, unless <see cref="IsComplete"/>.</returns>
    /// <exception cref="InvalidDataException">It is not a body in chunks.</exception>
    public int Decode(ref ReadOnlySpan<byte> received, Span<byte> into)
    {
        while (!IsComplete)
        {
            // At most of one chunk: what comes before a bad one is there, however they arrive.
            if (_next == Part.Data) return Take(ref received, into);
            var feed = received.IndexOf((byte)'\n');
            if ((feed < 0 ? received.Length : feed) > LongestLine) throw Invalid();
            if (feed < 0) return 0;
            var line = received[..feed];
            received = received[(feed + 1)..];
            Line(line.EndsWith("\r"u8) ? line[..^1] : line);
        }

        return 0;
    }

    private int Take(ref ReadOnlySpan<byte> received, Span<byte> into)
    {
        var taken = (int)Math.Min(_left, Math.Min(received.Length, into.Length));
        received[..taken].CopyTo(into);
        received = received[taken..];
        if (framing != BodyFraming.Connection) _left -= taken;
        if (_left == 0 && framing == BodyFraming.Chunked) _next = Part.EndOfData;
        return taken;
    }

    private void Line(ReadOnlySpan<byte> line)
    {
        switch (_next)
        {
            case Part.Size:
                _left = Size(line);
                _next = _left == 0 ? Part.Trailer : Part.Data;
                break;
            case Part.EndOfData:
                if (!line.IsEmpty) throw Invalid();
                _next = Part.Size;
                break;
            default:
                _trailer += line.Length;
                if (_trailer > ResponseHead.Longest) throw Invalid();
                if (line.IsEmpty) _next = Part.None;
                break;
        }
    }

    /// <summary>Hexadecimal digits, and perhaps extensions.</summary>
    private static long Size(ReadOnlySpan<byte> line)
    {
        var end = line.IndexOf((byte)';');
        var digits = (end < 0 ? line : line[..end]).TrimEnd(" \t"u8);
        if (digits.IsEmpty || digits.Length > MostDigits) throw Invalid();
        var size = 0L;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiHexDigit((char)digit)) throw Invalid();
            size = (size << 4) + (char.IsAsciiDigit((char)digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return size;
    }

    private static InvalidDataException Invalid() => new("the body of the response is not in chunks as its head says");
}
