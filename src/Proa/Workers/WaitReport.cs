using Proa.Ending;
using Proa.Linux;
using Proa.Logging;
using Proa.Pods;
using Proa.Sidecars;
using Proa.Waiting;

namespace Proa.Workers;

/// <summary>Logs what the wait is for: each change once.</summary>
internal sealed class WaitReport(Options options, Log log)
{
    private readonly EndingRule _rule = EndingRule.Of(options);
    private readonly Dictionary<string, string> _lastStates = [];
    private readonly HashSet<string> _hints = [];
    private bool _hasBegun;
    private bool _hasDoubted;
    private bool _hasEnded;

    /// <summary>Logs what is new. A verdict of Never is left to the error that it becomes.</summary>
    public void Write(Pod pod, string self, ReadinessVerdict verdict)
    {
        if (verdict.Readiness == Readiness.Never) return;
        if (verdict.Cause == ReadinessCause.FormerLife)
        {
            // What the sidecars did in their life before is not what main waits for.
            if (!_hasDoubted) log.StatusNotBelieved(verdict.Why, Duration.Format(OwnLife.LongestDoubt));
            _hasDoubted = true;
            return;
        }

        if (!_hasBegun) WriteFirst(pod, self, verdict);
        else if (verdict.Readiness != Readiness.Start || !verdict.Tests.IsEmpty) WriteChanges(verdict);
        _hasBegun = true;
        foreach (var sidecar in verdict.Awaited) _lastStates[sidecar.Name] = sidecar.Describe();
        if (verdict.Cause != ReadinessCause.PodEnds || _hasEnded) return;
        _hasEnded = true;
        log.PodEnds(verdict.Why);
    }

    private void WriteFirst(Pod pod, string self, ReadinessVerdict verdict)
    {
        foreach (var name in pod.Absent(options.Ignore)) log.IgnoredIsAbsent(name, pod.Names);
        if (options is { WaitOnly: false, Until: null }) WriteEnding(pod, self);
        if (verdict.Awaited.IsEmpty)
        {
            log.NoSidecars();
            return;
        }

        log.WaitingFor(
            string.Join(", ", verdict.Awaited.Select(s => $"{s.Name} ({s.Describe()}{By(verdict, s)})")),
            string.Join("; ", verdict.Awaited.Select(NewHint).Where(h => h.Length > 0)));
        var unprobed = verdict.Awaited.Where(s => s.Container.ReadinessProbe is null && By(verdict, s).Length == 0).Select(s => s.Name).ToArray();
        if (unprobed.Length > 0) log.NoReadinessProbe(string.Join(", ", unprobed));
    }

    /// <summary>By which test it is waited for; empty where that is the Pod's status.</summary>
    private static string By(ReadinessVerdict verdict, Sidecar sidecar) =>
        verdict.Tests.FirstOrDefault(t => t.Sidecar.Name == sidecar.Name) is { } tested ? $"; by {tested.Test}" : "";

    /// <summary>What can be foreseen of the end.</summary>
    private void WriteEnding(Pod pod, string self)
    {
        var plan = ShutdownPlan.Decide(pod, self, 0, _rule);
        foreach (var endless in EndlessSidecar.Of(pod, plan)) log.NothingEnds(endless.Name, endless.Why, endless.Remedy);
        foreach (var sidecar in plan.Sidecars)
            if (sidecar is { Asked.Does: true, Doubt: { } doubt }) log.MayNotEnd(sidecar.Name, doubt.Why, "if it does not end: " + doubt.Remedy);
        if (!_rule.Processes.IsEmpty && SidecarProcesses.WhyNone([], Libc.getppid(), pod) is var (problem, hint)) log.CannotSignal(problem, hint);
    }

    private void WriteChanges(ReadinessVerdict verdict)
    {
        foreach (var sidecar in verdict.Awaited.Where(s => _lastStates.GetValueOrDefault(s.Name) != s.Describe()))
            log.SidecarChanged(sidecar.Name, sidecar.Describe(), sidecar.Status?.State.Waiting?.Message, NewHint(sidecar));
    }

    /// <summary>What helps is said once, though the state that it is for comes and goes.</summary>
    private string NewHint(Sidecar sidecar) => sidecar.Hint() is { Length: > 0 } hint && _hints.Add(hint) ? hint : "";
}
