using Proa.Pods;

namespace Proa.Watching;

internal enum WatchNews
{
    None,
    Problem,

    /// <summary>Watching is not allowed, so the Pod is looked at time and again.</summary>
    Looks,

    /// <summary>The API server refuses, and has for 30 s.</summary>
    GivesUp,
}

/// <summary>
/// One step of the watch: the Pod is got, watched from there, and got again where the watch cannot go on (Kubernetes API Concepts,
/// "Efficient detection of changes"). All that decides on the next request, its delay and what is said stands here. Three rules:
/// a state that is given is no older than those before it; a request after a failure is delayed; what may pass by itself is retried
/// without end, and what a person must correct for 30 s.
/// </summary>
/// <param name="Pod">The Pod as it is now, or null: the step gave nothing.</param>
internal readonly record struct WatchStep(
    WatchState State,
    TimeSpan Delay = default,
    Pod? Pod = null,
    WatchNews News = WatchNews.None,
    ApiFailure? Failure = null)
{
    /// <summary>How often the Pod is looked at where it may not be watched.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1.5);

    /// <summary>After so many looks watching is tried again: somebody may have corrected the Role.</summary>
    public const int LooksBetweenWatches = 40;

    private static readonly TimeSpan _shortWatch = TimeSpan.FromSeconds(1);

    /// <param name="now">When, on a clock that does not jump, from any beginning.</param>
    /// <param name="jitter">0 to 1: spreads the requests of many Pods that were started together.</param>
    public static WatchStep After(WatchState state, WatchOutcome outcome, TimeSpan now, double jitter)
    {
        return outcome.Kind switch
        {
            WatchOutcomeKind.Pod => Seen(state, outcome.Pod!, now, jitter),
            WatchOutcomeKind.Deleted => Deleted(state, outcome.Pod!, now, jitter),
            WatchOutcomeKind.Opened => new(state with { Place = WatchPlace.Read(now), Right = WatchRight.Allowed }),
            WatchOutcomeKind.Bookmark => Reached(state, outcome.Version, now, jitter),
            WatchOutcomeKind.Ended => Ended(state, now, jitter),
            WatchOutcomeKind.Garbage => StartOver(state, "the API server sent something that is not a watch event, or takes too much memory", now, jitter),
            WatchOutcomeKind.Failed => Failed(state, outcome.Failure!, now, jitter),
        };
    }

    private static WatchStep Seen(WatchState state, Pod pod, TimeSpan now, double jitter)
    {
        // Names are unique, so ours is gone; or this is an older state, which a GET will tell.
        if (!state.Pod.IsOurs(pod)) return Failed(state, ApiFailure.OfAnotherPod(pod, state.Pod.Uid), now, jitter);
        // A watch that begins with the Pod as it is has that from the API server's cache, which may lag behind the GET.
        if (state.Place.Phase == WatchPhase.Read && ResourceVersion.IsOlder(pod.Metadata.ResourceVersion, state.Pod.Version))
            return StartOver(state, "the API server showed an older state of the Pod than before", now, jitter);

        var seen = state with { Pod = state.Pod.Seen(pod) };
        var looksLeft = state.Place.LooksLeft - 1;
        return state.Place.Phase switch
        {
            WatchPhase.Get or WatchPhase.Open => new(seen with { Place = WatchPlace.Open, Health = Answered(state, now) }, Pod: pod),
            WatchPhase.Read => new(seen with { Place = state.Place with { IsQuiet = false }, Health = Answered(state, now) }, Pod: pod),
            WatchPhase.Look => new(
                seen with { Place = looksLeft > 0 ? WatchPlace.Look(looksLeft) : WatchPlace.Open, Health = WatchHealth.Good },
                looksLeft > 0 ? LookInterval : default,
                pod),
        };
    }

    /// <summary>The Pod is given once more, as one that is being deleted.</summary>
    private static WatchStep Deleted(WatchState state, Pod pod, TimeSpan now, double jitter)
    {
        var health = Answered(state, now);
        if (!state.Pod.IsOurs(pod)) return new(state with { Pod = state.Pod.Reached(pod.Metadata.ResourceVersion), Health = health });
        // What is gone is not back at once, and a server that says both is not well.
        var (next, patience) = health.Patience.Failed(new(ApiFailureKind.Transient, ""), now, jitter);
        return new(
            state with { Pod = state.Pod.Seen(pod), Place = WatchPlace.Get, Health = health with { Patience = patience } },
            next.Delay,
            pod.IsBeingDeleted ? pod : pod with { Metadata = pod.Metadata with { DeletionTimestamp = "gone" } });
    }

    private static WatchStep Reached(WatchState state, string version, TimeSpan now, double jitter)
    {
        if (IsWithoutPod(state)) return StartOver(state, "the API server started a watch without the Pod", now, jitter);
        var pod = state.Pod.Reached(version);
        pod = pod with { BeginsWithState = pod.BeginsWithState && pod.Version != version };
        return new(state with { Pod = pod, Health = Answered(state, now) });
    }

    private static WatchStep Ended(WatchState state, TimeSpan now, double jitter) => HasLasted(state, now)
        ? new(state with { Place = IsWithoutPod(state) ? WatchPlace.Get : WatchPlace.Open, Health = WatchHealth.Good })
        : Failed(state, new(ApiFailureKind.Transient, "the API server ends the watch at once"), now, jitter);

    private static WatchStep StartOver(WatchState state, string problem, TimeSpan now, double jitter) =>
        Failed(state with { Place = WatchPlace.Get }, new(ApiFailureKind.Transient, problem), now, jitter);

    private static WatchStep Failed(WatchState state, ApiFailure failure, TimeSpan now, double jitter)
    {
        var isNotFound = failure.Kind == ApiFailureKind.NotFound;
        // Until the Pod is found each of its names is tried.
        var name = isNotFound ? (state.Pod.NameIndex + 1) % state.Pod.Names.Length : state.Pod.NameIndex;
        var isExpired = failure.Kind == ApiFailureKind.Expired;
        var pod = state.Pod with { NameIndex = name, BeginsWithState = state.Pod.BeginsWithState || isExpired };
        if (name > state.Pod.NameIndex) return new(state with { Pod = pod });

        var (next, patience) = state.Health.Patience.Failed(failure, now, jitter);
        var isWatch = state.Place.Phase is WatchPhase.Open or WatchPhase.Read;
        var isRefusedWatch = isWatch && failure.Kind == ApiFailureKind.Forbidden;
        // Getting is allowed, or there would be no watch.
        if (isRefusedWatch && IsDenied(state.Right, next))
        {
            var health = state.Health with { Patience = patience };
            return new(
                state with { Place = WatchPlace.Look(LooksBetweenWatches), Right = WatchRight.Denied, Health = health },
                LookInterval,
                News: state.Right == WatchRight.Denied ? WatchNews.None : WatchNews.Looks,
                Failure: failure);
        }

        // A Pod's token ends soon after the Pod.
        var cause = failure.Kind == ApiFailureKind.Unauthorized ? state.Health.Gone ?? failure : failure;
        if (next.GiveUp) return new(state, News: WatchNews.GivesUp, Failure: cause);

        var isQuiet = isExpired || (isRefusedWatch && state.Right != WatchRight.Allowed) || failure.Message == state.Health.Said;
        var isUntried = state.Right is WatchRight.Unknown or WatchRight.RefusedOnce;
        return new(
            new(
                pod,
                isWatch ? next.StartOver ? WatchPlace.Get : WatchPlace.Open : state.Place,
                !isUntried ? state.Right : isRefusedWatch ? WatchRight.RefusedOnce : WatchRight.Unknown,
                new(patience, failure.Message, failure.Message, isNotFound ? failure : state.Health.Gone)),
            state.Place.Phase == WatchPhase.Look && next.Delay < LookInterval ? LookInterval : next.Delay,
            News: isQuiet ? WatchNews.None : WatchNews.Problem,
            Failure: failure);
    }

    /// <summary>
    /// A server that has just started refuses what it will allow: once is not enough, and where it was allowed before, a while is not.
    /// </summary>
    private static bool IsDenied(WatchRight right, NextTry next) => right switch
    {
        WatchRight.Unknown or WatchRight.Allowed => next.GiveUp,
        WatchRight.RefusedOnce or WatchRight.Denied => true,
    };

    /// <summary>Whether this watch was to begin with the Pod as it is, and has not: ours may be gone.</summary>
    private static bool IsWithoutPod(WatchState state) => state.Place.IsQuiet && state.Pod.From is null;

    private static WatchHealth Answered(WatchState state, TimeSpan now) => state.Health.Answered(HasLasted(state, now));

    private static bool HasLasted(WatchState state, TimeSpan now) =>
        state.Place.Phase == WatchPhase.Read && now - state.Place.OpenedAt >= _shortWatch;
}
