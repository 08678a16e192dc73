using System.Collections.Immutable;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Ending;

/// <param name="Asked">Whether it is asked to stop, and how or why not; null where proa cannot tell which of several a request reaches.</param>
/// <param name="Awaited">Whether its end is awaited, or why not.</param>
/// <param name="Remedy">What switches its endpoint on, where it is known and off; may be empty.</param>
/// <param name="Phase">When it is asked, among the others.</param>
/// <param name="IsIgnored">Whether the user leaves it out of everything.</param>
internal sealed record SidecarEnd(Sidecar Sidecar, Decision Asked, Decision Awaited, string Remedy, ShutdownPhase Phase, bool IsIgnored)
{
    /// <summary>Why it may not end though it is asked, and what to do then; null where nothing tells so.</summary>
    public EndDoubt? Doubt { get; init; }

    /// <summary>Whether it has ended for good.</summary>
    public bool HasEnded { get; init; }

    public string Name => Sidecar.Name;
}

/// <summary>What is to be done when main has exited: what is sent, whose end is awaited, and for how long. The worker carries it out.</summary>
/// <param name="Ask">Whether the sidecars are asked to stop, or why not.</param>
/// <param name="IsIdle">Whether there is nothing to do and nothing to say: the user asks for nothing, and no sidecar is known.</param>
/// <param name="IsForRetry">Whether they are not asked because main will be started again, which the Pod's deletion would change.</param>
/// <param name="Steps">What is sent, in order; none where they are not asked.</param>
/// <param name="Withheld">The requests that are not sent since they would reach a native sidecar, with its name.</param>
/// <param name="Sidecars">All sidecars of the Pod, the ignored ones too; empty where the Pod is not known.</param>
/// <param name="Budget">How long asking and waiting may take together, in a Pod that is not ending: see <see cref="ShutdownBudget"/>.</param>
/// <param name="Expectation">Whether a sidecar may begin to listen, or to run, where none does.</param>
internal sealed record ShutdownPlan(
    Decision Ask,
    bool IsIdle,
    bool IsForRetry,
    ImmutableArray<ShutdownStep> Steps,
    ImmutableArray<WithheldRequest> Withheld,
    ImmutableArray<SidecarEnd> Sidecars,
    TimeSpan Budget,
    Expectation Expectation)
{
    public const string NothingGiven = "no shutdown request is given";

    public bool Asks => Ask.Does is true;

    /// <summary>All requests of all steps, each once.</summary>
    public ImmutableArray<ShutdownRequest> Requests => [.. Steps.SelectMany(s => s.Requests).Select(r => r.Request).Distinct()];

    /// <summary>All that is signalled in any step.</summary>
    public ImmutableArray<ProcessSelection> Processes => [.. Steps.SelectMany(s => s.Processes)];

    /// <summary>The names of the sidecars whose end is awaited.</summary>
    public ImmutableArray<string> Awaited { get; } = [.. Sidecars.Where(s => s.Awaited.Does is true).Select(s => s.Name)];

    /// <summary>
    /// The names of those among them whose turn is in this phase or has been before. The next step does not wait for what nobody asks to
    /// stop: it would have to wait for all its share of the budget.
    /// </summary>
    public ImmutableArray<string> AwaitedUntil(ShutdownPhase phase) =>
        [.. Sidecars.Where(s => s is { Awaited.Does: true, Asked.Does: not false } && s.Phase <= phase).Select(s => s.Name)];

    /// <summary>Whether this sidecar may begin to listen where it does not.</summary>
    /// <param name="sidecar">Its name, or null: any.</param>
    public Expectation ExpectationOf(string? sidecar) =>
        sidecar is null || Expectation != Expectation.Likely || Sidecars.IsEmpty || Awaited.Contains(sidecar) ? Expectation : Expectation.None;

    /// <summary>Whether this sidecar is known to have ended for good.</summary>
    /// <param name="sidecar">Its name, or null: each that may have been asked.</param>
    public bool HasEnded(string? sidecar)
    {
        var meant = Sidecars.Where(s => sidecar is null ? s is { IsIgnored: false, Sidecar.Kind: SidecarKind.Regular } : s.Name == sidecar);
        return meant.Any() && meant.All(s => s.HasEnded);
    }

    /// <summary>
    /// Decides by the Pod as it is now and main's exit code. Sidecars stay where the kubelet will start main again, or the retry
    /// would wait for ever for sidecars that have completed. Native sidecars are neither asked for nor awaited: the kubelet ends
    /// them after us.
    /// </summary>
    /// <param name="exitCode">What proa will exit with.</param>
    /// <param name="mayBeSeen">Whether the API server can still be asked: an end that cannot be seen cannot be awaited.</param>
    public static ShutdownPlan Decide(Pod? pod, string? self, int exitCode, EndingRule rule, bool mayBeSeen = true)
    {
        var budget = ShutdownBudget.Of(pod, rule.Timeout);
        if (pod is null || self is null)
        {
            // Without the Pod nothing is known of main's restart, but what the user asks for is done.
            var known = WhyNotAsk(null, null, exitCode, rule, hasWork: rule.HasWork);
            return known is var (why, _)
                ? new(Decision.No(why), !rule.HasWork, false, [], [], [], budget, Expectation.None)
                : new(Decision.Yes, false, false, ShutdownStep.Of(rule), [], [], budget, Expect(pod, [], budget, mayBeSeen || rule.Timeout is not null));
        }

        var all = Sidecar.Of(pod, self, []);
        var targets = new ShutdownTargets(pod, all, rule);
        var whyNot = WhyNotAsk(pod, self, exitCode, rule, targets.HasWork);
        var ask = whyNot is var (reason, _) ? Decision.No(reason) : Decision.Yes;
        ImmutableArray<SidecarEnd> sidecars =
        [
            .. all.Select(s => LeftOut(s, ask, rule, targets.HasWork) is { } leftOut
                ? End(s, leftOut, leftOut)
                : End(s, targets.Asked(s.Name), targets.RemedyFor(s.Name).Length > 0 && rule.Timeout is null && ask.Does is true
                    ? Decision.No("nothing stops it")
                    : Awaits(pod, s, ask, budget, rule, mayBeSeen))),
        ];
        return new(
            ask,
            !targets.HasWork,
            whyNot is { IsForRetry: true },
            whyNot is null ? targets.Steps : [],
            targets.Withheld,
            sidecars,
            budget,
            Expect(pod, sidecars, budget, mayBeSeen || rule.Timeout is not null));

        SidecarEnd End(Sidecar sidecar, Decision asked, Decision awaited) =>
            new(sidecar, asked, awaited, targets.RemedyFor(sidecar.Name), targets.PhaseOf(sidecar.Name), rule.Ignore.Contains(sidecar.Name))
            {
                Doubt = targets.DoubtOf(sidecar.Name),
                HasEnded = sidecar.HasEnded(pod),
            };
    }

    private static (string Why, bool IsForRetry)? WhyNotAsk(Pod? pod, string? self, int exitCode, EndingRule rule, bool hasWork)
    {
        if (!hasWork) return (NothingGiven, false);
        switch (rule.When)
        {
            case ShutdownWhen.Always: return null;
            case ShutdownWhen.Never: return ("--shutdown-when never", false);
            case ShutdownWhen.Success: return exitCode == 0 ? null : ($"--shutdown-when success, and the exit code is {exitCode}", false);
            case ShutdownWhen.Auto: break;
        }

        if (pod?.Spec.Containers.FirstOrDefault(c => c.Name == self) is not { } own) return null;
        // One manifest then serves sidecars of either kind.
        if (pod.Spec.Containers.Length == 1 && Sidecar.Of(pod, own.Name, rule.Ignore).Any(s => s.Kind == SidecarKind.Native))
            return ("they are native, and the kubelet stops them", false);
        return Restart.After(pod, own, exitCode) is (true, var why) ? ($"the kubelet will restart {own.Name} ({why})", true) : null;
    }

    /// <summary>Why a sidecar is left out of the end whatever is asked; null where it is not.</summary>
    private static Decision? LeftOut(Sidecar sidecar, Decision ask, EndingRule rule, bool hasWork) =>
        rule.Ignore.Contains(sidecar.Name) ? Decision.No("--ignore")
        : sidecar.Kind == SidecarKind.Native ? Decision.No("native: the kubelet stops it")
        : rule.UsesKnown && sidecar.Known is { Sidecar: { EndsAfterMain: true } known } found
            ? Decision.No($"{known.Kind}, by {found.By}: it ends by itself, after main")
        : hasWork && ask.Does is false ? ask
        : null;

    /// <summary>
    /// Awaited is a regular sidecar that the kubelet leaves alone at least when it ends well, and that has not ended for good: one that
    /// waits to be started, for the first time or again, is going to run. In a Pod that ends, the kubelet kills us if we stay.
    /// </summary>
    private static Decision Awaits(Pod pod, Sidecar sidecar, Decision ask, TimeSpan budget, EndingRule rule, bool mayBeSeen)
    {
        if (ask.Does is false) return ask;
        if (budget == TimeSpan.Zero) return Decision.No(rule.Timeout is null ? "terminationGracePeriodSeconds is 0" : "--shutdown-timeout 0");
        if (pod.IsBeingDeleted) return Decision.No("the Pod is being deleted");
        if (sidecar.HasEnded(pod)) return Decision.No("it has ended");
        if (pod.WhyEnds is { } end) return Decision.No(end);
        if (Restart.After(pod, sidecar.Container, 0) is (true, var why)) return Decision.No($"the kubelet restarts it ({why})");
        return mayBeSeen ? Decision.Yes : Decision.No("proa cannot ask the API server");
    }

    private static Expectation Expect(Pod? pod, ImmutableArray<SidecarEnd> sidecars, TimeSpan budget, bool isLasting)
    {
        if (budget == TimeSpan.Zero) return Expectation.None;
        if (pod is not null) return sidecars.Any(s => s.Awaited.Does is true) ? Expectation.Likely : Expectation.None;
        return isLasting ? Expectation.Likely : Expectation.Possible;
    }
}
