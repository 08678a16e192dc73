namespace Proa.Waiting;

/// <summary>What one look at something that main waits for came to.</summary>
/// <param name="Outcome">In words that follow its name: <c>answers 503</c>.</param>
/// <param name="Hint">What a person can do about it; may be empty.</param>
internal sealed record Look(Readiness Readiness, string Outcome, string Hint = "")
{
    public ConditionState Of(string what) => new(Readiness, Readiness == Readiness.Start ? "" : $"{what} {Outcome}", Hint, Hint);
}

/// <summary>When to look again.</summary>
internal static class LookDelay
{
    private static readonly TimeSpan _first = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(1);

    /// <summary>After a look: ever later while it does not hold; what holds may end, and is looked at all the same.</summary>
    /// <param name="held">Whether it held at the look before.</param>
    /// <param name="last">The delay before this look; zero where it was the first.</param>
    public static TimeSpan After(bool holds, bool held, TimeSpan last) =>
        holds ? _longest
        : held || last == TimeSpan.Zero ? _first
        : 2 * last < _longest ? 2 * last
        : _longest;
}
