using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Proa.Pods;

/// <summary>
/// How much of a JSON text is kept when it is read: what of it has a place in the model. A text of 1 MB of braces would be some 40 MB of
/// objects; one with 1 MB of annotations, of which none is read, is almost none.
/// </summary>
internal static class KeptBytes
{
    /// <summary>An object is some 100 bytes, a text twice its length: some 5 MB of memory. A Pod with 500 containers keeps 300 kB.</summary>
    public const int Most = 1024 * 1024;

    private const int PerValue = 24;

    /// <summary>Whether no more is kept than that.</summary>
    /// <param name="most">How much may be kept, in bytes.</param>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static bool Fit(ReadOnlySpan<byte> json, JsonTypeInfo type, int most = Most)
    {
        var reader = new Utf8JsonReader(json);
        var left = most;
        return !reader.Read() || Fit(ref reader, type, ref left);
    }

    /// <summary>Reads one value to its end, as far as all fits.</summary>
    private static bool Fit(ref Utf8JsonReader reader, JsonTypeInfo type, ref int left)
    {
        left -= PerValue + reader.ValueSpan.Length;
        if (left < 0) return false;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                var element = type.ElementType is { } of ? PodJsonContext.Default.GetTypeInfo(of) : null;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (!FitOrSkip(ref reader, element, ref left)) return false;
                }

                return true;
            case JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var property = PropertyAt(ref reader, type);
                    reader.Read();
                    if (!FitOrSkip(ref reader, property is null ? null : PodJsonContext.Default.GetTypeInfo(property.PropertyType), ref left)) return false;
                }

                return true;
            default:
                return true;
        }
    }

    private static bool FitOrSkip(ref Utf8JsonReader reader, JsonTypeInfo? type, ref int left)
    {
        if (type is not null) return Fit(ref reader, type, ref left);
        reader.Skip();
        return true;
    }

    private static JsonPropertyInfo? PropertyAt(ref Utf8JsonReader reader, JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object) return null;
        foreach (var property in type.Properties)
        {
            if (reader.ValueTextEquals(property.Name)) return property;
        }

        return null;
    }
}
