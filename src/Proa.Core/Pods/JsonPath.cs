using System.Text.Json;

namespace Proa.Pods;

/// <summary>Tells where in a JSON text a value is, as <c>$.spec.containers[0].args[1]</c>.</summary>
internal static class JsonPath
{
    /// <summary>Names with one of these are put in brackets.</summary>
    private const string Special = ". '/\"[]()\t\n\r\f\b\\\u0085\u2028\u2029";

    /// <param name="place">Where the value begins. There is one.</param>
    public static string To(ReadOnlySpan<byte> json, int place)
    {
        var reader = new Utf8JsonReader(json, new() { MaxDepth = 1000 });
        var path = "$";
        while (reader.Read() && reader.TokenStartIndex < place) path += Step(ref reader, place);
        return path;
    }

    /// <summary>From the begin of an object or a list to the token before the value in it that has the place.</summary>
    private static string Step(ref Utf8JsonReader reader, int place)
    {
        var isList = reader.TokenType == JsonTokenType.StartArray;
        for (var i = 0; ; i++)
        {
            var name = isList ? "" : NextName(ref reader);
            var value = reader;
            value.Read();
            value.Skip();
            if (value.BytesConsumed > place) return isList ? $"[{i}]" : name.Any(Special.Contains) ? $"['{name}']" : "." + name;
            reader = value;
        }
    }

    private static string NextName(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString()!;
    }
}
