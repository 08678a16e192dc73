using System.Collections.Immutable;

namespace Proa.Ending;

/// <summary>How the sidecars end, by what the user says.</summary>
/// <param name="Timeout">How long asking and waiting may take together; null: as the Pod says.</param>
internal sealed record EndingRule(
    ShutdownWhen When,
    TimeSpan? Timeout,
    ImmutableArray<ShutdownRequest> Requests,
    ProcessSelection Processes,
    ImmutableArray<string> Ignore)
{
    public static EndingRule Of(Options options) => new(
        options.ShutdownWhen,
        options.ShutdownTimeout,
        options.ShutdownRequests,
        new(options.Kill, options.KillAll, options.KillSignal, options.Ignore),
        options.Ignore);

    /// <summary>
    /// Whether there is anything to do: sidecars to ask, or, where the user says for how long, to wait for. Who
    /// asks nobody need not wait either: our own end may be what a sidecar waits for.
    /// </summary>
    public bool HasWork => !Requests.IsEmpty || !Processes.IsEmpty || Timeout is not null;
}

/// <summary>Which processes of the sidecars are signalled.</summary>
/// <param name="All">Every one of them.</param>
/// <param name="Signal">1 to 64.</param>
internal sealed record ProcessSelection(ImmutableArray<ProcessSelector> Selectors, bool All, int Signal, ImmutableArray<string> Ignore)
{
    public bool IsEmpty => Selectors.IsEmpty && !All;
}
