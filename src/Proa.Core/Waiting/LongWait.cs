namespace Proa.Waiting;

/// <summary>What is said of a wait that lasts: when, and what a person may look at.</summary>
/// <param name="Why">What is waited for, in words.</param>
/// <param name="Hint">The likely causes, and what to do.</param>
internal sealed record LongWait(string Why, string Hint)
{
    private const int FirstOnes = 3;
    private static readonly TimeSpan _first = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _longestGap = TimeSpan.FromDays(1);

    /// <summary>When it is said the next time: after 1, 2 and 3 minutes, then each time after twice the wait, and at least once a day.</summary>
    /// <param name="last">How long the wait had lasted when it was said last; zero if it was not yet.</param>
    public static TimeSpan Next(TimeSpan last) =>
        last < FirstOnes * _first ? last + _first
        : last < _longestGap ? 2 * last
        : last + _longestGap;

    /// <summary>What to say of it now.</summary>
    /// <param name="conditions">All that main waits for.</param>
    /// <param name="isLimited">Whether the wait has an end (<c>--ready-timeout</c>).</param>
    public static LongWait Of(IEnumerable<ConditionState> conditions, bool isLimited)
    {
        var pending = conditions.Where(c => c.Readiness == Readiness.Wait).ToArray();
        var hints = pending.Select(c => c.LikelyCause).Where(cause => cause.Length > 0);
        if (!isLimited) hints = hints.Append("proa waits without a limit: --ready-timeout sets one");
        return new(string.Join("; ", pending.Select(c => c.Why)), string.Join("; ", hints));
    }
}
