namespace Proa.Unit.Tests;

public sealed class DurationTests
{
    [Fact]
    public void The_longest_duration_is_what_every_real_timer_takes()
    {
        using var source = new CancellationTokenSource(Duration.Longest);
        source.CancelAfter(Duration.Longest);
        Assert.False(Task.Delay(Duration.Longest, source.Token).IsCompleted);
        Assert.False(Task.Delay(Duration.Longest, TimeProvider.System, source.Token).IsCompleted);
        using var timer = new Timer(_ => { }, null, Duration.Longest, Duration.Longest);
        using var waiting = TimeProvider.System.CreateTimer(_ => { }, null, Duration.Longest, Timeout.InfiniteTimeSpan);
        source.Cancel();
    }

    [Fact]
    public void An_hour_more_none_would_take()
    {
        var longer = Duration.Longest + TimeSpan.FromHours(1);
        using var source = new CancellationTokenSource();
        Assert.Throws<ArgumentOutOfRangeException>(() => source.CancelAfter(longer));
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Task.Delay(longer, source.Token); });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Timer(_ => { }, null, longer, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public void The_longest_that_is_accepted_is_the_longest() =>
        Assert.True(Duration.TryParse(Duration.Format(Duration.Longest), out var read) && read == Duration.Longest);
}
