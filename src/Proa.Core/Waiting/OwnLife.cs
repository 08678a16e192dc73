using Proa.Identity;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Waiting;

/// <summary>
/// The life that our own container lives now. Where containers have been started again, the API server may still show the Pod as it
/// was in their life before, in which the sidecars were ready.
/// </summary>
/// <param name="BeganAt">When the container's first process was started, by the node's clock; null where that cannot be seen.</param>
internal sealed record OwnLife(DateTimeOffset? BeganAt)
{
    /// <summary>
    /// How long a status that cannot be of this life is waited out. The kubelet reports each change at once, and what it could not
    /// report after ten seconds at most: a status that is doubted for longer is doubted because the node's clock was set meanwhile.
    /// </summary>
    public static readonly TimeSpan LongestDoubt = TimeSpan.FromSeconds(30);

    private const double TicksPerSecond = 100; // USER_HZ, the same on x64 and arm64

    /// <summary>What startedAt is rounded down to.</summary>
    private static readonly TimeSpan _resolution = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Finds the container's first process: a script may have started proa at any time. It is process 1, unless the Pod's containers
    /// share their processes. Then it is the first of proa's ancestors that has none in the container. Among the node's processes
    /// the container's are not told from its runtime's: there proa itself counts as the first.
    /// </summary>
    /// <param name="processes">Process 1, proa, proa's parent, and so on, as far as they can be seen.</param>
    /// <param name="supervisor">proa's process ID.</param>
    /// <param name="sinceBoot">The time since the system's start, by the clock that processes' start times are of.</param>
    /// <param name="now">The node's clock at the same moment.</param>
    public static OwnLife Of(PodSpec spec, IReadOnlyCollection<ProcessStat> processes, int supervisor, TimeSpan sinceBoot, DateTimeOffset now)
    {
        var first = spec.HostPid == true ? Find(supervisor)
            : spec.ShareProcessNamespace == true ? Top()
            : Find(ProcessStat.Init);
        return new(first is { } process ? now - (sinceBoot - TimeSpan.FromSeconds(process.StartTime / TicksPerSecond)) : null);

        ProcessStat? Find(int id) => processes.Where(p => p.Id == id).Select(p => (ProcessStat?)p).FirstOrDefault();

        ProcessStat? Top()
        {
            var top = Find(supervisor);
            // A chain is no longer than the list, whatever the list says.
            for (var i = 0; i < processes.Count && top is { Parent: > ProcessStat.Init } && Find(top.Value.Parent) is { } parent; i++) top = parent;
            return top;
        }
    }

    /// <summary>Why this state of the Pod cannot be of our container's present life, in words; null if it can.</summary>
    public string? WhyNotShown(Pod pod, string self)
    {
        if (pod.RestartsAllContainers) return "all containers are being restarted";
        var state = Array.Find(pod.Status.ContainerStatuses, s => s.Name == self)?.State;
        return state switch
        {
            null => $"{self} has no status yet",
            { Terminated: { } ended } => $"{self} is shown as exited with {Sidecar.Ended(ended)}",
            { Running: { } running } => IsOfFormerLife(running.StartedAt) ? $"{self} is shown as running since {running.StartedAt}" : null,
            _ => $"{self} is shown as {state.Waiting?.Reason ?? "waiting"}",
        };
    }

    private bool IsOfFormerLife(string? startedAt) =>
        BeganAt is { } began
        && ApiTime.Read(startedAt) is { } started
        && began - started > _resolution;
}
