using System.Text;
using Proa.Kubernetes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Proa.Manifests;

/// <summary>
/// Reads the objects of a manifest one by one: of each document, and of each list in it. YamlDotNet's parser does the work; what is of no interest is
/// passed over and takes no memory.
/// </summary>
/// <param name="name">The file, for people.</param>
/// <param name="isWanted">Whether objects of a kind are of interest.</param>
/// <param name="found">Takes each of them.</param>
internal sealed class ManifestReader(BoundedText text, string name, Func<string, bool> isWanted, Action<Node> found)
{
    /// <summary>A CustomResourceDefinition is some 60 deep.</summary>
    private const int Deepest = 256;

    /// <summary>Some 32,000 values, or 2 MB of text: an API server takes no larger object, and the heap is small.</summary>
    private const long Heaviest = 2 * 1024 * 1024;
    private const int WeightOfOne = 64;

    private readonly Parser _parser = new(text);
    private readonly Dictionary<AnchorName, Node> _anchors = [];
    private long _weight;
    private int _line = 1;

    /// <summary>How many documents there are with something in them.</summary>
    public int Documents { get; private set; }

    /// <exception cref="CannotRunException">It is no manifest.</exception>
    public void Read()
    {
        try
        {
            _parser.Consume<StreamStart>();
            while (!_parser.Accept<StreamEnd>(out _)) ReadDocument();
        }
        catch (YamlException e)
        {
            throw Bad((int)Math.Max(e.Start.Line, 1), e.Message);
        }
        catch (DecoderFallbackException)
        {
            throw ManifestErrors.Unreadable(name, "it is not UTF-8 text");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // What YamlDotNet also throws where a text is no YAML: a bracket that is not closed, a tag without a name.
            throw Bad(_line, "from here on it is not YAML");
        }
    }

    private CannotRunException Bad(int line, string why) => ManifestErrors.Unreadable(name, $"line {line}: {why}");

    private void ReadDocument()
    {
        Take<DocumentStart>();
        (_weight, _line) = (0, (int)_parser.Current!.Start.Line);
        _anchors.Clear();
        if (_parser.Accept<Scalar>(out var scalar) && IsNull(scalar)) Take<Scalar>();
        else
        {
            Documents++;
            ReadObject(0);
        }

        Take<DocumentEnd>();
    }

    private void ReadObject(int depth)
    {
        if (!_parser.Accept<MappingStart>(out var start)) throw Bad(Line, "a manifest is a mapping, with apiVersion and kind");
        Take<MappingStart>();
        var (line, kind, isList) = ((int)start.Start.Line, (string?)null, false);
        var entries = new List<KeyValuePair<string, Node>>();
        while (!TryTake<MappingEnd>())
        {
            var key = ReadKey(depth + 1);
            if (key == "items" && kind is null or [.., 'L', 'i', 's', 't'] && _parser.Accept<SequenceStart>(out _))
            {
                isList = true;
                ReadItems(depth + 1);
            }
            else if (kind is not null && !isWanted(kind))
            {
                entries.Clear();
                Skip(depth + 1);
            }
            else Add(entries, key, ReadNode(depth + 1));

            if (entries is [.., { Key: "kind" } last]) kind = last.Value.Text;
        }

        if (kind is null && !isList) throw Bad(line, "it has no kind");
        if (kind is not null && isWanted(kind)) found(new Node(line) { Entries = entries, Weight = WeightOfOne + entries.Sum(e => e.Value.Weight) });
        if (_anchors.Count == 0) _weight = 0;
    }

    private void ReadItems(int depth)
    {
        if (depth > 2) throw Bad(Line, "there is a list in a list");
        Take<SequenceStart>();
        while (!TryTake<SequenceEnd>()) ReadObject(depth + 1);
    }

    private string ReadKey(int depth) => ReadNode(depth) is { Text: { } key } ? key : throw Bad(_line, "the name of a field is not a string");

