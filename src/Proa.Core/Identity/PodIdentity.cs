using System.Collections.Immutable;

namespace Proa.Identity;

/// <summary>Which Pod we are in, and how that is known.</summary>
/// <param name="Names">The names to look up, in this order; the first that exists is ours.</param>
/// <param name="Uid">The uid that our Pod must have, or empty where it is not known.</param>
/// <param name="ServiceAccount">The service account, or empty where it is not known.</param>
/// <param name="Source">Where the name comes from, for people.</param>
internal sealed record PodIdentity(string Namespace, ImmutableArray<string> Names, string Uid, string ServiceAccount, string Source)
{
    /// <summary>What was found, as a sentence's object: <c>Pod lab/slow-sidecar</c>.</summary>
    public string Describe() => "Pod " + Namespace + "/" + string.Join(" or ", Names.AsSpan());
}

/// <summary>What can tell which Pod we are in.</summary>
/// <param name="Token">The service account token's claims, or null.</param>
/// <param name="DefaultNamespace">The namespace file of the service account, or the kubeconfig context's namespace; or null.</param>
/// <param name="PodOption"><c>--pod</c>, or null.</param>
/// <param name="NamespaceOption"><c>--namespace</c>, or null.</param>
internal sealed record PodEvidence(
    string? PodOption,
    string? NamespaceOption,
    ServiceAccountToken? Token,
    string? PodNameVariable,
    string? PodNamespaceVariable,
    string? DefaultNamespace,
    string HostName)
{
    /// <summary>
    /// Decides by the strongest evidence: option, token, variable, host name. The host name is the Pod's name unless the Pod has
    /// a hostname of its own or the node's network ("Pod hostname"); with setHostnameAsFQDN a domain follows the first dot.
    /// </summary>
    public PodIdentity Decide()
    {
        var podNamespace = NamespaceOption ?? NonEmpty(Token?.Namespace) ?? NonEmpty(PodNamespaceVariable) ?? NonEmpty(DefaultNamespace) ?? "default";
        var serviceAccount = Token?.ServiceAccount ?? "";
        // The token's uid is the Pod's that we are in: an option that names another Pod than the token does is looked up as it is.
        var uid = Token is { PodName.Length: > 0 } && Token.Namespace == podNamespace && (PodOption is null || PodOption == Token.PodName)
            ? Token.PodUid
            : "";
        if (PodOption is { } given) return new(podNamespace, [given], uid, serviceAccount, "--pod");
        if (NonEmpty(Token?.PodName) is { } claimed) return new(podNamespace, [claimed], uid, serviceAccount, "the service account token");
        if (NonEmpty(PodNameVariable) is { } variable) return new(podNamespace, [variable], uid, serviceAccount, "POD_NAME");
        var dot = HostName.IndexOf('.', StringComparison.Ordinal);
        return new(podNamespace, dot > 0 ? [HostName, HostName[..dot]] : [HostName], uid, serviceAccount, "the host name");
    }

    private static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
