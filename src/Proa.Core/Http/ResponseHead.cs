using System.Globalization;
using System.Text;

namespace Proa.Http;

/// <summary>How the end of a body is told ("Message Body Length", RFC 9112 section 6.3).</summary>
internal enum BodyFraming
{
    /// <summary>By its length, which may be 0.</summary>
    Length,

    /// <summary>By the last of its chunks.</summary>
    Chunked,

    /// <summary>By the end of the connection.</summary>
    Connection,
}

/// <summary>The status line and the header of a response, as far as proa reads them (RFC 9112).</summary>
/// <param name="Status">100 to 999.</param>
/// <param name="Framing">How its body ends.</param>
/// <param name="Length">The body's length in bytes, where that is how it ends.</param>
/// <param name="IsLast">Whether the server closes the connection after it.</param>
/// <param name="RetryAfter">The field of that name, or null.</param>
internal sealed record ResponseHead(int Status, BodyFraming Framing, long Length, bool IsLast, string? RetryAfter)
{
    /// <summary>The longest head that is read, in bytes.</summary>
    public const int Longest = 64 * 1024;

    /// <summary>The beginning of the error message for a response that is not HTTP/1.0 or 1.1.</summary>
    public const string NotHttpMessage = "the response is not HTTP/1.1";

    private const int MostDigits = 18;
    private const int LongestQuote = 60;
    private const int SwitchingProtocols = 101;

    /// <summary>Whether the response proper comes after it: 100 Continue, 103 Early Hints.</summary>
    public bool IsInterim => Status is >= 100 and < 200 and not SwitchingProtocols;

    /// <summary>Reads a head.</summary>
    /// <param name="received">What has arrived, from the head's beginning.</param>
    /// <param name="length">The head's length in bytes, with the empty line at its end.</param>
    /// <returns>Null where it has not arrived as a whole.</returns>
    /// <exception cref="InvalidDataException">It is not HTTP/1.0 or 1.1, does not tell how the body ends, or is longer than <see cref="Longest"/>.</exception>
    public static ResponseHead? Read(ReadOnlySpan<byte> received, out int length)
    {
        // What is no HTTP may have no lines at all.
        if (!IsPrefix(received)) throw NoHttp(received);
        var rest = received[..Math.Min(received.Length, Longest)];
        var (status, isOld) = TryCutLine(ref rest, out var line) ? StatusLine(line) : default;
        // The fields are read once, however many pieces they arrive in.
        length = Find(received);
        if ((length > 0 ? length : received.Length) > Longest) throw new InvalidDataException($"the head of the response is longer than {Longest} bytes");
        if (length == 0) return null;
        var fields = default(Fields);
        while (TryCutField(ref rest, out var field)) fields.Add(field);
        return fields.Head(status, isOld);
    }

    /// <summary>Where the first empty line ends; 0: there is none.</summary>
    private static int Find(ReadOnlySpan<byte> received)
    {
        var withReturn = received.IndexOf("\n\r\n"u8);
        var alone = (withReturn < 0 ? received : received[..(withReturn + 1)]).IndexOf("\n\n"u8);
        return alone >= 0 ? alone + 2 : withReturn >= 0 ? withReturn + 3 : 0;
    }

