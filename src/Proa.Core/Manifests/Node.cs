namespace Proa.Manifests;

/// <summary>A value of a manifest, and the line it stands at: a text, a list, a mapping, or nothing.</summary>
/// <param name="line">From 1.</param>
internal sealed class Node(int line)
{
    public int Line { get; } = line;

    /// <summary>The text of a scalar; null where it is none, or is null.</summary>
    public string? Text { get; init; }

    /// <summary>Whether the scalar is without quotes, so that <c>yes</c> is no text.</summary>
    public bool IsPlain { get; init; }

    public IReadOnlyList<Node>? Items { get; init; }

    public IReadOnlyList<KeyValuePair<string, Node>>? Entries { get; init; }

    /// <summary>How much there is of it, with what its aliases stand for.</summary>
    public long Weight { get; init; }

    /// <summary>The entry, or null. The last of a name counts, as for kubectl.</summary>
    public Node? this[string key]
    {
        get
        {
            for (var i = (Entries?.Count ?? 0) - 1; i >= 0; i--)
            {
                if (Entries![i].Key == key) return Entries[i].Value;
            }

            return null;
        }
    }

    /// <summary>The value below these keys, or null.</summary>
    public Node? At(params ReadOnlySpan<string> path)
    {
        var node = this;
        foreach (var key in path) node = node?[key];
        return node;
    }

    /// <summary>The entry's text; empty where it has none.</summary>
    public string Word(string key) => this[key]?.Text ?? "";

    /// <summary>The items of the list that is the entry.</summary>
    public IReadOnlyList<Node> List(string key) => this[key]?.Items ?? [];

    /// <summary>The texts of the list that is the entry.</summary>
    public string[] Words(string key) => [.. List(key).Select(n => n.Text).OfType<string>()];
}
