using System.Buffers.Text;
using System.Text.Json.Serialization;
using Proa.Pods;

namespace Proa.Identity;

/// <summary>
/// What a service account token says of its Pod ("Configure Service Accounts for Pods", the claim <c>kubernetes.io</c> of
/// bound tokens). The signature is the API server's to check: we only look up who we are.
/// </summary>
/// <param name="PodName">The Pod; empty in a token that is bound to no Pod.</param>
/// <param name="PodUid">The Pod's uid; empty likewise.</param>
internal sealed record ServiceAccountToken(string Namespace, string PodName, string PodUid, string ServiceAccount)
{
    private const int LongestToken = 64 * 1024;

    /// <summary>Reads the payload of a JSON Web Token (RFC 7519). Null if it is not one, or not from Kubernetes.</summary>
    public static ServiceAccountToken? Read(string token)
    {
        var parts = token.Split('.', 4);
        if (parts.Length != 3 || token.Length > LongestToken) return null;
        byte[] payload;
        try
        {
            payload = Base64Url.DecodeFromChars(parts[1]);
        }
        catch (FormatException)
        {
            return null;
        }

        return PodReader.TryRead(payload, PodJsonContext.Default.TokenPayload, out var read) && read.Kubernetes is { } claim
            ? new(claim.Namespace ?? "", claim.Pod?.Name ?? "", claim.Pod?.Uid ?? "", claim.ServiceAccount?.Name ?? "")
            : null;
    }
}

internal sealed record TokenPayload
{
    [JsonPropertyName("kubernetes.io")]
    public KubernetesClaim? Kubernetes { get; init; }
}

internal sealed record KubernetesClaim
{
    public string? Namespace { get; init; }
    public NamedObject? Pod { get; init; }

    [JsonPropertyName("serviceaccount")]
    public NamedObject? ServiceAccount { get; init; }
}

internal sealed record NamedObject
{
    public string? Name { get; init; }
    public string? Uid { get; init; }
}
