using Proa.Manifests;

namespace Proa.Checking.Manifests;

/// <summary>What a life must be allowed to do.</summary>
/// <param name="Pod">The Pod's name; empty where it is generated.</param>
/// <param name="HasToken">Whether the Pod says that it mounts a token; null where it says nothing.</param>
internal sealed record PermissionNeed(string Namespace, string Account, string Pod, bool? HasToken)
{
    private const string Without = "or use --no-api";

    /// <summary>None where the API server is not asked.</summary>
    public static PermissionNeed? Of(ManifestLife life)
    {
        if (!life.Options.AsksApi) return null;
        var (spec, of, container) = (life.Template.Spec, life.Template.Of, life.Proa.Container);
        return new(
            of.Namespace,
            AccountIn(spec)?.Text is { Length: > 0 } account ? account : "default",
            of.Kind == "Pod" ? of.Name : "",
            HasOwnToken(container) ? true : spec["automountServiceAccountToken"]?.Text is { } mounts ? mounts == "true" : null);
    }

    private static Node? AccountIn(Node spec) => spec["serviceAccountName"] ?? spec["serviceAccount"];

    /// <summary>Where the service account is named, or where the container is.</summary>
    public static int LineIn(ManifestLife life) => (AccountIn(life.Template.Spec) ?? life.Proa.Container).Line;

    public Problem? ProblemIn(PodAccess access, int line)
    {
        if ((HasToken ?? access.Account(Namespace, Account)?["automountServiceAccountToken"]?.Text != "false") is false)
            return new(line, "proa has no token for the API server: automountServiceAccountToken is false", "remove that, " + Without);
        var (get, watch) = (access.Allows(Namespace, Account, "get", Pod), access.Allows(Namespace, Account, "watch", Pod));
        if (get is not false && watch is not false) return null;
        var what = get is not false ? "watch" : watch is not false ? "get" : "get and watch";
        return new(
            line,
            $"nothing in these files allows service account {Account} to {what} pods",
            $"add the file that allows it with another -f, {Without}, or add a Role with "
                + "{apiGroups: [\"\"], resources: [pods], verbs: [get, watch]} and a RoleBinding to " + Account);
    }

    /// <summary>A token that the Pod mounts itself.</summary>
    private static bool HasOwnToken(Node container) =>
        container.List("volumeMounts").Any(m => m.Word("mountPath").StartsWith("/var/run/secrets/kubernetes.io/serviceaccount", StringComparison.Ordinal));
}
