using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Proa.Kubernetes;

/// <summary>
/// A YAML mapping, as far as kubeconfig files need YAML. YamlDotNet's parser does the work; its object model would bring regular
/// expressions and an emitter into the executable.
/// </summary>
internal sealed class YamlMap
{
    private const int Deepest = 32;

    private readonly Dictionary<string, object?> _entries = [];

    /// <summary>The mapping without entries.</summary>
    public static YamlMap Empty { get; } = new();

    /// <summary>Reads the first document; null if it is no mapping.</summary>
    /// <exception cref="YamlException">The text is not YAML, uses aliases, or is nested too deeply.</exception>
    public static YamlMap? Read(string text)
    {
        var parser = new Parser(new StringReader(text));
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _)) return null;
        return Node(parser, 0) as YamlMap;
    }

    /// <summary>The entry's text, or null if there is none or it is empty.</summary>
    public string? Text(string key) => _entries.GetValueOrDefault(key) is string { Length: > 0 } text ? text : null;

    /// <summary>The mapping that is the entry, or null.</summary>
    public YamlMap? Map(string key) => _entries.GetValueOrDefault(key) as YamlMap;

    /// <summary>The mappings in the list that is the entry.</summary>
    public IEnumerable<YamlMap> Maps(string key) => _entries.GetValueOrDefault(key) is List<object?> list ? list.OfType<YamlMap>() : [];

    private static object? Node(Parser parser, int depth)
    {
        var start = parser.Current?.Start ?? Mark.Empty;
        if (depth > Deepest) throw new YamlException(start, start, $"it is nested more than {Deepest} deep");
        if (parser.TryConsume<Scalar>(out var scalar)) return scalar.Value;
        if (parser.TryConsume<SequenceStart>(out _))
        {
            var list = new List<object?>();
            while (!parser.TryConsume<SequenceEnd>(out _)) list.Add(Node(parser, depth + 1));
            return list;
        }

        if (!parser.TryConsume<MappingStart>(out _)) throw new YamlException(start, start, "aliases are not read");
        var map = new YamlMap();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = Node(parser, depth + 1) as string;
            var value = Node(parser, depth + 1);
            if (key is not null) map._entries[key] = value;
        }

        return map;
    }
}
