using System.Collections.Immutable;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Waiting;

internal enum Readiness
{
    Start,
    Wait,

    /// <summary>Not ever: a sidecar has ended for good, or one is asked for that the Pod does not have.</summary>
    Never,
}

/// <summary>What an answer other than Start is about.</summary>
internal enum ReadinessCause
{
    Sidecars,

    /// <summary>The command line asks for what cannot be.</summary>
    WrongRequest,

    /// <summary>The kubelet ends the Pod.</summary>
    PodEnds,

    /// <summary>The Pod's status may be of our container's life before.</summary>
    FormerLife,
}

/// <param name="Awaited">The sidecars that are waited for, in the spec's order.</param>
/// <param name="Why">Why the answer is Wait or Never, in words; empty for Start.</param>
internal sealed record ReadinessVerdict(Readiness Readiness, ImmutableArray<Sidecar> Awaited, string Why)
{
    public ReadinessCause Cause { get; private init; } = ReadinessCause.Sidecars;

    /// <summary>Those of the awaited that are tested on localhost: the verdict says nothing of them but that they have ended for good.</summary>
    public ImmutableArray<SidecarTest> Tests { get; private init; } = [];

    /// <summary>Our own container; null where the Pod has none of its name.</summary>
    public Container? Main { get; private init; }

    /// <summary>What a person can do about it; empty for Start, and where time will tell.</summary>
    public string Hint => Readiness switch
    {
        Readiness.Start => "",
        Readiness.Wait => string.Join("; ", Pending.Select(s => s.Hint()).Where(h => h.Length > 0)),
        Readiness.Never => Cause == ReadinessCause.WrongRequest
            ? "correct it: kubectl get pod -o yaml shows the containers"
            : "see kubectl describe pod, and kubectl logs of that container",
    };

    /// <summary>The awaited sidecars that are not ready, by the Pod's status.</summary>
    public IEnumerable<Sidecar> Pending => Awaited.Where(s => !s.IsReady && !IsTested(s));

    /// <summary>
    /// Judges the whole Pod, never a change of it: every awaited sidecar of the spec must have a status that says ready. Ordinary
    /// init containers and ephemeral containers do not count.
    /// </summary>
    /// <param name="life">Our container's present life, which the status must show to be believed; null to believe it as it is.</param>
    public static ReadinessVerdict Decide(Pod pod, string self, SidecarChoice choice, OwnLife? life = null)
    {
        var sidecars = Sidecar.Of(pod, self, choice.Ignore);
        var awaited = choice.WaitFor.IsEmpty ? sidecars : [.. sidecars.Where(s => choice.WaitFor.Contains(s.Name))];

        if (WrongName(sidecars, choice) is { } wrong)
        {
            var has = sidecars.IsEmpty ? "it has none" : "it has " + string.Join(", ", sidecars.Select(s => s.Name));
            return new(Readiness.Never, awaited, $"{wrong} names no sidecar of the Pod: {has}") { Cause = ReadinessCause.WrongRequest };
        }

        // SIGTERM is on its way to us, and a main started now would be ended at once, whatever the sidecars' statuses still say.
        if (pod.WhyEnds is { } end) return new(Readiness.Wait, awaited, end) { Cause = ReadinessCause.PodEnds };

        var doubt = awaited.IsEmpty ? null : life?.WhyNotShown(pod, self);
        ImmutableArray<SidecarTest> tests = choice.UsesKnown ? [.. awaited.Select(s => SidecarTest.Of(pod, s, doubt is null)).OfType<SidecarTest>()] : [];
        var verdict = Judge(pod, awaited, tests) with { Tests = tests, Main = Array.Find(pod.Spec.Containers, c => c.Name == self) };
        // What a former life's status says may keep main waiting, but must neither start it nor refuse to. A test is of the present one.
        return doubt is null || verdict.Readiness == Readiness.Wait || (verdict.Readiness == Readiness.Start && tests.Length == awaited.Length)
            ? verdict
            : verdict with { Readiness = Readiness.Wait, Why = "the Pod's status is not current yet: " + doubt, Cause = ReadinessCause.FormerLife };
    }

    private static ReadinessVerdict Judge(Pod pod, ImmutableArray<Sidecar> awaited, ImmutableArray<SidecarTest> tests)
    {
        var ended = awaited.FirstOrDefault(s => s.HasEnded(pod));
        if (ended is not null)
        {
            var why = Restart.After(pod, ended.Container, ended.Status!.State.Terminated!.ExitCode).Why;
            return new(Readiness.Never, awaited, $"sidecar {ended.Name} {ended.Describe()} and will not be started again ({why})");
        }

        var all = new ReadinessVerdict(Readiness.Start, awaited, "") { Tests = tests };
        var pending = string.Join("; ", all.Pending.Select(s => $"{s.Name}: {s.Describe()}"));
        return pending.Length == 0 ? all : all with { Readiness = Readiness.Wait, Why = pending };
    }

    private bool IsTested(Sidecar sidecar) => Tests.Any(t => t.Sidecar.Name == sidecar.Name);

    /// <summary>A typing error in a name is found before main runs, rather than when nobody can be found to stop.</summary>
    private static string? WrongName(ImmutableArray<Sidecar> sidecars, SidecarChoice choice) =>
        choice.WaitFor.FirstOrDefault(name => !Has(sidecars, name)) is { } awaited ? $"--wait-for \"{awaited}\""
        : choice.Kill.FirstOrDefault(k => k.Container is { } name && !Has(sidecars, name)) is { } killed ? $"--kill \"{killed}\""
        : choice.StopOn.FirstOrDefault(name => !Has(sidecars, name)) is { } essential ? $"--stop-on \"{essential}\""
        : null;

    private static bool Has(ImmutableArray<Sidecar> sidecars, string name) => sidecars.Any(s => s.Name == name);
}
