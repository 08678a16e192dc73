using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Proa.Pods;

namespace Proa.Identity;

/// <summary>Writes what is handed over, and reads it. Both are the same executable's.</summary>
internal static class HandoverFields
{
    public static byte[] Write(Handover handover)
    {
        var text = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(text, new() { SkipValidation = true }))
        {
            json.WriteStartObject();
            Write(json, handover.Identity);
            if (handover.Container is { } container) Write(json, container);
            if (handover.Pod is { } pod)
            {
                json.WritePropertyName("pod"u8);
                PodWriter.Write(json, pod);
            }

            json.WriteEndObject();
        }

        return text.WrittenSpan.ToArray();
    }

    /// <summary>Null where there is no name to look up.</summary>
    public static Handover? Read(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        json.LongestVariable = int.MaxValue;
        PodIdentity? identity = null;
        ContainerIdentity? container = null;
        Pod? pod = null;
        while (json.NextField())
        {
            if (json.Is("identity"u8)) identity = Identity(ref json);
            else if (json.Is("container"u8)) container = Container(ref json);
            else if (json.Is("pod"u8)) pod = PodFields.Read(ref json);
            else json.Skip();
        }

        return identity is null ? null : new(identity, container, pod);
    }

    private static void Write(Utf8JsonWriter json, PodIdentity identity)
    {
        json.WriteStartObject("identity"u8);
        json.WriteString("namespace"u8, identity.Namespace);
        json.WriteStartArray("names"u8);
        foreach (var name in identity.Names) json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteString("uid"u8, identity.Uid);
        json.WriteString("serviceAccount"u8, identity.ServiceAccount);
        json.WriteString("source"u8, identity.Source);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ContainerIdentity container)
    {
        json.WriteStartObject("container"u8);
        json.WriteString("name"u8, container.Name);
        json.WriteString("source"u8, container.Source);
        json.WriteBoolean("isGuess"u8, container.IsGuess);
        json.WriteEndObject();
    }

    private static PodIdentity? Identity(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        string?[]? names = null;
        string? @namespace = null, uid = null, account = null, source = null;
        while (json.NextField())
        {
            if (json.Is("namespace"u8)) @namespace = json.Text();
            else if (json.Is("names"u8)) names = json.Texts();
            else if (json.Is("uid"u8)) uid = json.Text();
            else if (json.Is("serviceAccount"u8)) account = json.Text();
            else if (json.Is("source"u8)) source = json.Text();
            else json.Skip();
        }

        return @namespace is null || uid is null || account is null || source is null || NonNull.Elements(names) is not [_, ..] texts
            ? null
            : new(@namespace, ImmutableArray.Create(texts), uid, account, source);
    }

    private static ContainerIdentity? Container(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        string? name = null, source = null;
        bool? isGuess = null;
        while (json.NextField())
        {
            if (json.Is("name"u8)) name = json.Text();
            else if (json.Is("source"u8)) source = json.Text();
            else if (json.Is("isGuess"u8)) isGuess = json.Flag();
            else json.Skip();
        }

        return name is null || source is null || isGuess is not { } guess ? null : new(name, source, guess);
    }
}
