using Proa.Pods;
using Proa.Sidecars;
using Proa.Waiting;

namespace Proa.Stopping;

/// <summary>
/// Judges one state of the Pod after the other while the command runs. A state that cannot be of our container's present life is believed
/// only in the end, see <see cref="OwnLife.LongestDoubt"/>.
/// </summary>
internal sealed class StopJudge(StopRule rule, string self, OwnLife life)
{
    /// <summary>How often each sidecar had been started again when it was first seen to run.</summary>
    private readonly Dictionary<string, int> _restarts = [];
    private TimeSpan? _doubtedSince;

    /// <summary>When a state that is not believed is to be judged again; null where there is none.</summary>
    public TimeSpan? DoubtEnds { get; private set; }

    /// <summary>Remembers who runs in this state, with which main was started.</summary>
    public void See(Pod pod)
    {
        foreach (var sidecar in Sidecar.Of(pod, self, rule.Ignore))
        {
            if (sidecar.Status is { State.Running: not null } status) _restarts.TryAdd(sidecar.Name, status.RestartCount ?? 0);
        }
    }

    /// <summary>Why the command is to be ended; null: it goes on.</summary>
    /// <param name="now">When, on a clock that does not jump, from any beginning.</param>
    public StopCause? Judge(Pod pod, TimeSpan now)
    {
        _doubtedSince = life.WhyNotShown(pod, self) is null ? null : _doubtedSince ?? now;
        var doubtEnds = _doubtedSince + OwnLife.LongestDoubt;
        DoubtEnds = doubtEnds > now ? doubtEnds : null;
        if (DoubtEnds is not null) return null;
        See(pod);
        return Until(pod) ?? StopOn(pod);
    }

    private StopCause? Until(Pod pod)
    {
        var container = Sidecar.Of(pod, self, []).FirstOrDefault(c => c.Name == rule.Until);
        return container is not null && container.HasEnded(pod) ? new(container.Name, container.Describe(), IsUntil: true) : null;
    }

    /// <summary>In a Pod that the kubelet ends, main hears of it as the sidecars do.</summary>
    private StopCause? StopOn(Pod pod)
    {
        if (pod.WhyEnds is not null) return null;
        foreach (var sidecar in Sidecar.Of(pod, self, rule.Ignore))
        {
            var chosen = rule.StopOn.Where(s => s.Name is null || s.Name == sidecar.Name).ToArray();
            if (chosen.Length == 0) continue;
            if (sidecar.HasEnded(pod) || (chosen.Any(s => s.AlsoRestart) && HasBeenInterrupted(sidecar)))
                return new(sidecar.Name, How(sidecar), IsUntil: false);
        }

        return null;
    }

    /// <summary>Whether it has ended since it was first seen to run, though it may run again.</summary>
    private bool HasBeenInterrupted(Sidecar sidecar) =>
        _restarts.TryGetValue(sidecar.Name, out var before)
        && sidecar.Status is { } status
        && (status.State.Running is null || (status.RestartCount ?? 0) > before);

    private static string How(Sidecar sidecar) =>
        (sidecar.Status!.State.Terminated ?? sidecar.Status.LastState.Terminated) is { } ended ? $"exited with {Sidecar.Ended(ended)}" : sidecar.Describe();
}
