using System.Collections.Immutable;
using Proa.Identity;
using Proa.Pods;

namespace Proa.Watching;

internal enum WatchPhase
{
    /// <summary>GET the Pod: the newest state there is.</summary>
    Get,

    /// <summary>Open a watch, from <see cref="WatchedPod.From"/>.</summary>
    Open,

    /// <summary>Read on in the open watch.</summary>
    Read,

    /// <summary>GET the Pod again, as it may not be watched.</summary>
    Look,
}

/// <summary>What is asked next, with what only that needs.</summary>
/// <param name="OpenedAt">Read: when the watch was opened.</param>
/// <param name="IsQuiet">Read: whether the watch has not shown the Pod yet.</param>
/// <param name="LooksLeft">Look: how often, before watching is tried again.</param>
internal sealed record WatchPlace(WatchPhase Phase, TimeSpan OpenedAt = default, bool IsQuiet = false, int LooksLeft = 0)
{
    /// <summary>Begin, or begin again.</summary>
    public static WatchPlace Get { get; } = new(WatchPhase.Get);

    /// <summary>Watch from here on.</summary>
    public static WatchPlace Open { get; } = new(WatchPhase.Open);

    public static WatchPlace Read(TimeSpan openedAt) => new(WatchPhase.Read, openedAt, IsQuiet: true);

    /// <summary>Look this often.</summary>
    public static WatchPlace Look(int left) => new(WatchPhase.Look, LooksLeft: left);
}

internal enum WatchRight
{
    Unknown,

    /// <summary>403, once: a server that has just started refuses what it will allow.</summary>
    RefusedOnce,

    /// <summary>The last watch was allowed.</summary>
    Allowed,

    /// <summary>There is none, so the Pod is looked at time and again.</summary>
    Denied,
}

/// <summary>Which Pod is watched, and how much of its history has been seen.</summary>
/// <param name="Names">The names to look up; once it is found, its name alone.</param>
/// <param name="Uid">Its uid; empty until it is known.</param>
/// <param name="Version">The newest resourceVersion that was seen; empty where there was none.</param>
/// <param name="BeginsWithState">
/// Whether a watch begins with the Pod as it is, not from the version: the Pod's own may be older than what the server remembers,
/// for a Pod may not change for hours.
/// </param>
internal sealed record WatchedPod(ImmutableArray<string> Names, int NameIndex, string Uid, string Version, bool BeginsWithState)
{
    public string Name => Names[NameIndex];

    /// <summary>Where a watch begins: after this version, or, null, with the Pod as it is.</summary>
    public string? From => BeginsWithState || Version.Length == 0 ? null : Version;

    /// <summary>Whether this is our Pod, not another one of the same name.</summary>
    public bool IsOurs(Pod pod) => Uid.Length == 0 || pod.Metadata.Uid == Uid;

    /// <summary>A state of our Pod was seen; it is the newest.</summary>
    public WatchedPod Seen(Pod pod) =>
        this with { Names = [Name], NameIndex = 0, Uid = pod.Metadata.Uid, Version = NonEmpty(pod.Metadata.ResourceVersion) };

    /// <summary>All changes up to this version were seen.</summary>
    public WatchedPod Reached(string version) =>
        ResourceVersion.IsOlder(version, Version) ? this : this with { Version = NonEmpty(version) };

    private string NonEmpty(string version) => version.Length > 0 ? version : Version;
}

/// <param name="Patience">How long failures are still borne.</param>
/// <param name="Problem">Why there is no state, in words; empty if there is.</param>
/// <param name="Said">The problem that was said last, which is not said again before requests succeed lastingly.</param>
/// <param name="Gone">That there is no such Pod, if that was the answer since the last state.</param>
internal sealed record WatchHealth(Patience Patience, string Problem, string Said, ApiFailure? Gone)
{
    public static WatchHealth Good { get; } = new(new Patience(), "", "", null);

    /// <param name="isLasting">Whether that goes on: a watch that breaks off as it has begun is a problem, however often it begins.</param>
    public WatchHealth Answered(bool isLasting) =>
        isLasting ? Good : this with { Patience = Patience.Answered(), Problem = "", Gone = null };
}

/// <summary>The watch of our Pod between two requests.</summary>
/// <param name="Pod">Which Pod, and how much of its history has been seen.</param>
internal sealed record WatchState(WatchedPod Pod, WatchPlace Place, WatchRight Right, WatchHealth Health)
{
    public static WatchState Of(PodIdentity identity)
    {
        return new(new(identity.Names, 0, identity.Uid, "", BeginsWithState: false), WatchPlace.Get, WatchRight.Unknown, WatchHealth.Good);
    }
}
