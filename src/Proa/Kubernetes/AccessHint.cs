using Proa.Identity;

namespace Proa.Kubernetes;

/// <summary>What to apply where proa may not read its Pod.</summary>
internal static class AccessHint
{
    /// <summary>The Role and the RoleBinding, ready for <c>kubectl apply -f -</c>, with this namespace and service account filled in.</summary>
    public static string Role(PodIdentity identity)
    {
        var account = identity.ServiceAccount.Length > 0 ? identity.ServiceAccount : "default";
        return $"""
            let service account {account} get and watch pods in namespace {identity.Namespace}, with kubectl apply -f - and:
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata:
              name: proa
              namespace: {identity.Namespace}
            rules:
            - apiGroups: [""]
              resources: [pods]
              verbs: [get, watch]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata:
              name: proa-{account}
              namespace: {identity.Namespace}
            roleRef:
              apiGroup: rbac.authorization.k8s.io
              kind: Role
              name: proa
            subjects:
            - kind: ServiceAccount
              name: {account}
              namespace: {identity.Namespace}
            """;
    }
}
