using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Proa.PodSimulator;

/// <summary>Reads YAML into JSON, with the line of every field.</summary>
internal static class YamlReader
{
    public static IReadOnlyList<ManifestDocument> Read(string text, string file)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException error)
        {
            throw new ManifestException(file, (int)error.Start.Line, null, $"invalid YAML: {error.InnerException?.Message ?? error.Message}");
        }

        var documents = new List<ManifestDocument>();
        foreach (var document in stream.Documents)
        {
            var lines = new Dictionary<string, int>(StringComparer.Ordinal);
            switch (Convert(document.RootNode, "", file, lines))
            {
                case JsonObject root:
                    documents.Add(new ManifestDocument(file, root, lines));
                    break;
                case null:
                    break;
                default:
                    throw new ManifestException(file, lines[""], null, "a document must be a mapping with apiVersion, kind, metadata");
            }
        }

        return documents;
    }

    private static JsonNode? Convert(YamlNode node, string path, string file, Dictionary<string, int> lines)
    {
        lines[path] = (int)node.Start.Line;
        switch (node)
        {
            case YamlMappingNode mapping:
                var result = new JsonObject();
                foreach (var (key, value) in mapping.Children)
                {
                    var name = (key as YamlScalarNode)?.Value
                        ?? throw new ManifestException(file, (int)key.Start.Line, path, "a field's name must be a string");
                    result[name] = Convert(value, ManifestDocument.Join(path, name), file, lines);
                    // The key's line, as the value of a mapping or list begins below it.
                    lines[ManifestDocument.Join(path, name)] = (int)key.Start.Line;
                }

                return result;
            case YamlSequenceNode sequence:
                return new JsonArray([.. sequence.Children.Select((item, index) => Convert(item, $"{path}[{index}]", file, lines))]);
            case YamlScalarNode scalar:
                return Scalar(scalar);
            default:
                throw new ManifestException(file, (int)node.Start.Line, path, "is of no known kind");
        }
    }

    private static JsonValue? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not ScalarStyle.Plain) return JsonValue.Create(text);
        // YAML 1.1, as kubectl reads it: an unquoted yes or on is no string.
        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" => JsonValue.Create(true),
            "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" => JsonValue.Create(false),
            _ when text.Length > 1 && text[0] == '0' && text.All(char.IsAsciiDigit) => OctalOrText(text),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
            _ when (char.IsAsciiDigit(text[0]) || text[0] is '-' or '.')
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) =>
                JsonValue.Create(real),
            _ => JsonValue.Create(text),
        };
    }

    // A mode such as 0444 is octal in YAML 1.1.
    private static JsonValue OctalOrText(string text) =>
        text.All(digit => digit < '8') ? JsonValue.Create(System.Convert.ToInt64(text, 8)) : JsonValue.Create(text);
}
