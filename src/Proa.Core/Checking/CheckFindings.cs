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
    /// <summary>It was not tried.</summary>
    Untried,

    /// <summary>Somebody takes connections there.</summary>
    Yes,

    /// <summary>The connection is refused.</summary>
    No,

    /// <summary>Nothing came back in time, or it failed otherwise.</summary>
    NoAnswer,

    /// <summary>The host name does not exist.</summary>
    NoSuchHost,
}

/// <summary>A request whose URL was tried.</summary>
/// <param name="Request">The request.</param>
/// <param name="Met">What was met.</param>
internal sealed record TriedRequest(ShutdownRequest Request, Listening Met);

/// <summary>What main does in this container at this time.</summary>
internal enum MainNow
{
    /// <summary>There is no other proa here to tell.</summary>
    Unknown,

    /// <summary>It has not been started.</summary>
    Waits,

    /// <summary>It runs.</summary>
    Runs,

    /// <summary>It has ended, and proa ends the sidecars.</summary>
    HasEnded,
}

/// <summary>What proa went by, as far as it came.</summary>
/// <param name="Options">The options.</param>
/// <param name="OptionsFrom">Where they are from, for people.</param>
internal sealed record CheckFindings(Options Options, string OptionsFrom)
{
    /// <summary>The API server's URL and where it is from, or null.</summary>
    public (string Url, string Source)? ApiServer { get; init; }

    /// <summary>Which Pod proa takes itself for, or null.</summary>
    public PodIdentity? Identity { get; init; }

    /// <summary>What proa may do, or null where it was not asked.</summary>
    public Permissions? Permissions { get; init; }

    /// <summary>What to do for more permission; may be empty.</summary>
    public string PermissionHint { get; init; } = "";

    /// <summary>The Pod, or null.</summary>
    public Pod? Pod { get; init; }

    /// <summary>Which container of it proa takes itself for, or null.</summary>
    public ContainerIdentity? Container { get; init; }

    /// <summary>Our container's present life, by which the Pod's status is believed; null where proa does not run here.</summary>
    public OwnLife? Life { get; init; }

    /// <summary>What main does.</summary>
    public MainNow Main { get; init; }

    /// <summary>Main's process ID where it runs, else 0.</summary>
    public int MainProcess { get; init; }

    /// <summary>What was met at the URLs of the requests.</summary>
    public ImmutableArray<TriedRequest> Tried { get; init; } = [];

    /// <summary>The processes that proa sees.</summary>
    public ImmutableArray<ProcessFacts> Processes { get; init; } = [];

    /// <summary>The process ID of the supervisor, or of whoever asks.</summary>
    public int Supervisor { get; init; }

    /// <summary>What keeps main from being started whatever the Pod says, with what to do; null: nothing.</summary>
    public (string Problem, string Hint)? Obstacle { get; init; }
}
