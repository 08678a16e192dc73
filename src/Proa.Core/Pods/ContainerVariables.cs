using System.Text.Json;

namespace Proa.Pods;

/// <summary>
/// Expands the references to variables in what a container is started with. The model keeps no other variables than those of
/// <see cref="KnownVariables"/>, so the text is read again where there is a reference; only the values that are referred to are kept.
/// </summary>
internal static class ContainerVariables
{
    /// <summary>Longer values are neither ports nor switches: references to them stay.</summary>
    private const int LongestValue = 4096;

    /// <param name="json">What the Pod was read from.</param>
    public static Pod Expand(Pod pod, ReadOnlySpan<byte> json)
    {
        if (!Array.Exists(pod.Spec.Containers, HasReferences) && !Array.Exists(pod.Spec.InitContainers, HasReferences)) return pod;
        var values = new Dictionary<string, Dictionary<string, string>>();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (NextProperty(ref reader))
        {
            var isSpec = reader.ValueTextEquals("spec"u8);
            reader.Read();
            if (isSpec && reader.TokenType == JsonTokenType.StartObject) ReadSpec(ref reader, values);
            else reader.Skip();
        }

        return pod with
        {
            Spec = pod.Spec with
            {
                Containers = [.. pod.Spec.Containers.Select(c => Expand(c, values))],
                InitContainers = [.. pod.Spec.InitContainers.Select(c => Expand(c, values))],
            },
        };
    }

    private static bool HasReferences(Container container) =>
        Array.Exists(container.Command, VariableReferences.Are)
        || Array.Exists(container.Args, VariableReferences.Are)
        || container.Env.HasAny(VariableReferences.Are);

    private static Container Expand(Container container, Dictionary<string, Dictionary<string, string>> all)
    {
        if (!HasReferences(container) || !all.TryGetValue(container.Name, out var values)) return container;
        return container with
        {
            Command = [.. container.Command.Select(Word)],
            Args = [.. container.Args.Select(Word)],
            Env = container.Env.Changed(Word),
        };

        string Word(string text) => VariableReferences.Expand(text, name => values.GetValueOrDefault(name));
    }

    private static void ReadSpec(ref Utf8JsonReader reader, Dictionary<string, Dictionary<string, string>> values)
    {
        while (NextProperty(ref reader))
        {
            var isList = reader.ValueTextEquals("containers"u8) || reader.ValueTextEquals("initContainers"u8);
            reader.Read();
            if (!isList || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject) ReadContainer(ref reader, values);
            }
        }
    }

    private static void ReadContainer(ref Utf8JsonReader reader, Dictionary<string, Dictionary<string, string>> values)
    {
        var (name, own) = ("", new Dictionary<string, string>());
        while (NextProperty(ref reader))
        {
            var (isName, isEnv) = (reader.ValueTextEquals("name"u8), reader.ValueTextEquals("env"u8));
            reader.Read();
            if (isName && reader.TokenType == JsonTokenType.String) name = reader.GetString()!;
            else if (!isEnv || reader.TokenType != JsonTokenType.StartArray) reader.Skip();
            else while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) ReadVariable(ref reader, own);
        }

        if (own.Count > 0) values[name] = own;
    }

    /// <summary>A variable may refer to those before it.</summary>
    private static void ReadVariable(ref Utf8JsonReader reader, Dictionary<string, string> own)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        var (name, value) = ("", (string?)"");
        while (NextProperty(ref reader))
        {
            var (isName, isValue, isFrom) = (reader.ValueTextEquals("name"u8), reader.ValueTextEquals("value"u8), reader.ValueTextEquals("valueFrom"u8));
            reader.Read();
            if (isName && reader.TokenType == JsonTokenType.String) name = reader.GetString()!;
            else if (isValue && reader.TokenType == JsonTokenType.String) value = reader.ValueSpan.Length <= LongestValue ? reader.GetString() : null;
            else if (isFrom && reader.TokenType != JsonTokenType.Null) value = SkipFrom(ref reader);
            else reader.Skip();
        }

        if (value is not null) value = VariableReferences.Expand(value, before => own.GetValueOrDefault(before));
        if (value is null || value.Length > LongestValue || VariableReferences.Are(value)) own.Remove(name);
        else own[name] = value;
    }

    /// <summary>Its value is not in the Pod.</summary>
    private static string? SkipFrom(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return null;
    }

    private static bool NextProperty(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;
}
