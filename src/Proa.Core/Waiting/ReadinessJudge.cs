using Proa.Pods;

namespace Proa.Waiting;

/// <summary>Judges one state of the Pod after the other, and believes one that cannot be of our container's present life only in the end.</summary>
/// <param name="life">That life; null where no main is to be started in it.</param>
internal sealed class ReadinessJudge(string self, SidecarChoice choice, OwnLife? life)
{
    private TimeSpan? _doubtedSince;

    /// <summary>When a state that is waited out for its life alone is to be judged again; null where there is no such state.</summary>
    public TimeSpan? DoubtEnds { get; private set; }

    /// <summary>
    /// The verdict, and why the state is believed though it cannot be of this life, in words; null where it can or where that decides
    /// nothing.
    /// </summary>
    /// <param name="now">When, on a clock that does not jump, from any beginning.</param>
    public (ReadinessVerdict Verdict, string? BelievedThough) Judge(Pod pod, TimeSpan now)
    {
        var doubt = life?.WhyNotShown(pod, self);
        // From the first such state on, also where another reason to wait comes first: with a wrong clock the wait is not to last longer for it.
        _doubtedSince = doubt is null ? null : _doubtedSince ?? now;
        var isBelieved = doubt is null || now - _doubtedSince >= OwnLife.LongestDoubt;
        var verdict = ReadinessVerdict.Decide(pod, self, choice, isBelieved ? null : life);
        DoubtEnds = verdict.Cause == ReadinessCause.FormerLife ? _doubtedSince + OwnLife.LongestDoubt : null;
        var decides = doubt is not null && isBelieved && ReadinessVerdict.Decide(pod, self, choice, life).Cause == ReadinessCause.FormerLife;
        return (verdict, decides ? doubt : null);
    }
}
