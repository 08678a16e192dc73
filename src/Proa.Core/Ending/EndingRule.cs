using System.Collections.Immutable;

namespace Proa.Ending;

/// <summary>How the sidecars end, by what the user says.</summary>
/// <param name="Timeout">How long asking and waiting may take together; null: as the Pod says.</param>
/// <param name="UsesKnown">Whether sidecars are asked that proa knows, though the user does not name them.</param>
internal sealed record EndingRule(
    ShutdownWhen When,
    TimeSpan? Timeout,
    ImmutableArray<ShutdownRequest> Requests,
    ProcessSelection Processes,
    ImmutableArray<string> Ignore,
    bool UsesKnown)
{
    public static EndingRule Of(Options options) => new(
        options.ShutdownWhen,
        options.ShutdownTimeout,
        options.ShutdownRequests,
        new(options.Kill, options.KillAll, options.KillSignal, options.Ignore),
        options.Ignore,
        options.UsesKnown);

    /// <summary>
    /// Whether the user asks for anything: sidecars to ask, or, where the user says for how long, to wait for. Who
    /// asks nobody need not wait either: our own end may be what a sidecar waits for.
    /// </summary>
    public bool HasWork => !Requests.IsEmpty || !Processes.IsEmpty || Timeout is not null;

    /// <summary>Whether there may be anything to do: what the user asks for, or sidecars that proa knows, where the Pod can be seen.</summary>
    public bool MayHaveWork(bool mayBeSeen) => HasWork || (UsesKnown && mayBeSeen);
}

/// <summary>Which processes of the sidecars are signalled.</summary>
/// <param name="All">Every one of them.</param>
/// <param name="Signal">1 to 64.</param>
internal sealed record ProcessSelection(ImmutableArray<ProcessSelector> Selectors, bool All, int Signal, ImmutableArray<string> Ignore)
{
    /// <summary>The sidecars that <see cref="All"/> leaves out here, since they are signalled in a later step.</summary>
    public ImmutableArray<string> Later { get; init; } = [];

    /// <summary>Whether it selects by executables, of which only the processes tell whose they are.</summary>
    public bool NamesExecutables => Selectors.Any(s => s.Executable is not null);

    public bool IsEmpty => Selectors.IsEmpty && !All;

    /// <summary>Whether this one selects all that the other one does.</summary>
    public bool Covers(ProcessSelection other) =>
        Signal == other.Signal && (All || !other.All) && other.Selectors.All(s => Selectors.Contains(s) || (All && !Later.Contains(s.Container ?? "")));
}
