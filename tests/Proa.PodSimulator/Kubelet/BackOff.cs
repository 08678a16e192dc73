namespace Proa.PodSimulator;

/// <summary>The kubelet's delays between the lives of a container: none, then 10 s, doubling to 300 s; anew after 10 minutes without a failure.</summary>
internal sealed class BackOff
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan s_forgottenAfter = TimeSpan.FromMinutes(10);

    private TimeSpan _current;

    /// <summary>The delay before the next start, after a life of the given length.</summary>
    public TimeSpan Next(TimeSpan life)
    {
        if (life > s_forgottenAfter) _current = TimeSpan.Zero;
        var delay = _current;
        _current = _current == TimeSpan.Zero ? s_first : TimeSpan.FromTicks(Math.Min(_current.Ticks * 2, s_longest.Ticks));
        return delay;
    }
}
