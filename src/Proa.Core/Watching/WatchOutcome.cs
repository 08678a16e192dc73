using Proa.Pods;

namespace Proa.Watching;

internal enum WatchOutcomeKind
{
    /// <summary>The Pod as it is now: a GET's answer, or ADDED or MODIFIED.</summary>
    Pod,

    /// <summary>DELETED: the Pod as it was last.</summary>
    Deleted,
    Opened,

    /// <summary>Only a resourceVersion to resume from.</summary>
    Bookmark,

    /// <summary>The server has ended the watch, as it does after a while.</summary>
    Ended,
    Garbage,
    Failed,
}

/// <param name="Pod">The Pod, if the kind is Pod or Deleted.</param>
/// <param name="Version">The resourceVersion, if the kind is Bookmark.</param>
/// <param name="Failure">How it failed, if the kind is Failed.</param>
internal sealed record WatchOutcome(WatchOutcomeKind Kind, Pod? Pod = null, string Version = "", ApiFailure? Failure = null)
{
    public static WatchOutcome Opened { get; } = new(WatchOutcomeKind.Opened);

    public static WatchOutcome Of(Pod pod) => new(WatchOutcomeKind.Pod, pod);

    public static WatchOutcome Of(ApiFailure failure) => new(WatchOutcomeKind.Failed, Failure: failure);

    /// <summary>An event has come, or null: the end.</summary>
    public static WatchOutcome Of(WatchEvent? next) => next is null ? new(WatchOutcomeKind.Ended) : next.Kind switch
    {
        WatchEventKind.Changed => new(WatchOutcomeKind.Pod, next.Pod),
        WatchEventKind.Deleted => new(WatchOutcomeKind.Deleted, next.Pod),
        WatchEventKind.Bookmark => new(WatchOutcomeKind.Bookmark, Version: next.ResourceVersion),
        WatchEventKind.Error => Of(ApiFailure.OfStatus(next.Status!.Code, next.Status.Message, next.Status.RetryAfter)),
        WatchEventKind.Garbage => new(WatchOutcomeKind.Garbage),
    };
}
