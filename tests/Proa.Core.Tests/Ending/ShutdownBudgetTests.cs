using System.Globalization;
using CsCheck;
using Proa.Ending;
using Proa.Pods;
using Proa.Tests.Support;

namespace Proa.Tests.Ending;

public sealed class ShutdownBudgetTests
{
    private static readonly DateTimeOffset _end = DateTimeOffset.Parse("2026-11-22T12:26:17Z", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(30, 30, 30, 29)] // just deleted
    [InlineData(30, 30, 12, 11)]
    [InlineData(30, 30, 1, 0)]
    [InlineData(30, 30, 0, 0)]
    [InlineData(30, 30, -3600, 0)] // it should be over: the clock is wrong, or we are about to be killed
    [InlineData(30, 30, 3600, 29)] // a clock that is an hour slow
    [InlineData(30, 5, 3600, 4)]
    [InlineData(4, 30, 20, 4)] // --shutdown-timeout
    [InlineData(30, 0, 0, 0)] // kubectl delete --grace-period=0
    public void In_a_Pod_that_is_being_deleted_it_is_the_rest_of_the_grace_period_less_a_second(int budget, int gracePeriod, int left, int seconds) =>
        Assert.Equal(
            TimeSpan.FromSeconds(seconds),
            ShutdownBudget.Left(Deleted(gracePeriod), TimeSpan.FromSeconds(budget), _end - TimeSpan.FromSeconds(left)));

    [Fact]
    public void The_recorded_deletion_was_asked_for_its_grace_period_before_the_time_that_it_says()
    {
        var pod = Recordings.PodAt("deleted", 805);
        Assert.Equal((5L, "2026-11-22T12:26:17Z"), (pod.Metadata.DeletionGracePeriodSeconds, pod.Metadata.DeletionTimestamp));
        Assert.Equal(TimeSpan.FromSeconds(4), ShutdownBudget.Left(pod, TimeSpan.FromSeconds(30), _end - TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void Where_the_deletion_does_not_say_its_grace_period_the_Pods_own_is_the_limit()
    {
        var pod = Given.Pod().Deleted() with { Spec = new() { TerminationGracePeriodSeconds = 10 } };
        Assert.Equal(TimeSpan.FromSeconds(9), ShutdownBudget.Left(pod, TimeSpan.FromSeconds(30), _end - TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void A_Pod_that_fails_or_is_gone_leaves_nothing()
    {
        Assert.Equal(TimeSpan.Zero, ShutdownBudget.Left(Given.Pod().Failing(), TimeSpan.FromSeconds(30), _end));
        var gone = Given.Pod() with { Metadata = new() { DeletionTimestamp = "gone" } };
        Assert.Equal(TimeSpan.Zero, ShutdownBudget.Left(gone, TimeSpan.FromSeconds(30), _end));
    }

    [Fact]
    public void Any_other_Pod_leaves_all_of_it()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), ShutdownBudget.Left(Given.Pod(), TimeSpan.FromSeconds(30), _end));
        Assert.Equal(TimeSpan.FromSeconds(30), ShutdownBudget.Left(null, TimeSpan.FromSeconds(30), _end));
    }

    [Theory]
    [InlineData(false, 30, 30)]
    [InlineData(false, 0, null)]
    [InlineData(true, 12, 12)]
    [InlineData(true, 0, 1)]
    public void The_first_attempt_is_made_in_any_case_and_in_a_Pod_that_ends_it_is_short(bool ends, int left, int? seconds) => Assert.Equal(
        seconds is { } given ? TimeSpan.FromSeconds(given) : null,
        ShutdownBudget.ForFirstAttempt(ends ? Given.Pod().Failing() : Given.Pod(), TimeSpan.FromSeconds(left)));

    [Theory]
    [InlineData(0, 30, 0)]
    [InlineData(5, 30, 5)]
    [InlineData(29, 30, 29)]
    [InlineData(60, 30, 29)]
    [InlineData(5, 1, 0)]
    [InlineData(5, 0, 0)]
    public void A_delay_leaves_a_second_for_the_asking(int wanted, int left, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ShutdownBudget.Delay(TimeSpan.FromSeconds(wanted), TimeSpan.FromSeconds(left)));

    [Fact]
    public void It_is_never_negative_and_no_Pod_makes_it_longer() =>
        Gen.Select(Generate.Pod, Gen.Int[0, 100_000], Gen.Long[0, 4_000_000_000]).Sample((pod, budget, now) =>
        Assert.InRange(
            ShutdownBudget.Left(pod, TimeSpan.FromSeconds(budget), DateTimeOffset.FromUnixTimeSeconds(now)),
            TimeSpan.Zero,
            TimeSpan.FromSeconds(budget)));

    private static Pod Deleted(int gracePeriod) => Given.Pod() with
    {
        Metadata = new()
        {
            DeletionTimestamp = _end.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            DeletionGracePeriodSeconds = gracePeriod,
        },
    };
}
