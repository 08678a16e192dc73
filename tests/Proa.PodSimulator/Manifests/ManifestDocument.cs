using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>One object of a manifest, which remembers where its fields stand in the file.</summary>
internal sealed class ManifestDocument(string file, JsonObject root, IReadOnlyDictionary<string, int> lines)
{
    public JsonObject Root => root;

    public string Kind => root.Text("kind") ?? "";

    public string Name => root.Object("metadata").Text("name") ?? "";

    /// <summary>An error at a field, or at the nearest field around it that the file has.</summary>
    public ManifestException Error(string field, string problem)
    {
        for (var at = field; ;)
        {
            if (lines.TryGetValue(at, out var line)) return new ManifestException(file, line, field, problem);
            var end = at.LastIndexOfAny(['.', '[']);
            at = end < 0 ? "" : at[..end];
        }
    }

    public JsonObject RequireObject(JsonObject parent, string path, string name) =>
        parent[name] as JsonObject ?? throw Error(Join(path, name), parent[name] is null ? "is required" : "must be a mapping");

    public string RequireText(JsonObject parent, string path, string name)
    {
        var value = parent[name] ?? throw Error(Join(path, name), "is required");
        if (value is JsonValue scalar && scalar.TryGetValue<string>(out var text) && text.Length > 0) return text;
        throw Error(Join(path, name), "must be a string that is not empty");
    }

    /// <summary>The objects of a list; an absent list is empty.</summary>
    public IReadOnlyList<JsonObject> List(JsonObject parent, string path, string name)
    {
        if (parent[name] is null) return [];
        if (parent[name] is not JsonArray array) throw Error(Join(path, name), "must be a list");
        return [.. array.Select((item, index) => item as JsonObject ?? throw Error($"{Join(path, name)}[{index}]", "must be a mapping"))];
    }

    /// <summary>A list of strings; null if absent.</summary>
    public IReadOnlyList<string>? TextList(JsonObject parent, string path, string name)
    {
        if (parent[name] is null) return null;
        if (parent[name] is not JsonArray array) throw Error(Join(path, name), "must be a list of strings");
        return [.. array.Select((item, index) => item is JsonValue value && value.TryGetValue<string>(out var text)
            ? text : throw Error($"{Join(path, name)}[{index}]", "must be a string; put it in quotes"))];
    }

    public int? Number(JsonObject parent, string path, string name, int minimum)
    {
        if (parent[name] is null) return null;
        if (parent[name] is JsonValue value && value.TryGetValue<long>(out var number) && number >= minimum && number <= int.MaxValue) return (int)number;
        throw Error(Join(path, name), $"must be a whole number of at least {minimum}");
    }

    public void OneOf(JsonObject parent, string path, string name, params string[] values)
    {
        if (parent[name] is null || values.Contains(parent.Text(name))) return;
        throw Error(Join(path, name), $"is \"{parent.Text(name)}\", must be one of {string.Join(", ", values)}");
    }

    public static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
