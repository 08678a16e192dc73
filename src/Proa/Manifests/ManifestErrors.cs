using Proa.Kubernetes;

namespace Proa.Manifests;

internal static class ManifestErrors
{
    public static CannotRunException Unreadable(string name, string why) =>
        new($"cannot read {name}: {why}", "give a manifest that kubectl takes; for a Helm chart: helm template . | proa --check -f -");
}
