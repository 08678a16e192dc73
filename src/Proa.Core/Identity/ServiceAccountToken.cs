using System.Buffers.Text;
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

        return JsonFields.Whole(payload, ReadPayload, out _);
    }

    private static ServiceAccountToken? ReadPayload(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        ServiceAccountToken? token = null;
        while (json.NextField())
        {
            if (json.Is("kubernetes.io"u8)) token = ReadClaim(ref json);
            else json.Skip();
        }

        return token;
    }

    private static ServiceAccountToken? ReadClaim(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        string? @namespace = null;
        var (pod, account) = (default(NamedObject), default(NamedObject));
        while (json.NextField())
        {
            if (json.Is("namespace"u8)) @namespace = json.Text();
            else if (json.Is("pod"u8)) pod = ReadObject(ref json);
            else if (json.Is("serviceaccount"u8)) account = ReadObject(ref json);
            else json.Skip();
        }

        return new(@namespace ?? "", pod?.Name ?? "", pod?.Uid ?? "", account?.Name ?? "");
    }

    private static NamedObject? ReadObject(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        string? name = null, uid = null;
        while (json.NextField())
        {
            if (json.Is("name"u8)) name = json.Text();
            else if (json.Is("uid"u8)) uid = json.Text();
            else json.Skip();
        }

        return new(name, uid);
    }

    private sealed class NamedObject(string? name, string? uid)
    {
        public string? Name => name;

        public string? Uid => uid;
    }
}
