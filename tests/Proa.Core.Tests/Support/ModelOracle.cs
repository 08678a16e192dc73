using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Proa.Identity;
using Proa.Pods;

namespace Proa.Tests.Support;

/// <summary>Reads what proa reads with .NET's serializer, by reflection over the model: what it accepts is to be accepted, and with the same values.</summary>
internal static class ModelOracle
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        IgnoreReadOnlyProperties = true,
        Converters = { new Variables() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { AsTheApiNamesIt } },
    };

    /// <summary>Null where it is refused.</summary>
    /// <param name="wrong">Where it is of the wrong type; empty where nothing is, or where it cannot be said.</param>
    public static T? Read<T>(ReadOnlySpan<byte> json, out string wrong)
        where T : class
    {
        wrong = "";
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options);
        }
        catch (JsonException e)
        {
            wrong = e.Path ?? "";
        }
        catch (InvalidOperationException)
        {
            // Text that is not UTF-8.
        }

        return null;
    }

    public static Pod? Pod(ReadOnlySpan<byte> json)
    {
        if (Read<Pod>(json, out _) is not { } pod) return null;
        try
        {
            return ContainerVariables.Expand(pod, json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return pod;
        }
    }

    /// <summary>The field of a Pod that is of the wrong type.</summary>
    public static string Wrong(ReadOnlySpan<byte> json)
    {
        _ = Read<Pod>(json, out var wrong);
        return wrong;
    }

    public static ApiStatus? Status(ReadOnlySpan<byte> json) => Read<ApiStatus>(json, out _);

    public static ServiceAccountToken? Token(ReadOnlySpan<byte> payload) =>
        Read<TokenPayload>(payload, out _)?.Kubernetes is { } claim
            ? new(claim.Namespace ?? "", claim.Pod?.Name ?? "", claim.Pod?.Uid ?? "", claim.ServiceAccount?.Name ?? "")
            : null;

    public static WatchEvent Event(ReadOnlySpan<byte> line)
    {
        try
        {
            if (WatchEvent.TryFindParts(line, out var type, out var payload)) return Event(type, line[payload]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // It is none.
        }

        return new(WatchEventKind.Garbage);
    }

    /// <summary>All that is in it, to be compared.</summary>
    public static string Text<T>(T? value) => JsonSerializer.Serialize(value, Options);

    private static WatchEvent Event(string type, ReadOnlySpan<byte> payload) => type switch
    {
        "ADDED" or "MODIFIED" or "DELETED" when Pod(payload) is { Metadata.Name.Length: > 0 } pod =>
            new(type == "DELETED" ? WatchEventKind.Deleted : WatchEventKind.Changed, pod, pod.Metadata.ResourceVersion),
        "BOOKMARK" when Read<Bookmark>(payload, out _) is { } bookmark =>
            new(WatchEventKind.Bookmark, ResourceVersion: (bookmark.Metadata ?? new()).ResourceVersion),
        "ERROR" when Status(payload) is { Code: > 0 } status => new(WatchEventKind.Error, Status: status),
        _ => new(WatchEventKind.Garbage),
    };

    private static void AsTheApiNamesIt(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (type.Type == typeof(ProbeAction)) property.CustomConverter = new NumberOrName();
            var name = ((MemberInfo)property.AttributeProvider!).Name;
            property.Name = (type.Type.Name, name) switch
            {
                (nameof(PodSpec), nameof(PodSpec.HostPid)) => "hostPID",
                (nameof(ContainerPort), nameof(ContainerPort.Number)) => "containerPort",
                (nameof(ContainerStatus), nameof(ContainerStatus.ContainerId)) => "containerID",
                (nameof(TokenPayload), nameof(TokenPayload.Kubernetes)) => "kubernetes.io",
                (nameof(KubernetesClaim), nameof(KubernetesClaim.ServiceAccount)) => "serviceaccount",
                (nameof(PodAnnotations), _) => Annotation(name),
                _ => property.Name,
            };
        }
    }

    private static string Annotation(string property) => property switch
    {
        nameof(PodAnnotations.DefaultContainer) => "kubectl.kubernetes.io/default-container",
        nameof(PodAnnotations.IstioStatusPort) => "status.sidecar.istio.io/port",
        nameof(PodAnnotations.VaultEnableQuit) => "vault.hashicorp.com/agent-enable-quit",
        nameof(PodAnnotations.VaultListenerPort) => "vault.hashicorp.com/agent-cache-listener-port",
        nameof(PodAnnotations.VaultCache) => "vault.hashicorp.com/agent-cache-enable",
        nameof(PodAnnotations.VaultConfigMap) => "vault.hashicorp.com/agent-configmap",
        nameof(PodAnnotations.VaultStatus) => "vault.hashicorp.com/agent-inject-status",
        nameof(PodAnnotations.OpenBaoStatus) => "openbao.openbao.org/agent-inject-status",
        nameof(PodAnnotations.OpenBaoEnableQuit) => "openbao.openbao.org/agent-enable-quit",
        nameof(PodAnnotations.OpenBaoListenerPort) => "openbao.openbao.org/agent-cache-listener-port",
        nameof(PodAnnotations.OpenBaoCache) => "openbao.openbao.org/agent-cache-enable",
        nameof(PodAnnotations.OpenBaoConfigMap) => "openbao.openbao.org/agent-configmap",
        _ => throw new InvalidOperationException($"the API's name of {property} is missing here"),
    };

    private sealed class NumberOrName : JsonConverter<string>
    {
        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.String) return reader.GetString()!;
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number)) return number.ToString(CultureInfo.InvariantCulture);
            reader.Skip();
            return "";
        }

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }

    private sealed class Variables : JsonConverter<KnownVariables>
    {
        public override KnownVariables Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => KnownVariables.Read(ref reader);

        public override void Write(Utf8JsonWriter writer, KnownVariables value, JsonSerializerOptions options) => value.Write(writer);
    }
}

/// <summary>What a BOOKMARK event carries.</summary>
internal sealed record Bookmark
{
    public PodMetadata? Metadata { get; init; }
}

/// <summary>The payload of a service account token.</summary>
internal sealed record TokenPayload
{
    public KubernetesClaim? Kubernetes { get; init; }
}

internal sealed record KubernetesClaim
{
    public string? Namespace { get; init; }
    public NamedObject? Pod { get; init; }
    public NamedObject? ServiceAccount { get; init; }
}

internal sealed record NamedObject
{
    public string? Name { get; init; }
    public string? Uid { get; init; }
}
