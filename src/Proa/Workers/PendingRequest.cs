using System.Diagnostics;
using Proa.Ending;

namespace Proa.Workers;

/// <summary>One shutdown request, and what its attempts came to.</summary>
internal sealed class PendingRequest(PlannedRequest planned)
{
    private long _firstAt;

    public PlannedRequest Planned { get; } = planned;

    public ShutdownRequest Request { get; } = planned.Request;

    /// <summary>The sidecar that it ends; null where that is not known.</summary>
    public string? Sidecar { get; } = planned.Sidecar;

    /// <summary>Whether it is to be sent, or sent again.</summary>
    public bool IsPending { get; private set; } = true;

    /// <summary>Whether it is not sent again though it was not answered.</summary>
    public bool IsInDoubt { get; private set; }

    /// <summary>Whether it has not been sent in this life of the sidecars.</summary>
    public bool IsUntried { get; private set; } = true;

    /// <summary>Whether the present attempt was connected.</summary>
    public bool IsConnected { get; set; }

    /// <summary>Whether an attempt was connected in this life of the sidecars.</summary>
    public bool HasConnected { get; private set; }

    /// <summary>Whether an attempt was connected in any of their lives.</summary>
    public bool WasConnected { get; private set; }

    /// <summary>Whether it is said that it is sent again.</summary>
    public bool IsReported { get; set; }

    /// <summary>The HTTP status that it was answered with last, or null.</summary>
    public int? Status { get; set; }

    /// <summary>Why it failed last, in words; empty where it was refused or has succeeded.</summary>
    public string Problem { get; set; } = "";

    /// <summary>Before each attempt.</summary>
    public void Begin()
    {
        if (IsUntried) _firstAt = Stopwatch.GetTimestamp();
        (IsUntried, IsConnected, Status, Problem) = (false, false, null, "");
    }

    /// <summary>After each attempt.</summary>
    /// <param name="hasEnded">Whether the sidecar is known to have ended for good.</param>
    public NextAttempt Tried(Attempt attempt, Expectation expectation, bool hasEnded)
    {
        HasConnected |= IsConnected || attempt is Attempt.Accepted or Attempt.Rejected or Attempt.Failed;
        WasConnected |= HasConnected;
        var next = Asking.After(attempt, HasConnected, expectation, hasEnded, Stopwatch.GetElapsedTime(_firstAt));
        if (next == NextAttempt.Again && Request.IsOnce && HasConnected)
        {
            // Who ends at once may not get to answering: whether it has ended is seen by the Pod's status.
            IsInDoubt = Status is null;
            next = IsInDoubt ? NextAttempt.Over : NextAttempt.Impossible;
        }

        IsPending = next == NextAttempt.Again;
        return next;
    }

    /// <summary>A new life of a sidecar has begun.</summary>
    public void Renew() => (IsPending, IsInDoubt, IsUntried, HasConnected) = (true, false, true, false);
}
