using Proa.Watching;

namespace Proa.Tests.Watching;

public sealed class LostWayTests
{
    private static readonly ApiFailure _unreachable = new(ApiFailureKind.Transient, "cannot reach the API server") { IsUnreachable = true };

    [Fact]
    public void It_is_lost_where_nothing_is_reached_time_and_again_for_a_while() =>
        Assert.True(After((_unreachable, 100), (_unreachable, 300), (_unreachable, 700), (_unreachable, 1500)).Is(Ms(1500)));

    [Fact]
    public void One_failure_is_not_enough_however_long_it_lasts() => Assert.False(After((_unreachable, 100)).Is(Ms(60_000)));

    [Fact]
    public void Many_failures_at_once_are_not_enough() =>
        Assert.False(After((_unreachable, 100), (_unreachable, 101), (_unreachable, 102), (_unreachable, 103)).Is(Ms(104)));

    [Theory]
    [InlineData(ApiFailureKind.Expired)]
    [InlineData(ApiFailureKind.NotFound)]
    [InlineData(ApiFailureKind.Forbidden)]
    [InlineData(ApiFailureKind.Unauthorized)]
    [InlineData(ApiFailureKind.Transient)] // 5xx, or a connection that breaks off
    internal void Whoever_answers_or_breaks_off_is_there(ApiFailureKind kind)
    {
        var answer = new ApiFailure(kind, "the API server answered");
        Assert.False(After((answer, 100), (answer, 300), (answer, 700), (answer, 1500)).Is(Ms(1500)));
        Assert.False(After((_unreachable, 100), (_unreachable, 300), (answer, 700), (_unreachable, 1500), (_unreachable, 3000)).Is(Ms(3000)));
    }

    [Fact]
    public void An_event_shows_that_it_is_there() =>
        Assert.False(After((_unreachable, 100), (_unreachable, 300), (null, 700), (_unreachable, 1500), (_unreachable, 3000)).Is(Ms(3000)));

    private static LostWay After(params (ApiFailure? Failure, int At)[] steps) =>
        steps.Aggregate(default(LostWay), (way, step) => way.After(step.Failure, Ms(step.At)));

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
