namespace Proa.Supervision;

/// <summary>
/// Whether a worker lives, as the supervisor sees it: a number that the worker changes every <see cref="Beat"/>, and the time that has
/// passed. Only time in which the supervisor itself has run counts: where a node is slow, frozen or asleep, the two are so together.
/// </summary>
/// <param name="Number">The number as it was last seen.</param>
/// <param name="Silence">For how long it has not changed.</param>
/// <param name="Age">For how long the worker has run.</param>
internal readonly record struct WorkerPulse(long Number, TimeSpan Silence = default, TimeSpan Age = default)
{
    /// <summary>How often the worker changes the number, and how often the supervisor looks.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    /// <summary>After so much silence the worker is taken for dead: on a busy node a process may not get the CPU for a while.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    /// <summary>How long a worker may take to say itself that the sidecars are not ready in time.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <param name="number">The number now; below 0 where it cannot be read, and then nothing is taken for silence.</param>
    /// <param name="sinceLastLook">How long ago the last look was.</param>
    public WorkerPulse Next(long number, TimeSpan sinceLastLook)
    {
        var awake = sinceLastLook < Beat ? sinceLastLook : Beat;
        return new(number, number == Number && number >= 0 ? Silence + awake : TimeSpan.Zero, Age + awake);
    }

    /// <summary>
    /// The exit code that follows from the worker's hanging: 124 where its time is over, else 125 where it is silent, else null.
    /// </summary>
    /// <param name="readyTimeout">How long it may wait, or null where there is no limit.</param>
    public int? Overdue(TimeSpan? readyTimeout) =>
        readyTimeout is { } limit && Age - limit >= Grace ? ExitCodes.NotReadyInTime
        : Silence >= LongestSilence ? ExitCodes.CannotRun
        : null;
}
