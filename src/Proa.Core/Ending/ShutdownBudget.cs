using Proa.Pods;

namespace Proa.Ending;

/// <summary>How long asking the sidecars and waiting for them may take together.</summary>
internal static class ShutdownBudget
{
    private const long LongestSeconds = 30 * 86_400;

    /// <summary>The API server's default for terminationGracePeriodSeconds.</summary>
    private static readonly TimeSpan _default = TimeSpan.FromSeconds(30);

    /// <summary>What proa keeps for its own exit: with KILL the container's exit code is 137, not main's.</summary>
    private static readonly TimeSpan _margin = TimeSpan.FromSeconds(1);

    /// <summary>Long enough for an answer from the same Pod.</summary>
    private static readonly TimeSpan _oneWord = TimeSpan.FromSeconds(1);

    /// <summary>The budget in a Pod that is not ending.</summary>
    /// <param name="wanted"><c>--shutdown-timeout</c>, or null.</param>
    public static TimeSpan Of(Pod? pod, TimeSpan? wanted) => wanted ?? (pod?.Spec.TerminationGracePeriodSeconds is { } seconds ? Seconds(seconds) : _default);

    /// <summary>
    /// What of a budget a Pod leaves. In one that is being deleted that is the rest of its grace period, whose end the deletionTimestamp
    /// is, less a second. One that the kubelet ends otherwise does not say since when.
    /// </summary>
    /// <param name="now">The wall clock. Where it is wrong, the whole grace period still is the limit.</param>
    public static TimeSpan Left(Pod? pod, TimeSpan budget, DateTimeOffset now)
    {
        if (pod is not { IsEnding: true }) return budget;
        if (ApiTime.Read(pod.Metadata.DeletionTimestamp) is not { } end) return TimeSpan.Zero;
        var gracePeriod = Of(pod, pod.Metadata.DeletionGracePeriodSeconds is { } seconds ? Seconds(seconds) : null);
        return Max(Min(budget, Min(gracePeriod, end - now) - _margin), TimeSpan.Zero);
    }

    /// <summary>How long after main's exit the sidecars are asked: as long as is wanted, but something is to be left for the asking.</summary>
    /// <param name="wanted"><c>--shutdown-delay</c>.</param>
    public static TimeSpan Delay(TimeSpan wanted, TimeSpan left) => Min(wanted, Max(left - _oneWord, TimeSpan.Zero));

    /// <summary>
    /// How long the first attempt may take; null: as long as an answer may. Who does not want to wait wants the sidecars to be asked all
    /// the same.
    /// </summary>
    public static TimeSpan? ForFirstAttempt(Pod? pod, TimeSpan left) =>
        pod is { IsEnding: true } ? Max(left, _oneWord) : left > TimeSpan.Zero ? left : null;

    private static TimeSpan Seconds(long seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, LongestSeconds));

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