    /// <summary>Cuts a line off, without its end: CRLF, or LF alone.</summary>
    private static bool TryCutLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        var feed = rest.IndexOf((byte)'\n');
        line = feed < 0 ? default : WithoutReturn(rest[..feed]);
        rest = rest[(feed + 1)..];
        return feed >= 0;
    }

    /// <summary>Cuts off a line that is not empty, and with it, breaks and all, those that it goes on in (obsolete, RFC 9112 section 5.2).</summary>
    private static bool TryCutField(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> field)
    {
        var feed = rest.IndexOf((byte)'\n');
        field = WithoutReturn(rest[..feed]);
        if (field.IsEmpty) return false;
        while (rest[feed + 1] is (byte)' ' or (byte)'\t') feed += 1 + rest[(feed + 1)..].IndexOf((byte)'\n');
        field = WithoutReturn(rest[..feed]);
        rest = rest[(feed + 1)..];
        return true;
    }

    private static ReadOnlySpan<byte> WithoutReturn(ReadOnlySpan<byte> line) => line.EndsWith("\r"u8) ? line[..^1] : line;

    private static bool IsPrefix(ReadOnlySpan<byte> received)
    {
        var beginning = "HTTP/1."u8;
        var length = Math.Min(received.Length, beginning.Length);
        return received[..length].SequenceEqual(beginning[..length]);
    }

    private static (int Status, bool IsOld) StatusLine(ReadOnlySpan<byte> line)
    {
        // HTTP/1.1 200, and whatever reason
        if (line.Length < 12 || !IsPrefix(line) || !char.IsAsciiDigit((char)line[7]) || line[8] != ' ' || (line.Length > 12 && line[12] != ' '))
            throw NoHttp(line);
        return TryNumber(line[9..12], out var status) && status >= 100 ? ((int)status, line[7] == '0') : throw NoHttp(line);
    }

    private static InvalidDataException NoHttp(ReadOnlySpan<byte> received)
    {
        var end = received.IndexOf((byte)'\n');
        var beginning = WithoutReturn(received[..Math.Min(end < 0 ? received.Length : end, LongestQuote)]);
        return new($"{NotHttpMessage}, it begins with \"{Encoding.Latin1.GetString(beginning)}\"");
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out long number)
    {
        number = 0;
        if (digits.IsEmpty || digits.Length > MostDigits) return false;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit)) return false;
            number = (10 * number) + digit - '0';
        }

        return true;
    }

    /// <summary>The fields that proa reads.</summary>
    private struct Fields
    {
        private long? _length;
        private bool _isChunked;
        private bool _closes;
        private bool _keepsOpen;
        private string? _retryAfter;

        public void Add(ReadOnlySpan<byte> line)
        {
            var colon = line.IndexOf((byte)':');
            // A space before the colon lets two readers read two things (RFC 9112 section 5.1).
            if (colon <= 0 || line[..colon].ContainsAny(" \t\r\0"u8)) throw new InvalidDataException("a field in the head of the response has no name");
            var value = line[(colon + 1)..].Trim(" \t\r\n"u8);
            if (Is(line[..colon], "content-length"u8)) AddLength(value);
            else if (Is(line[..colon], "transfer-encoding"u8)) AddEncoding(value);
            else if (Is(line[..colon], "connection"u8)) AddConnection(value);
            else if (Is(line[..colon], "retry-after"u8)) _retryAfter = Encoding.ASCII.GetString(value);
        }

        public readonly ResponseHead Head(int status, bool isOld)
        {
            var hasNoBody = status is (>= 100 and < 200) or 204 or 304;
            var framing = hasNoBody ? BodyFraming.Length : _isChunked ? BodyFraming.Chunked : _length is not null ? BodyFraming.Length : BodyFraming.Connection;
            // Of both, either the server or somebody on the way is wrong (RFC 9112 section 6.3), and HTTP/1.0 has no chunks (section 6.1): nothing is
            // read after it.
            var isDoubtful = _isChunked && (_length is not null || isOld);
            return new(
                status,
                framing,
                framing == BodyFraming.Length && !hasNoBody ? _length ?? 0 : 0,
                _closes || isDoubtful || status == SwitchingProtocols || framing == BodyFraming.Connection || (isOld && !_keepsOpen),
                _retryAfter);
        }

        /// <summary>One length, which may be said more than once: a list, or more fields than one.</summary>
        private void AddLength(ReadOnlySpan<byte> value)
        {
            foreach (var part in value.Split((byte)','))
            {
                if (!TryNumber(value[part].Trim(" \t\r\n"u8), out var length) || (_length ?? length) != length)
                    throw new InvalidDataException("the response has no length that is a number");
                _length = length;
            }
        }

        /// <summary>No other coding is asked for.</summary>
        private void AddEncoding(ReadOnlySpan<byte> value)
        {
            if (_isChunked || !Is(value, "chunked"u8)) throw new InvalidDataException("the response has a transfer coding that was not asked for");
            _isChunked = true;
        }

        private void AddConnection(ReadOnlySpan<byte> value)
        {
            foreach (var part in value.Split((byte)','))
            {
                // A line that goes on in the next has a break in it.
                var option = value[part].Trim(" \t\r\n"u8);
                _closes |= Is(option, "close"u8);
                _keepsOpen |= Is(option, "keep-alive"u8);
            }
        }

        private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(text, other);
    }

    /// <summary>
    /// When the server wants to be asked again, by <see cref="RetryAfter"/>: in so many seconds, or on a date (RFC 9110 section 10.2.3); null if
    /// it does not say.
    /// </summary>
    public TimeSpan? RetryIn(DateTimeOffset now)
    {
        if (RetryAfter is null) return null;
        if (int.TryParse(RetryAfter, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return TimeSpan.FromSeconds(seconds);
        return DateTimeOffset.TryParseExact(RetryAfter, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date - now : null;
    }
}
