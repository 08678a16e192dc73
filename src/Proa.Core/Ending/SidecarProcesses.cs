using System.Collections.Immutable;
using Proa.Identity;
using Proa.Pods;

namespace Proa.Ending;

/// <param name="Container">Its container, or null where that is not known.</param>
internal sealed record SidecarProcess(ProcessFacts Process, string? Container)
{
    /// <summary>For the log: <c>envoy (process 12) of proxy</c>.</summary>
    public string Describe() => Process.Describe() + (Container is null ? "" : " of " + Container);
}

/// <summary>A process that is meant, and is left alone all the same.</summary>
internal sealed record SparedProcess(SidecarProcess Process, string Why);

internal sealed record SignalRefusal(string Problem, string Hint);

/// <summary>Which processes are signalled (<c>--kill</c>, <c>--kill-all</c>).</summary>
/// <param name="Missing">The selectors that no process answers to.</param>
/// <param name="All">All processes outside of our own container.</param>
internal sealed record SidecarProcesses(
    ImmutableArray<SidecarProcess> Chosen,
    ImmutableArray<SparedProcess> Spared,
    ImmutableArray<ProcessSelector> Missing,
    ImmutableArray<SidecarProcess> All)
{
    private const string Share = "set shareProcessNamespace: true in the Pod's spec";
    private static readonly SignalRefusal _ofTheNode = new("these are the node's processes, not only the Pod's", Share + " instead of hostPID");
    private static readonly SignalRefusal _notShared = new("the Pod's containers do not see each other's processes", Share);

    /// <summary>
    /// Why no process of a sidecar may be signalled, or null: without a shared PID namespace there is none to see, and in the
    /// node's everybody's are ("Share Process Namespace between Containers in a Pod").
    /// </summary>
    /// <param name="processes">The processes that proa sees; empty where it has not looked yet.</param>
    public static SignalRefusal? WhyNone(ImmutableArray<ProcessFacts> processes, int supervisor, Pod? pod)
    {
        if (pod?.Spec.HostPid is true || processes.Any(p => p.Stat.IsOfKernel)) return _ofTheNode;
        return supervisor == ProcessStat.Init ? _notShared : pod is null ? null : WhyNotShared(pod);
    }

    /// <summary>Why none may be signalled, by the Pod's spec alone; else null.</summary>
    public static SignalRefusal? WhyNotShared(Pod pod) =>
        pod.Spec.HostPid is true ? _ofTheNode : pod.Spec.ShareProcessNamespace is true ? null : _notShared;

    /// <summary>
    /// Chooses. Never chosen are proa and main's tree, whatever else runs in our own container, PID 1 (the Pod's pause process),
    /// kernel threads, what is of another Pod, and what is of a container that is no regular sidecar: a native one the kubelet ends, an
    /// ephemeral one is a person's.
    /// </summary>
    /// <param name="processes">All processes of the PID namespace, proa's supervisor among them.</param>
    public static SidecarProcesses Choose(ImmutableArray<ProcessFacts> processes, int supervisor, Pod? pod, string? self, ProcessSelection selection)
    {
        var others = processes
            .Where(p => p.Stat is { Id: not ProcessStat.Init, IsOfKernel: false, HasEnded: false })
            .Where(new OwnContainer(processes, supervisor, pod).IsElsewhere)
            .Select(p => new SidecarProcess(
                p, pod is null ? MountTable.ContainerName(p.MountInfo, "") : ContainerEvidence.ContainerOf(pod, p.MountInfo, p.CGroup)))
            .Where(p => p.Container is null || p.Container != self)
            .ToImmutable();

        var meant = others
            .Where(p => (selection.All && !selection.Later.Contains(p.Container ?? "")) || selection.Selectors.Any(k => Means(k, p))).ToImmutable();
        var spared = meant.Select(p => new SparedProcess(p, WhySpared(pod, p.Container, selection.Ignore))).Where(s => s.Why.Length > 0).ToImmutable();
        return new(
            [.. meant.Except(spared.Select(s => s.Process))],
            spared,
            [.. selection.Selectors.Where(k => !meant.Any(p => Means(k, p)))],
            others);
    }

    private static bool Means(ProcessSelector selector, SidecarProcess process) =>
        selector.Container is { } container ? container == process.Container : process.Process.IsCalled(selector.Executable!);

    private static string WhySpared(Pod? pod, string? container, ImmutableArray<string> ignore)
    {
        if (container is null) return "";
        if (ignore.Contains(container)) return "--ignore";
        if (pod is null || pod.Spec.Containers.Any(c => c.Name == container)) return "";
        return pod.Spec.InitContainers.Any(c => c.Name == container) ? "it is native, and the kubelet stops it" : "it is not a sidecar";
    }

    /// <summary>Tells what runs in our own container, and what in another Pod.</summary>
    private sealed class OwnContainer
    {
        private readonly Dictionary<int, int> _parents = [];
        private readonly int _supervisor;
        private readonly Func<string, bool> _sharesMounts;
        private readonly string _group;
        private readonly string? _podUid;
        private readonly bool _isPodKnown;

        public OwnContainer(ImmutableArray<ProcessFacts> processes, int supervisor, Pod? pod)
        {
            foreach (var process in processes) _parents.Add(process.Stat.Id, process.Stat.Parent);
            _supervisor = supervisor;
            var own = processes.FirstOrDefault(p => p.Stat.Id == supervisor);
            _sharesMounts = MountTable.SharedWith(own?.MountInfo ?? "");
            // Where the pause process has the same one, groups do not tell containers apart.
            var pause = processes.FirstOrDefault(p => p.Stat.Id == ProcessStat.Init);
            _isPodKnown = pod is not null;
            _podUid = pod?.Metadata.Uid ?? MountTable.PodUid(own?.MountInfo ?? "");
            _group = own is not null && own.CGroup != pause?.CGroup ? own.CGroup : "";
        }

        public bool IsElsewhere(ProcessFacts process) =>
            !IsOfProa(process.Stat.Id)
            && !_sharesMounts(process.MountInfo)
            && (_group.Length == 0 || process.CGroup != _group)
            && IsOfOurPod(process);

        /// <summary>
        /// A process of another Pod is known by its mounts. Where the Pod is not known, to share its PID namespace, only what is known to be
        /// of ours is: on a node that is itself a container, no kernel thread tells that these are the node's processes.
        /// </summary>
        private bool IsOfOurPod(ProcessFacts process) => _podUid is null || (MountTable.PodUid(process.MountInfo) is { } uid ? uid == _podUid : _isPodKnown);

        /// <summary>Main's orphans are proa's children, as it is their subreaper.</summary>
        private bool IsOfProa(int id)
        {
            // A table that was read while processes came and went may have a circle in it.
            var top = id;
            for (var steps = _parents.Count; steps >= 0 && top != 0 && top != _supervisor; steps--) top = _parents.GetValueOrDefault(top);
            if (top != _supervisor) top = 0;
            // The next one's way is short: a chain of thousands is not walked thousands of times.
            for (var at = id; at != 0 && at != top;) (at, _parents[at]) = (_parents.GetValueOrDefault(at), top);
            return top != 0;
        }
    }
}
