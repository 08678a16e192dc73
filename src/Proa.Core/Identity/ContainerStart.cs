using System.Collections.Immutable;

namespace Proa.Identity;

/// <summary>Tells the process that a container was started with from what a person runs in it, as by kubectl exec.</summary>
internal static class ContainerStart
{
    /// <summary>
    /// Whether it is the process that its container was started with, or comes from it: it comes from the first of the PID namespace,
    /// or, as where the Pod shares one, nothing else has been in its container for longer.
    /// </summary>
    /// <param name="processes">All processes of the PID namespace; none where that cannot be told.</param>
    public static bool IsBy(ImmutableArray<ProcessFacts> processes, int id)
    {
        if (id == ProcessStat.Init) return true;
        var known = new Dictionary<int, ProcessFacts>();
        foreach (var process in processes) known.Add(process.Stat.Id, process);
        if (!known.TryGetValue(id, out var own)) return false;
        var oldest = own;
        // A table that was read while processes came and went may have a circle in it.
        for (var steps = processes.Length; steps > 0 && known.TryGetValue(oldest.Stat.Parent, out var parent); steps--)
        {
            if (parent.Stat.Id == ProcessStat.Init) return true;
            oldest = parent;
        }

        var isInContainer = MountTable.SharedWith(own.MountInfo);
        // Times are in hundredths of a second, within which the IDs tell who came first.
        return !processes.Any(p => IsOlder(p.Stat, oldest.Stat) && isInContainer(p.MountInfo));

        static bool IsOlder(ProcessStat one, ProcessStat other) =>
            one.StartTime < other.StartTime || (one.StartTime == other.StartTime && one.Id < other.Id);
    }
}
