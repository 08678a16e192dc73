using System.Text.Json;
using System.Text.Json.Serialization;

namespace Proa.Pods;

/// <summary>Those variables of a container's environment (EnvVar) that tell how a known sidecar ends; no other is kept, as many a value is secret.</summary>
[JsonConverter(typeof(KnownVariablesConverter))]
internal sealed class KnownVariables
{
    private const int LongestValue = 64;

    private static readonly string[] _known =
    [
        "LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED",
        "CSQL_PROXY_QUITQUITQUIT", "CSQL_PROXY_ADMIN_PORT", "CSQL_PROXY_EXIT_ZERO_ON_SIGTERM",
        "ALLOYDB_PROXY_QUITQUITQUIT", "ALLOYDB_PROXY_ADMIN_PORT", "ALLOYDB_PROXY_EXIT_ZERO_SIGTERM",
    ];

    private readonly string?[] _values = new string?[_known.Length];

    public string? this[string name] => Array.IndexOf(_known, name) is >= 0 and var index ? _values[index] : null;

    /// <summary>Reads the list. Total: anything else is skipped.</summary>
    public static KnownVariables Read(ref Utf8JsonReader reader)
    {
        var variables = new KnownVariables();
        if (reader.TokenType != JsonTokenType.StartArray) reader.Skip();
        else while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) variables.ReadOne(ref reader);
        return variables;
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        for (var i = 0; i < _known.Length; i++)
        {
            if (_values[i] is not { } value) continue;
            writer.WriteStartObject();
            writer.WriteString("name", _known[i]);
            writer.WriteString("value", value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void ReadOne(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        var (index, value) = (-1, (string?)null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isName, isValue) = (reader.ValueTextEquals("name"u8), reader.ValueTextEquals("value"u8));
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && isName) index = IndexOf(ref reader);
            else if (reader.TokenType == JsonTokenType.String && isValue && reader.ValueSpan.Length <= LongestValue) value = reader.GetString();
            else reader.Skip();
        }

        if (index >= 0 && value is not null) _values[index] = value;
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

internal sealed class KnownVariablesConverter : JsonConverter<KnownVariables>
{
    public override KnownVariables Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => KnownVariables.Read(ref reader);

    public override void Write(Utf8JsonWriter writer, KnownVariables value, JsonSerializerOptions options) => value.Write(writer);
}
