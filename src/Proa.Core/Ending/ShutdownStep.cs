using System.Collections.Immutable;
using Proa.Sidecars;

namespace Proa.Ending;

/// <param name="Sidecar">The sidecar that it ends; null where that is not known.</param>
internal sealed record PlannedRequest(ShutdownRequest Request, string? Sidecar)
{
    /// <summary>The endpoint, where it is one of a kind that the Pod's spec tells; else null.</summary>
    public KnownQuit? Quit { get; init; }

    /// <summary>What to do where that is not there, by the Pod's spec.</summary>
    public string Hint { get; init; } = "";
}

/// <summary>What is sent together. The next step begins when the sidecars of this one have ended, or have had their share of the budget.</summary>
internal sealed record ShutdownStep(ShutdownPhase Phase, ImmutableArray<PlannedRequest> Requests, ImmutableArray<ProcessSelection> Processes)
{
    /// <summary>In order. (Enum.GetValues reads metadata at run time.)</summary>
    public static ImmutableArray<ShutdownPhase> AllPhases { get; } = [ShutdownPhase.Plain, ShutdownPhase.Shipper, ShutdownPhase.Network];

    /// <summary>The steps in which this is sent, in order. Phases with nothing to send have none.</summary>
    public static ImmutableArray<ShutdownStep> Of(
        IEnumerable<(ShutdownPhase Phase, PlannedRequest Request)> requests, IEnumerable<(ShutdownPhase Phase, ProcessSelection Selection)> processes) =>
        [
            .. AllPhases
                .Select(phase => new ShutdownStep(
                    phase,
                    [.. requests.Where(r => r.Phase == phase).Select(r => r.Request)],
                    [.. processes.Where(p => p.Phase == phase && !p.Selection.IsEmpty).Select(p => p.Selection)]))
                .Where(step => !(step.Requests.IsEmpty && step.Processes.IsEmpty)),
        ];

    /// <summary>The steps where the Pod is not known: a URL may still tell whose it is.</summary>
    public static ImmutableArray<ShutdownStep> Of(EndingRule rule) => Of(
        rule.Requests.Select(r => (rule.UsesKnown ? KnownSidecars.PhaseAt(r.Url) : ShutdownPhase.Plain, new PlannedRequest(r, null))),
        [(ShutdownPhase.Plain, rule.Processes)]);

    /// <summary>How long this step's sidecars may take before the next step begins: all steps that are left get the same.</summary>
    /// <param name="left">What is left of the budget.</param>
    /// <param name="steps">How many steps are left, this one among them.</param>
    public static TimeSpan Share(TimeSpan left, int steps) => left / Math.Max(steps, 1);
}
