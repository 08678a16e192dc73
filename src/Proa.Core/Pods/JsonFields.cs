using System.Text.Json;

namespace Proa.Pods;

/// <summary>Reads a value, whose first token comes next; null where it is null.</summary>
internal delegate T? JsonValue<T>(ref JsonFields json)
    where T : class;

/// <summary>
/// Reads a JSON text once, from its begin to its end, a value of an expected type at a time. Whatever is not as expected is a
/// <see cref="JsonException"/>; text that is not UTF-8 is an <see cref="InvalidOperationException"/>.
/// </summary>
/// <param name="most">
/// How much may be kept, in bytes: what is read, but not what is skipped. A text of 1 MB of braces would be some 40 MB of objects; one with 1 MB of
/// annotations, of which none is read, is almost none.
/// </param>
internal ref struct JsonFields(ReadOnlySpan<byte> text, int most)
{
    /// <summary>An object is some 100 bytes, a text twice its length: some 5 MB of memory. A Pod with 500 containers keeps 300 kB.</summary>
    public const int Most = 1024 * 1024;

    private const int PerValue = 24;

    private Utf8JsonReader _reader = new(text);
    private int _left = most;

    /// <summary>Whether the reader is at the value that comes next, and not before it: an element of a list.</summary>
    private bool _isAhead;

    /// <summary>Where the value begins that was read last, or skipped.</summary>
    public int Place { get; private set; }

    /// <summary>A variable with a longer value is one without: in bytes, as it is written. What we have written ourselves we want back.</summary>
    public int LongestVariable { get; set; } = KnownVariables.LongestValue;

    /// <summary>Reads a whole text; null where it is null, or not as expected.</summary>
    /// <param name="refused">Where the value begins that is not as expected; else -1.</param>
    public static T? Whole<T>(ReadOnlySpan<byte> text, JsonValue<T> read, out int refused, int most = Most)
        where T : class
    {
        var json = new JsonFields(text, most);
        try
        {
            var value = read(ref json);
            json._reader.Read(); // throws where something follows
            refused = -1;
            return value;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            refused = json.Place;
            return null;
        }
    }

    /// <summary>Begins an object; false where it is null.</summary>
    public bool IsObject() => Begins(JsonTokenType.StartObject);

    /// <summary>Goes on to the next field's name; false at the object's end.</summary>
    public bool NextField()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.PropertyName) return false;
        // A name that no text can be is refused, whatever it is compared with.
        if (_reader.ValueIsEscaped) _ = _reader.ValueTextEquals(_reader.ValueSpan);
        return true;
    }

    public readonly bool Is(ReadOnlySpan<byte> name) => _reader.ValueTextEquals(name);

    public void Skip()
    {
        Advance();
        _reader.Skip();
    }

    public string? Text() => Next() switch
    {
        JsonTokenType.String => _reader.GetString(),
        JsonTokenType.Null => null,
        _ => throw new JsonException(),
    };

    public int? Number() => Next() switch
    {
        JsonTokenType.Number when _reader.TryGetInt32(out var number) => number,
        JsonTokenType.Null => null,
        _ => throw new JsonException(),
    };

    /// <summary>A number that is not null.</summary>
    public int SomeNumber() => Number() ?? throw new JsonException();

    public long? LongNumber() => Next() switch
    {
        JsonTokenType.Number when _reader.TryGetInt64(out var number) => number,
        JsonTokenType.Null => null,
        _ => throw new JsonException(),
    };

    public bool? Flag() => Next() switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        JsonTokenType.Null => null,
        _ => throw new JsonException(),
    };

    /// <summary>The API's IntOrString as text. Total: anything else is empty.</summary>
    public string NumberOrText()
    {
        switch (Next())
        {
            case JsonTokenType.String: return _reader.GetString()!;
            case JsonTokenType.Number when _reader.TryGetInt32(out var number): return number.ToString(System.Globalization.CultureInfo.InvariantCulture);
            default:
                _reader.Skip();
                return "";
        }
    }

    public KnownVariables? Variables() => Next() == JsonTokenType.Null ? null : KnownVariables.Read(ref _reader, LongestVariable);

    public T?[]? List<T>(JsonValue<T> read)
        where T : class
    {
        if (!Begins(JsonTokenType.StartArray)) return null;
        var values = new List<T?>();
        while (NextElement()) values.Add(read(ref this));
        return [.. values];
    }

    public string?[]? Texts() => List(static (ref json) => json.Text());

    public int[]? Numbers()
    {
        if (!Begins(JsonTokenType.StartArray)) return null;
        var numbers = new List<int>();
        while (NextElement()) numbers.Add(SomeNumber());
        return [.. numbers];
    }

    private bool Begins(JsonTokenType begin)
    {
        var next = Next();
        return next == begin || (next == JsonTokenType.Null ? false : throw new JsonException());
    }

    /// <summary>Goes on to the list's next element, which is then to be read; false at the list's end.</summary>
    private bool NextElement()
    {
        _reader.Read();
        return _isAhead = _reader.TokenType != JsonTokenType.EndArray;
    }

    /// <summary>Goes on to a value that is kept.</summary>
    private JsonTokenType Next()
    {
        Advance();
        _left -= PerValue + _reader.ValueSpan.Length;
        return _left >= 0 ? _reader.TokenType : throw new JsonException();
    }

    private void Advance()
    {
        if (!_isAhead) _reader.Read();
        _isAhead = false;
        Place = (int)_reader.TokenStartIndex;
    }
}
