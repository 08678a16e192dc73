using Proa.Identity;
using Proa.Sidecars;
using Proa.Watching;

namespace Proa.Kubernetes;

/// <summary>What to do where the API server does not let proa read its Pod.</summary>
internal static class AccessHint
{
    /// <summary>What a person can do about a failure; empty where it may pass by itself.</summary>
    public static string For(ApiFailure failure, PodIdentity identity, string trustHint) => failure.Kind switch
    {
        ApiFailureKind.Unauthorized =>
            "the token is not accepted: check that it is from this cluster, and that its service account still exists" + KnownSidecarsText.NeedsNone,
        ApiFailureKind.Forbidden => Role(identity),
        ApiFailureKind.NotFound =>
            $"{Printable.Line(identity.Describe())} was looked up, by {identity.Source}: if that is wrong, set --pod and --namespace",
        ApiFailureKind.Untrusted => trustHint,
        ApiFailureKind.Refused => "is KUBERNETES_SERVICE_HOST or the kubeconfig's server really an API server?",
        ApiFailureKind.Transient or ApiFailureKind.Expired => "",
    };

    /// <summary>
    /// The Role and the RoleBinding, ready for <c>kubectl apply -f -</c>, with this namespace and service account filled in: one document,
    /// which stays valid however far it is indented.
    /// </summary>
    public static string Role(PodIdentity identity)
    {
        var account = Printable.Line(identity.ServiceAccount.Length > 0 ? identity.ServiceAccount : "default");
        var podNamespace = Printable.Line(identity.Namespace);
        return $"""
            {KnownSidecarsText.DoWithout}let service account {account} get and watch pods in namespace {podNamespace}, with kubectl apply -f - and:
            apiVersion: v1
            kind: List
            items:
            - apiVersion: rbac.authorization.k8s.io/v1
              kind: Role
              metadata:
                name: proa
                namespace: {podNamespace}
              rules:
              - apiGroups: [""]
                resources: [pods]
                verbs: [get, watch]
            - apiVersion: rbac.authorization.k8s.io/v1
              kind: RoleBinding
              metadata:
                name: proa-{account}
                namespace: {podNamespace}
              roleRef:
                apiGroup: rbac.authorization.k8s.io
                kind: Role
                name: proa
              subjects:
              - kind: ServiceAccount
                name: {account}
                namespace: {podNamespace}
            """;
    }
}
