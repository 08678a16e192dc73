namespace Proa.Watching;

/// <param name="Delay">How long to wait before the next request; meaningful unless <paramref name="GiveUp"/>.</param>
/// <param name="StartOver">Whether the resourceVersion is worthless, so that the next request is a GET.</param>
/// <param name="GiveUp">Whether the failure has lasted so long that it will not pass.</param>
internal readonly record struct NextTry(TimeSpan Delay, bool StartOver, bool GiveUp);

/// <summary>
/// How long failures are borne. What can pass by itself is tried again for ever: behind a mesh the API server cannot be reached
/// until the proxy is ready. What a person must mend is borne for a while, as a Role may be just about to be applied.
/// </summary>
internal sealed record Patience
{
    /// <summary>How long a refusal is borne.</summary>
    public static readonly TimeSpan WithRefusals = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _firstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromMilliseconds(1600);
    private static readonly TimeSpan _longestRetryAfter = TimeSpan.FromMinutes(1);

    private TimeSpan Delay { get; init; } = _firstDelay;

    private TimeSpan? RefusedSince { get; init; }

    /// <summary>A request succeeded, so no refusal lasts. The delays stay: a server that answers and breaks off is not well.</summary>
    public Patience Answered() => this with { RefusedSince = null };

    /// <param name="now">When, on a clock that does not jump, from any beginning.</param>
    /// <param name="jitter">0 to 1: spreads the requests of many Pods that were started together.</param>
    public (NextTry Next, Patience After) Failed(ApiFailure failure, TimeSpan now, double jitter)
    {
        var delay = Delay + (Delay * 0.2 * jitter);
        if (failure.RetryAfter is { } wanted && wanted > delay) delay = wanted < _longestRetryAfter ? wanted : _longestRetryAfter;
        var since = IsRefusal(failure.Kind) ? RefusedSince ?? now : (TimeSpan?)null;
        var startOver = failure.Kind is ApiFailureKind.Expired or ApiFailureKind.NotFound;
        return (
            new(delay, startOver, GiveUp: since is { } began && now - began >= WithRefusals),
            new() { Delay = 2 * Delay < _longestDelay ? 2 * Delay : _longestDelay, RefusedSince = since });
    }

    /// <summary>Whether only a person can correct this.</summary>
    public static bool IsRefusal(ApiFailureKind kind) => kind switch
    {
        ApiFailureKind.Transient or ApiFailureKind.Expired => false,
        ApiFailureKind.Unauthorized or ApiFailureKind.Forbidden or ApiFailureKind.NotFound
            or ApiFailureKind.Untrusted or ApiFailureKind.Refused => true,
    };
}
