using Proa.Manifests;

namespace Proa.Checking.Manifests;

/// <summary>Sidecars that a webhook adds on the cluster, so that the manifest does not have them, and what they will need.</summary>
internal static class Announced
{
    public static IEnumerable<string> In(Node template)
    {
        var (annotations, labels) = (template.At("metadata", "annotations"), template.At("metadata", "labels"));
        if (Is("sidecar.istio.io/inject", "true")) yield return "Istio adds istio-proxy on the cluster: proa recognises it";
        if (Is("linkerd.io/inject", "enabled"))
            yield return Needs("Linkerd", "linkerd-proxy", "config.linkerd.io/proxy-admin-shutdown", "enabled");
        if (Is("vault.hashicorp.com/agent-inject", "true") && !Is("vault.hashicorp.com/agent-pre-populate-only", "true"))
            yield return Needs("Vault", "vault-agent", "vault.hashicorp.com/agent-enable-quit", "\"true\"");
        if (Is("dapr.io/enabled", "true")) yield return "Dapr adds daprd on the cluster: proa recognises it";
        if (Is("consul.hashicorp.com/connect-inject", "true"))
            yield return Needs("Consul", "consul-dataplane", "consul.hashicorp.com/enable-sidecar-proxy-lifecycle", "\"true\"");

        bool Is(string name, string value) => annotations?.Word(name) == value || labels?.Word(name) == value;

        string Needs(string who, string sidecar, string annotation, string value) => Is(annotation, value.Trim('"'))
            ? $"{who} adds {sidecar} on the cluster: proa recognises it, and its shutdown endpoint is on"
            : $"{who} adds {sidecar} on the cluster, whose shutdown endpoint is off: unless it is a native sidecar, "
                + $"annotate the Pod with {annotation}: {value}";
    }
}
