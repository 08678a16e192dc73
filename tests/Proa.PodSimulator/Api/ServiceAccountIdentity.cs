namespace Proa.PodSimulator;

/// <summary>Whom a token stands for.</summary>
/// <param name="Namespace">The service account's namespace.</param>
/// <param name="ServiceAccount">The service account's name.</param>
/// <param name="Expires">From when on the token is refused.</param>
public sealed record ServiceAccountIdentity(string Namespace, string ServiceAccount, DateTimeOffset Expires)
{
    /// <summary>The user name RBAC knows.</summary>
    public string User => $"system:serviceaccount:{Namespace}:{ServiceAccount}";

    internal IReadOnlyList<string> Groups => ["system:serviceaccounts", $"system:serviceaccounts:{Namespace}", "system:authenticated"];
}
