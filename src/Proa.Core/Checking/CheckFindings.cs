using System.Collections.Immutable;
using Proa.Identity;
using Proa.Pods;
using Proa.Waiting;

namespace Proa.Checking;

/// <summary>What the API server said when it was asked; null: yes.</summary>
/// <param name="Get">Why the Pod may not be read, or null.</param>
/// <param name="Watch">Why it may not be watched, or null.</param>
internal sealed record Permissions(string? Get, string? Watch);

/// <summary>What a connection to a request's URL met. Nothing is sent.</summary>
internal enum Listening
{
    Untried,

    /// <summary>Somebody takes connections there.</summary>
    Yes,
    No,

    /// <summary>Nothing came back in time, or it failed otherwise.</summary>
    NoAnswer,
    NoSuchHost,
}

internal sealed record TriedRequest(ShutdownRequest Request, Listening Met);

/// <param name="What">What is waited for.</param>
/// <param name="Look">What a look at it came to.</param>
internal sealed record TriedCondition(string What, Look Look)
{
    /// <summary>The sidecar whose test it is; null where the options name it.</summary>
    public SidecarTest? Sidecar { get; init; }

    public ConditionState State => Sidecar?.StateOf(Look) ?? Look.Of(What);
}

internal enum MainNow
{
    /// <summary>There is no other proa here to tell.</summary>
    Unknown,
    Waits,
    Runs,

    /// <summary>It has ended, and proa ends the sidecars.</summary>
    HasEnded,
}

/// <summary>What proa went by, as far as it came.</summary>
/// <param name="OptionsFrom">Where they are from, for people.</param>
internal sealed record CheckFindings(Options Options, string OptionsFrom)
{
    /// <summary>The API server's URL and where it is from, or null.</summary>
    public (string Url, string Source)? ApiServer { get; init; }

    /// <summary>Which Pod proa takes itself for, or null.</summary>
    public PodIdentity? Identity { get; init; }
    public Permissions? Permissions { get; init; }

    /// <summary>What to do for more permission; may be empty.</summary>
    public string PermissionHint { get; init; } = "";
    public Pod? Pod { get; init; }

    /// <summary>Which container of it proa takes itself for, or null.</summary>
    public ContainerIdentity? Container { get; init; }

    /// <summary>Our container's present life, by which the Pod's status is believed; null where proa does not run here.</summary>
    public OwnLife? Life { get; init; }
    public MainNow Main { get; init; }

    /// <summary>Main's process ID where it runs, else 0.</summary>
    public int MainProcess { get; init; }
    public ImmutableArray<TriedRequest> Tried { get; init; } = [];

    /// <summary>What is waited for beside the Pod.</summary>
    public ImmutableArray<TriedCondition> Conditions { get; init; } = [];
    public ImmutableArray<ProcessFacts> Processes { get; init; } = [];

    /// <summary>The process ID of the supervisor, or of whoever asks.</summary>
    public int Supervisor { get; init; }

    /// <summary>Whether the Pod is a manifest's, so that there is nothing to look at.</summary>
    public bool IsOnPaper { get; init; }

    /// <summary>What keeps main from being started whatever the Pod says, with what to do; null: nothing.</summary>
    public (string Problem, string Hint)? Obstacle { get; init; }
}
