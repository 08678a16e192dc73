using System.Text.Json.Serialization;

namespace Proa.Pods;

/// <summary>The generated readers and writers of the Pod model: no reflection, so that they can be compiled ahead of time.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Pod))]
[JsonSerializable(typeof(ApiStatus))]
[JsonSerializable(typeof(PodMetadataOnly))]
[JsonSerializable(typeof(Identity.Handover))]
[JsonSerializable(typeof(Identity.TokenPayload))]
internal sealed partial class PodJsonContext : JsonSerializerContext;

/// <summary>What a BOOKMARK event carries.</summary>
internal sealed record PodMetadataOnly
{
    public PodMetadata Metadata { get; init => field = value ?? new(); } = new();
}
