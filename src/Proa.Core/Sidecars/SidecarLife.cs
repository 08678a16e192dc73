using System.Collections.Immutable;
using Proa.Pods;

namespace Proa.Sidecars;

/// <summary>One life of a sidecar: a sidecar that is started again does not know that it was asked to stop.</summary>
/// <param name="Restarts">How often it had been started again.</param>
/// <param name="ContainerId">The container runtime's ID, or empty.</param>
internal sealed record SidecarLife(string Name, int Restarts, string ContainerId)
{
    /// <summary>
    /// The lives of those of these sidecars that run now, or whose first life the kubelet has not shown yet: whoever is asked then is asked
    /// in that life.
    /// </summary>
    public static ImmutableArray<SidecarLife> Told(Pod? pod, ImmutableArray<string> names) => pod is null ? [] :
        [
            .. Running(pod, names),
            .. names.Where(name => Array.Find(pod.Status.ContainerStatuses, s => s.Name == name)
                    is null or { State: { Running: null, Terminated: null }, LastState.Terminated: null, RestartCount: null or 0 })
                .Select(name => new SidecarLife(name, 0, "")),
        ];

    /// <summary>Whether the two are one life: before the kubelet shows it, its container has no ID.</summary>
    public bool Is(SidecarLife other) =>
        Name == other.Name && Restarts == other.Restarts && (ContainerId == other.ContainerId || ContainerId.Length == 0 || other.ContainerId.Length == 0);

    /// <summary>The lives of those of these sidecars that run now.</summary>
    public static ImmutableArray<SidecarLife> Running(Pod? pod, ImmutableArray<string> names) => pod is null ? [] :
        [.. pod.Status.ContainerStatuses
            .Where(s => s.State is { Running: not null, Terminated: null } && names.Contains(s.Name))
            .Select(s => new SidecarLife(s.Name, s.RestartCount ?? 0, s.ContainerId ?? ""))];
}
