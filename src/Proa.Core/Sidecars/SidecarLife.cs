using System.Collections.Immutable;
using Proa.Pods;

namespace Proa.Sidecars;

/// <summary>One life of a sidecar: a sidecar that is started again does not know that it was asked to stop.</summary>
/// <param name="Restarts">How often it had been started again.</param>
/// <param name="ContainerId">The container runtime's ID, or empty.</param>
internal sealed record SidecarLife(string Name, int Restarts, string ContainerId)
{
    /// <summary>The lives of those of these sidecars that run now.</summary>
    public static ImmutableArray<SidecarLife> Running(Pod? pod, ImmutableArray<string> names) => pod is null ? [] :
        [.. pod.Status.ContainerStatuses
            .Where(s => s.State is { Running: not null, Terminated: null } && names.Contains(s.Name))
            .Select(s => new SidecarLife(s.Name, s.RestartCount ?? 0, s.ContainerId ?? ""))];
}
