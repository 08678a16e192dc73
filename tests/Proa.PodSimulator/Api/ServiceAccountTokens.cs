using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>Issues and knows service account tokens. They look like the real ones; only this server can tell that the signature is none.</summary>
internal sealed class ServiceAccountTokens
{
    private const string NodeName = "node-1";
    private const string Issuer = "https://kubernetes.default.svc";

    private readonly ConcurrentDictionary<string, ServiceAccountIdentity> _known = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _uids = new(StringComparer.Ordinal);

    public string Issue(string @namespace, string serviceAccount, string? podName, string? podUid, TimeSpan lifetime)
    {
        var now = DateTimeOffset.UtcNow;
        var bound = new JsonObject { ["namespace"] = @namespace, ["node"] = Reference(NodeName) };
        if (podName is not null) bound["pod"] = new JsonObject { ["name"] = podName, ["uid"] = podUid ?? Uid($"pod/{@namespace}/{podName}") };
        bound["serviceaccount"] = Reference(serviceAccount);
        bound["warnafter"] = now.AddSeconds(Math.Min(3607, lifetime.TotalSeconds)).ToUnixTimeSeconds();
        var payload = new JsonObject
        {
            ["aud"] = new JsonArray(Issuer),
            ["exp"] = now.Add(lifetime).ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["iss"] = Issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = bound,
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["sub"] = $"system:serviceaccount:{@namespace}:{serviceAccount}",
        };
        var header = new JsonObject { ["alg"] = "RS256", ["kid"] = "simulated" };
        var token = $"{Encode(header)}.{Encode(payload)}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(256))}";
        _known[token] = new ServiceAccountIdentity(@namespace, serviceAccount, now.Add(lifetime));
        return token;
    }

    public bool Revoke(string token) => _known.TryRemove(token, out _);

    public ServiceAccountIdentity? Find(string? token) =>
        token is not null && _known.TryGetValue(token, out var identity) && identity.Expires > DateTimeOffset.UtcNow ? identity : null;

    private JsonObject Reference(string name) => new() { ["name"] = name, ["uid"] = Uid(name) };

    private string Uid(string of) => _uids.GetOrAdd(of, _ => Guid.NewGuid().ToString());

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToLine()));
}
