using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Proa.Manifests;

/// <summary>A manifest's value as JSON, as kubectl makes it of YAML 1.1.</summary>
internal static class NodeJson
{
    private static readonly JsonWriterOptions _options = new() { SkipValidation = true, MaxDepth = 1000 };

    /// <summary>The mapping, with no more than these of its entries.</summary>
    public static byte[] Write(Node map, params ReadOnlySpan<string> keys)
    {
        var text = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(text, _options))
        {
            json.WriteStartObject();
            foreach (var key in keys)
            {
                if (map[key] is not { } value) continue;
                json.WritePropertyName(key);
                Write(json, value);
            }

            json.WriteEndObject();
        }

        return text.WrittenSpan.ToArray();
    }

    /// <summary>Whether it is a text for kubectl, too: not <c>5</c> or <c>yes</c> without quotes.</summary>
    public static bool IsText(Node node) =>
        node.Text is { } text && (!node.IsPlain || (Flag(text) is null && IntegerIn(text) is null && !IsReal(text, out _)));

    private static void Write(Utf8JsonWriter json, Node node)
    {
        if (node.Items is { } items)
        {
            json.WriteStartArray();
            foreach (var item in items) Write(json, item);
            json.WriteEndArray();
        }
        else if (node.Entries is { } entries)
        {
            json.WriteStartObject();
            foreach (var (key, value) in entries)
            {
                json.WritePropertyName(key);
                Write(json, value);
            }

            json.WriteEndObject();
        }
        else if (node.Text is not { } text) json.WriteNullValue();
        else if (node.IsPlain) WritePlain(json, text);
        else json.WriteStringValue(text);
    }

    private static void WritePlain(Utf8JsonWriter json, string text)
    {
        if (Flag(text) is { } flag) json.WriteBooleanValue(flag);
        else if (IntegerIn(text) is { } integer) json.WriteNumberValue(integer);
        else if (IsReal(text, out var real)) json.WriteNumberValue(real);
        else json.WriteStringValue(text);
    }

    private static bool? Flag(string text) => text switch
    {
        "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "y" or "Y" => true,
        "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "n" or "N" => false,
        _ => null,
    };

    private static long? IntegerIn(string text)
    {
        if (text[0] == '_') return null;
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        var isNegative = digits.StartsWith('-');
        if (isNegative || digits.StartsWith('+')) digits = digits[1..];
        if (digits.Length == 0 || !char.IsAsciiDigit(digits[0])) return null;
        var (style, start) = digits switch
        {
            ['0', 'x' or 'X', ..] => (NumberStyles.AllowHexSpecifier, 2),
            ['0', 'b' or 'B', ..] => (NumberStyles.AllowBinarySpecifier, 2),
            _ => (NumberStyles.None, 0),
        };
        if (digits is ['0', 'o', _, ..]) digits = "0" + digits[2..];
        if (digits is ['0', .. var octal] && start == 0 && octal.Length > 0) return Octal(octal) is { } mode ? isNegative ? -mode : mode : null;
        return long.TryParse(digits.AsSpan(start), style, CultureInfo.InvariantCulture, out var value) ? isNegative ? -value : value : null;
    }

    /// <summary>A file's mode is written 0644.</summary>
    private static long? Octal(string digits)
    {
        if (digits.Length > 20 || digits.AsSpan().ContainsAnyExceptInRange('0', '7')) return null;
        long value = 0;
        foreach (var digit in digits) value = (value * 8) + (digit - '0');
        return value;
    }

    private static bool IsReal(string text, out double value)
    {
        value = 0;
        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('-' or '+' or '.')) return false;
        var digits = text[0] == '.' ? text : text.Replace("_", "", StringComparison.Ordinal);
        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }
}
