using System.Text.Json;

namespace Proa.Pods;

/// <summary>
/// Those variables of a container's environment (EnvVar) that tell how a known sidecar is ready and how it ends; no other is kept, as many
/// a value is secret.
/// </summary>
internal sealed class KnownVariables
{
    /// <summary>Longer values of the Pod's spec are neither ports nor switches.</summary>
    public const int LongestValue = 64;

    private static readonly string[] _known =
    [
        "LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED",
        "CSQL_PROXY_QUITQUITQUIT", "CSQL_PROXY_ADMIN_PORT", "CSQL_PROXY_HEALTH_CHECK", "CSQL_PROXY_HTTP_PORT", "CSQL_PROXY_HTTP_ADDRESS",
        "CSQL_PROXY_PORT", "CSQL_PROXY_ADDRESS", "CSQL_PROXY_UNIX_SOCKET", "CSQL_PROXY_FUSE", "CSQL_PROXY_CONFIG_FILE",
        "CSQL_PROXY_EXIT_ZERO_ON_SIGTERM",
        "ALLOYDB_PROXY_QUITQUITQUIT", "ALLOYDB_PROXY_ADMIN_PORT", "ALLOYDB_PROXY_HEALTH_CHECK", "ALLOYDB_PROXY_HTTP_PORT", "ALLOYDB_PROXY_HTTP_ADDRESS",
        "ALLOYDB_PROXY_PORT", "ALLOYDB_PROXY_ADDRESS", "ALLOYDB_PROXY_UNIX_SOCKET", "ALLOYDB_PROXY_FUSE", "ALLOYDB_PROXY_CONFIG_FILE",
        "ALLOYDB_PROXY_EXIT_ZERO_SIGTERM",
    ];

    /// <summary>Null while there is none.</summary>
    private string?[]? _values;

    /// <summary>Its value; empty where that is not in the Pod's spec, as of a Secret's key; null where it is not set, or to nothing.</summary>
    public string? this[string name] => _values is { } values && Array.IndexOf(_known, name) is >= 0 and var index ? values[index] : null;

    /// <summary>Whether a variable is set that begins with this.</summary>
    public bool HasAny(string prefix) => _known.Any(name => name.StartsWith(prefix, StringComparison.Ordinal) && this[name] is not null);

    /// <summary>Whether there is a value of which this is true.</summary>
    public bool HasAny(Predicate<string> predicate) => _values is { } values && Array.Exists(values, v => v is not null && predicate(v));

    /// <summary>The same variables, each value changed.</summary>
    public KnownVariables Changed(Func<string, string> change) =>
        new() { _values = _values is null ? null : [.. _values.Select(value => value is null ? null : change(value))] };

    /// <summary>Reads the list. Total: anything else is skipped.</summary>
    public static KnownVariables Read(ref Utf8JsonReader reader, int longestValue = LongestValue)
    {
        var variables = new KnownVariables();
        if (reader.TokenType != JsonTokenType.StartArray) reader.Skip();
        else while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) variables.ReadOne(ref reader, longestValue);
        return variables;
    }

    /// <summary>Writes them as a field of this name; nothing where there is none.</summary>
    public void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> field)
    {
        if (_values is null) return;
        writer.WritePropertyName(field);
        Write(writer);
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        for (var i = 0; i < _known.Length; i++)
        {
            if (_values?[i] is not { } value) continue;
            writer.WriteStartObject();
            writer.WriteString("name", _known[i]);
            if (value.Length > 0) writer.WriteString("value", value);
            else
            {
                writer.WriteStartObject("valueFrom");
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void ReadOne(ref Utf8JsonReader reader, int longestValue)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        var (index, value, isEmpty) = (-1, (string?)null, true);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isName, isValue, isFrom) = (reader.ValueTextEquals("name"u8), reader.ValueTextEquals("value"u8), reader.ValueTextEquals("valueFrom"u8));
            reader.Read();
            // A text that is empty is there; so is what comes from elsewhere.
            if (isValue || isFrom) isEmpty &= reader.TokenType == JsonTokenType.Null || (isValue && reader.ValueSpan.Length == 0);
            if (reader.TokenType == JsonTokenType.String && isName) index = IndexOf(ref reader);
            else if (reader.TokenType == JsonTokenType.String && isValue && reader.ValueSpan.Length <= longestValue) value = reader.GetString();
            else reader.Skip();
        }

        if (index >= 0) (_values ??= new string?[_known.Length])[index] = isEmpty ? null : value ?? "";
    }

    private static int IndexOf(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < _known.Length; i++)
        {
            if (reader.ValueTextEquals(_known[i])) return i;
        }

        return -1;
    }
}
