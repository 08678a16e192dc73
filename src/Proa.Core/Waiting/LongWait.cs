using Proa.Sidecars;

namespace Proa.Waiting;

/// <summary>What is said of a wait that lasts: when, and what a person may look at.</summary>
internal sealed record LongWait(string Why, string Hint)
{
    private const int FirstOnes = 3;
    private static readonly TimeSpan _first = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _longestGap = TimeSpan.FromDays(1);

    /// <summary>When it is said the next time: after 1, 2 and 3 minutes, then each time after twice the wait, and at least once a day.</summary>
    /// <param name="last">How long the wait had lasted when it was said last; zero if it was not yet.</param>
    public static TimeSpan Next(TimeSpan last) =>
        last < FirstOnes * _first ? last + _first
        : last < _longestGap ? 2 * last
        : last + _longestGap;

    /// <param name="verdict">What the last state of the Pod came to; null where none was seen.</param>
    /// <param name="problem">Why the API server tells nothing newer; empty if it does.</param>
    public static LongWait Of(ReadinessVerdict? verdict, string problem, Options options)
    {
        var why = (verdict, problem) switch
        {
            (null, "") => "the API server has not answered yet",
            (null, _) => problem,
            (_, "") => verdict.Why,
            _ => $"{problem}; before that: {verdict.Why}",
        };
        IEnumerable<string> hints = verdict is null || problem.Length > 0
            ? ["does a NetworkPolicy, or a mesh's proxy that is not up, keep proa from the API server?"]
            : Causes(verdict);
        if (options.ReadyTimeout is null) hints = hints.Append("proa waits without a limit: --ready-timeout sets one");
        return new(why, string.Join("; ", hints));
    }

    private static IEnumerable<string> Causes(ReadinessVerdict verdict) => verdict.Cause switch
    {
        ReadinessCause.Sidecars => verdict.Awaited.Where(s => !s.IsReady).Select(Cause),
        ReadinessCause.FormerLife => ["does the kubelet reach the API server?"],
        ReadinessCause.PodEnds or ReadinessCause.WrongRequest => [],
    };

    private static string Cause(Sidecar sidecar) => sidecar switch
    {
        { Status.State.Running: not null, Container: { ReadinessProbe: null, StartupProbe: null } } => $"see kubectl describe pod for {sidecar.Name}",
        { Status.State.Running: not null } => $"does a probe of {sidecar.Name} wait for main, or does a NetworkPolicy keep {sidecar.Name} from what it needs? kubectl describe pod shows how the probe fails",
        _ => sidecar.Hint() is { Length: > 0 } hint ? hint : $"kubectl describe pod shows what {sidecar.Name} waits for",
    };
}
