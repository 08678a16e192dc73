using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>Reading of Kubernetes objects kept as JSON: an absent field and a null are the same.</summary>
internal static class JsonExtensions
{
    // Quotes and letters as they are, as the API server writes them.
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The object on one line.</summary>
    public static string ToLine(this JsonNode node) => node.ToJsonString(s_plain);

    public static JsonObject? Object(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonObject;

    public static string? Text(this JsonNode? node, string name) =>
        (node as JsonObject)?[name] is JsonValue value ? value.TryGetValue<string>(out var text) ? text : value.ToString() : null;

    public static int? Number(this JsonNode? node, string name) =>
        (node as JsonObject)?[name] is JsonValue value && int.TryParse(value.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number : null;

    public static bool? Flag(this JsonNode? node, string name) =>
        (node as JsonObject)?[name] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    public static IEnumerable<JsonObject> Objects(this JsonNode? node, string name) =>
        (node as JsonObject)?[name] is JsonArray array ? array.OfType<JsonObject>() : [];

    public static IReadOnlyList<string> Texts(this JsonNode? node, string name) =>
        (node as JsonObject)?[name] is JsonArray array ? [.. array.Select(item => item?.ToString() ?? "")] : [];

    public static T Clone<T>(this T node) where T : JsonNode => (T)node.DeepClone();

    public static JsonObject GetOrAdd(this JsonObject parent, string name)
    {
        if (parent[name] is JsonObject existing) return existing;
        var added = new JsonObject();
        parent[name] = added;
        return added;
    }

    /// <summary>Sets a field that is absent or null.</summary>
    public static void Default(this JsonObject parent, string name, JsonNode value)
    {
        if (parent[name] is null) parent[name] = value;
    }

    /// <summary>A time as the API writes it: UTC, whole seconds.</summary>
    public static string ToApiTime(this DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static JsonArray ToJsonArray(this IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode?)JsonValue.Create(text))]);
}
