using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Waiting;

/// <summary>What is known of something that main waits for.</summary>
/// <param name="Readiness">Whether it holds: not yet, now, or never.</param>
/// <param name="Why">Why it does not, in words; empty if it does.</param>
/// <param name="Hint">What a person can do about it; may be empty.</param>
/// <param name="LikelyCause">What a person may look at where it does not hold for long; may be empty.</param>
internal sealed record ConditionState(Readiness Readiness, string Why, string Hint, string LikelyCause)
{
    /// <summary>The Pod's readiness as a condition.</summary>
    /// <param name="verdict">What the last state of the Pod came to; null where none was seen.</param>
    /// <param name="problem">Why the API server tells nothing newer; empty if it does.</param>
    public static ConditionState Of(ReadinessVerdict? verdict, string problem)
    {
        var why = (verdict, problem) switch
        {
            (null, "") => "the API server has not answered yet",
            (null, _) => problem,
            (_, "") => verdict.Why,
            _ => $"{problem}; before that: {verdict.Why}",
        };
        var likelyCause = verdict is null || problem.Length > 0
            ? "does a NetworkPolicy, or a mesh's proxy that is not up yet, block the API server?"
            : LikelyCauseOf(verdict);
        return new(verdict?.Readiness ?? Readiness.Wait, why, verdict?.Hint ?? "", likelyCause);
    }

    private static string LikelyCauseOf(ReadinessVerdict verdict) => verdict.Cause switch
    {
        ReadinessCause.Sidecars => string.Join("; ", verdict.Pending.Select(s => LikelyCauseOf(s, verdict.Main))),
        ReadinessCause.FormerLife => "does the kubelet reach the API server?",
        ReadinessCause.PodEnds or ReadinessCause.WrongRequest => "",
    };

    private static string LikelyCauseOf(Sidecar sidecar, Container? main) => sidecar switch
    {
        { Status.State.Running: not null } when WaitsForMain.Why(sidecar, main) is { } why => Printable.Line(why.ToString()),
        { Status.State.Running: not null, Container: { ReadinessProbe: null, StartupProbe: null } } => $"see kubectl describe pod for {sidecar.Name}",
        { Status.State.Running: not null } =>
            $"does a probe of {sidecar.Name} wait for main, or does a NetworkPolicy block what {sidecar.Name} needs? kubectl describe pod "
                + "shows why the probe fails",
        _ => sidecar.Hint() is { Length: > 0 } hint ? hint : $"kubectl describe pod shows what {sidecar.Name} waits for",
    };
}
