using System.Text.Json;

namespace Proa.Waiting;

/// <summary>Envoy's administration interface: it answers while Envoy starts, too, and says so only in what it answers.</summary>
internal static class Envoy
{
    /// <summary>Where Envoy says in which state it is.</summary>
    public const string ServerInfo = "/server_info";

    /// <summary>The state in which it serves.</summary>
    public const string Live = "LIVE";

    /// <summary>The state, or empty where it is none that can be read.</summary>
    public static string State(ReadOnlySpan<byte> answer)
    {
        try
        {
            var reader = new Utf8JsonReader(answer);
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("state"u8)) continue;
                return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // It is not Envoy, or not all of its answer.
        }

        return "";
    }
}