    private Node ReadNode(int depth)
    {
        var line = Line;
        if (depth > Deepest) throw Bad(line, $"it is nested more than {Deepest} deep");
        if (_parser.Accept<AnchorAlias>(out var alias))
        {
            Take<AnchorAlias>();
            if (!_anchors.TryGetValue(alias.Value, out var named)) throw Bad(line, $"there is no anchor &{alias.Value} above, or it is in a skipped part");
            return Weigh(named);
        }

        var anchor = (_parser.Current as NodeEvent)?.Anchor ?? AnchorName.Empty;
        var node = ReadValue(line, depth);
        if (!anchor.IsEmpty) _anchors[anchor] = node;
        return node;
    }

    private Node ReadValue(int line, int depth)
    {
        if (_parser.Accept<Scalar>(out var scalar))
        {
            Take<Scalar>();
            var isPlain = scalar is { Style: ScalarStyle.Plain, Tag.IsEmpty: true };
            return Weigh(new(line) { Text = IsNull(scalar) ? null : scalar.Value, IsPlain = isPlain, Weight = WeightOfOne + scalar.Value.Length });
        }

        if (TryTake<SequenceStart>())
        {
            Charge(WeightOfOne);
            var items = new List<Node>();
            while (!TryTake<SequenceEnd>()) items.Add(ReadNode(depth + 1));
            return new(line) { Items = items, Weight = WeightOfOne + items.Sum(n => n.Weight) };
        }

        Take<MappingStart>();
        Charge(WeightOfOne);
        var entries = new List<KeyValuePair<string, Node>>();
        while (!TryTake<MappingEnd>())
        {
            var key = ReadKey(depth + 1);
            Add(entries, key, ReadNode(depth + 1));
        }

        return new(line) { Entries = entries, Weight = WeightOfOne + entries.Sum(e => e.Value.Weight + e.Key.Length) };
    }

    /// <summary>Adds an entry, or those of the mappings that <c>&lt;&lt;</c> merges: what is there goes before them.</summary>
    private static void Add(List<KeyValuePair<string, Node>> entries, string key, Node value)
    {
        if (key != "<<")
        {
            // The last of a name counts; what was merged before is replaced too.
            entries.RemoveAll(e => e.Key == key);
            entries.Add(new(key, value));
            return;
        }

        foreach (var merged in value.Items ?? [value])
        {
            foreach (var entry in merged.Entries ?? [])
            {
                if (!entries.Exists(e => e.Key == entry.Key)) entries.Insert(0, entry);
            }
        }
    }

    /// <summary>Passes over one value.</summary>
    private void Skip(int depth)
    {
        for (var inner = 0; ;)
        {
            var current = _parser.Current!;
            inner += current is MappingStart or SequenceStart ? 1 : current is MappingEnd or SequenceEnd ? -1 : 0;
            if (depth + inner > Deepest) throw Bad(Line, $"it is nested more than {Deepest} deep");
            Advance();
            if (inner == 0) return;
        }
    }

    private Node Weigh(Node node)
    {
        Charge(node.Weight);
        return node;
    }

    private void Charge(long weight)
    {
        _weight += weight;
        if (_weight > Heaviest) throw Bad(_line, "the object has more values or longer texts than an API server takes, aliases counted each time");
    }

    private int Line => (int)(_parser.Current?.Start.Line ?? _line);

    private static bool IsNull(Scalar scalar) => scalar is { Style: ScalarStyle.Plain, Tag.IsEmpty: true, Value: "" or "~" or "null" or "Null" or "NULL" };

    private bool TryTake<T>()
        where T : ParsingEvent
    {
        if (!_parser.Accept<T>(out _)) return false;
        Advance();
        return true;
    }

    private void Take<T>()
        where T : ParsingEvent
    {
        _parser.Require<T>();
        Advance();
    }

    private void Advance()
    {
        text.ValueEnds();
        _line = Line;
        _parser.MoveNext();
    }
}
