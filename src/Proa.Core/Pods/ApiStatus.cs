namespace Proa.Pods;

/// <summary>The Status object that the API server answers with when it refuses (Kubernetes API Concepts, "Status").</summary>
internal sealed record ApiStatus
{
    /// <summary>The HTTP status code, also where the response itself was 200, as in an ERROR event.</summary>
    public int Code { get; init; }

    /// <summary>One word: Forbidden, NotFound, Expired.</summary>
    public string? Reason { get; init; }
    public string? Message { get; init; }
    public ApiStatusDetails? Details { get; init; }

    /// <summary>When to come again, or null where it is not said.</summary>
    public TimeSpan? RetryAfter => Details?.RetryAfterSeconds is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null;
}

internal sealed record ApiStatusDetails
{
    /// <summary>When to come again, in seconds; 0: not said.</summary>
    public int RetryAfterSeconds { get; init; }
}
