using System.Collections.Immutable;

namespace Proa.Manifests;

/// <summary>What a service account may do with Pods, by the Roles and RoleBindings of the same files.</summary>
internal sealed class PodAccess(ImmutableArray<ManifestObject> objects)
{
    private const string Accounts = "system:serviceaccounts";

    /// <summary>ClusterRoles that every cluster has, and with which Pods may be read.</summary>
    private static readonly string[] _readers = ["view", "edit", "admin", "cluster-admin"];

    public static bool Has(string kind) => kind is "Role" or "RoleBinding" or "ClusterRole" or "ClusterRoleBinding" or "ServiceAccount";

    /// <summary>Whether the verb is allowed; null where a binding has a role that is not in the files.</summary>
    /// <param name="podNamespace">Empty where the manifest leaves it to kubectl.</param>
    /// <param name="pod">The Pod's name; empty where it is generated.</param>
    public bool? Allows(string podNamespace, string account, string verb, string pod)
    {
        bool? allowed = false;
        foreach (var binding in objects.Where(o => o.Kind is "RoleBinding" or "ClusterRoleBinding"))
        {
            if (binding.Kind == "RoleBinding" && !IsSame(binding.Namespace, podNamespace)) continue;
            if (!binding.Root.List("subjects").Any(s => IsMeant(s, podNamespace, account))) continue;
            var (kind, name) = (binding.Root["roleRef"]?.Word("kind"), binding.Root["roleRef"]?.Word("name"));
            if (kind == "ClusterRole" && _readers.Any(r => r == name)) return true;
            var role = objects.FirstOrDefault(o => o.Kind == kind && o.Name == name && (kind == "ClusterRole" || IsSame(o.Namespace, podNamespace)));
            if (role is null) allowed = null;
            else if (role.Root.List("rules").Any(r => Allows(r, verb, pod))) return true;
        }

        return allowed;
    }

    /// <summary>The service account of the files, or null.</summary>
    public Node? Account(string podNamespace, string name) =>
        objects.FirstOrDefault(o => o.Kind == "ServiceAccount" && o.Name == name && IsSame(o.Namespace, podNamespace))?.Root;

    private static bool Allows(Node rule, string verb, string pod) =>
        Contains(rule, "apiGroups", "") && Contains(rule, "resources", "pods") && Contains(rule, "verbs", verb)
        && (rule.List("resourceNames").Count == 0 || (pod.Length > 0 && rule.Words("resourceNames").Contains(pod)));

    private static bool Contains(Node rule, string list, string word) => rule.Words(list).Any(w => w == word || w == "*");

    private static bool IsMeant(Node subject, string podNamespace, string account) => subject.Word("kind") switch
    {
        "ServiceAccount" => subject.Word("name") == account && IsSame(subject.Word("namespace"), podNamespace),
        "Group" => subject.Word("name") is "system:authenticated" or Accounts
            || (subject.Word("name").Split(':') is ["system", "serviceaccounts", var of] && IsSame(of, podNamespace)),
        "User" => subject.Word("name").Split(':') is ["system", "serviceaccount", var of, var name] && name == account && IsSame(of, podNamespace),
        _ => false,
    };

    /// <summary>Of a namespace that is left out, nothing is known.</summary>
    private static bool IsSame(string one, string other) => one.Length == 0 || other.Length == 0 || one == other;
}
