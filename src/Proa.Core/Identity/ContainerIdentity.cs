using Proa.Pods;

namespace Proa.Identity;

/// <summary>Which container of the Pod we are, and how that is known.</summary>
/// <param name="Source">Where it comes from, for people.</param>
/// <param name="IsGuess">Whether nothing tells for certain.</param>
internal sealed record ContainerIdentity(string Name, string Source, bool IsGuess = false);

/// <summary>What can tell which container we are.</summary>
/// <param name="Option"><c>--container</c>, or null.</param>
/// <param name="MountInfo">The text of /proc/self/mountinfo, or empty.</param>
/// <param name="CGroup">The text of /proc/self/cgroup, or empty.</param>
internal sealed record ContainerEvidence(string? Option, string MountInfo, string CGroup)
{
    /// <summary>
    /// Decides by the strongest evidence. The first container is the last resort: Istio, with holdApplicationUntilProxyStarts,
    /// puts its proxy there.
    /// </summary>
    /// <param name="error">Why there is no answer, with the remedy.</param>
    public ContainerIdentity? Decide(Pod pod, out string? error)
    {
        var found = Find(pod);
        error = found switch
        {
            null => "the Pod has no containers",
            _ when Has(pod.Spec.Containers, found.Name) => null,
            _ when Has(pod.Spec.InitContainers, found.Name) => $"container \"{found.Name}\" is an init container: proa belongs in a regular container",
            _ => $"the Pod has no container \"{found.Name}\" ({found.Source}): it has {string.Join(", ", pod.Spec.Containers.Select(c => c.Name))}",
        };
        return error is null ? found : null;
    }

    private ContainerIdentity? Find(Pod pod)
    {
        if (Option is not null) return new(Option, "--container");
        if (MountTable.ContainerName(MountInfo, pod.Metadata.Uid) is { } mounted) return new(mounted, "the mount of the termination log");
        if (ByContainerId(pod.Status.ContainerStatuses, MountInfo, CGroup) is { } identified) return new(identified, "the container ID");
        if (pod.Metadata.Annotations.DefaultContainer is { } annotated && Has(pod.Spec.Containers, annotated))
            return new(annotated, "the annotation kubectl.kubernetes.io/default-container");
        return pod.Spec.Containers is [var first, ..]
            ? pod.Spec.Containers.Length == 1
                ? new(first.Name, "the only container")
                : new(first.Name, "the first container, because nothing else identifies it", IsGuess: true)
            : null;
    }

    /// <summary>What to do where <see cref="Decide"/> has no answer.</summary>
    public string Hint => Option is null ? "name it with --container" : "correct --container";

    /// <summary>The container of the Pod, of any kind, that a process runs in; null where nothing tells.</summary>
    public static string? ContainerOf(Pod pod, string mountInfo, string cgroup)
    {
        return MountTable.ContainerName(mountInfo, pod.Metadata.Uid)
            ?? ByContainerId(
                [.. pod.Status.ContainerStatuses, .. pod.Status.InitContainerStatuses, .. pod.Status.EphemeralContainerStatuses], mountInfo, cgroup);
    }

    private static string? ByContainerId(IEnumerable<ContainerStatus> statuses, string mountInfo, string cgroup)
    {
        var names = statuses
            .Where(s => ContainerIdOf(s) is { Length: 64 } id && (Contains(cgroup, id) || Contains(mountInfo, id)))
            .Select(s => s.Name)
            .Distinct()
            .ToArray();
        return names.Length == 1 ? names[0] : null;
    }

    private static string? ContainerIdOf(ContainerStatus status) =>
        status.ContainerId is { } id && id.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? id[(scheme + 3)..] : null;

    private static bool Contains(string text, string id) => text.Contains(id, StringComparison.Ordinal);

    private static bool Has(Container[] containers, string name) => containers.Any(c => c.Name == name);
}
