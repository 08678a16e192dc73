using System.Globalization;
using System.Text;

namespace Proa;

/// <summary>
/// Foreign text as it may be shown: what controls a terminal, breaks a line or changes the order of what is read (Unicode categories Cc,
/// Cf, Zl, Zp, and what has no meaning: Co, Cn) becomes <c>\u001b</c>. A backslash stays as it is.
/// </summary>
internal static class Printable
{
    /// <summary>Escapes all that is not printable: the result is one line.</summary>
    public static string Line(string text)
    {
        if (IsPrintable(text)) return text;
        var line = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes()) Append(line, rune);
        return line.ToString();
    }

    /// <summary>
    /// Keeps line breaks, and escapes the rest. All lines but the first are indented: a line break within a foreign text cannot make a line
    /// that looks like one of proa's.
    /// </summary>
    public static string Lines(string text, string indent)
    {
        return string.Join("\n" + indent, text.Split('\n').Select(Line));
    }

    /// <summary>The same JSON, escaped further: what is not printable can only be in its strings. Its own line breaks must not be there.</summary>
    public static ReadOnlySpan<byte> Json(ReadOnlySpan<byte> json)
    {
        if (!json.ContainsAnyExceptInRange((byte)' ', (byte)'~')) return json;
        var escaped = new StringBuilder(json.Length + 64);
        foreach (var rune in Encoding.UTF8.GetString(json).EnumerateRunes()) AppendUnits(escaped, rune, isEscaped: !IsPrintable(rune));
        return Encoding.UTF8.GetBytes(escaped.ToString());
    }

    /// <summary>The text as a JSON string, with its quotes (RFC 8259, section 7), in which all that is not printable is escaped.</summary>
    public static void AppendJson(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\') json.Append('\\').Append((char)rune.Value);
            else if (ShortEscape(rune) is { } escape) json.Append(escape);
            else AppendUnits(json, rune, isEscaped: !IsPrintable(rune));
        }

        json.Append('"');
    }

    private static bool IsPrintable(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return true;
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsPrintable(rune)) return false;
        }

        return true;
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control
        or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse
        or UnicodeCategory.Surrogate
        or UnicodeCategory.OtherNotAssigned);

    private static string? ShortEscape(Rune rune) => rune.Value switch { '\n' => "\\n", '\r' => "\\r", '\t' => "\\t", _ => null };

    private static void Append(StringBuilder line, Rune rune)
    {
        if (IsPrintable(rune)) line.Append(rune.ToString());
        else if (ShortEscape(rune) is { } escape) line.Append(escape);
        else line.Append(rune.IsBmp ? "\\u" : "\\U").Append(rune.Value.ToString(rune.IsBmp ? "x4" : "x8", CultureInfo.InvariantCulture));
    }

    /// <summary>JSON has no escape above U+FFFF: there the two halves of its UTF-16 are written.</summary>
    private static void AppendUnits(StringBuilder json, Rune rune, bool isEscaped)
    {
        Span<char> units = stackalloc char[2];
        foreach (var unit in units[..rune.EncodeToUtf16(units)])
        {
            if (isEscaped) json.Append("\\u").Append(((int)unit).ToString("X4", CultureInfo.InvariantCulture));
            else json.Append(unit);
        }
    }
}
