using CsCheck;
using Proa.Supervision;

namespace Proa.Tests.Supervision;

public sealed class WorkerPulseTests
{
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(11, null)]
    [InlineData(12, 125)]
    [InlineData(100, 125)]
    public void A_worker_that_is_silent_for_60_s_is_given_up(int beats, int? exitCode) =>
        Assert.Equal(exitCode, Looks(beats, moves: false, WorkerPulse.Beat).Overdue(null));

    [Fact]
    public void A_worker_that_shows_life_now_and_then_may_take_for_as_long_as_it_likes()
    {
        var pulse = new WorkerPulse(0);
        for (var look = 1; look < 100_000; look++)
        {
            pulse = pulse.Next(look / 11, WorkerPulse.Beat);
            Assert.Null(pulse.Overdue(null));
        }
    }

    [Theory]
    [InlineData(20, 29, null)]
    [InlineData(20, 30, 124)]
    [InlineData(0, 9, null)]
    [InlineData(0, 10, 124)]
    [InlineData(500, 509, null)]
    [InlineData(500, 510, 124)]
    public void A_worker_that_has_not_ended_10_s_after_its_time_is_given_up_however_lively(int limit, int seconds, int? exitCode) =>
        Assert.Equal(exitCode, Looks(seconds, moves: true, _second).Overdue(limit * _second));

    [Fact]
    public void Of_a_silent_worker_whose_time_is_over_the_time_is_said() =>
        Assert.Equal(124, Looks(1000, moves: false, WorkerPulse.Beat).Overdue(30 * _second));

    [Fact]
    public void The_longest_time_limit_is_no_trouble() => Assert.Null(Looks(5, moves: true, _second).Overdue(TimeSpan.MaxValue));

    [Fact]
    public void A_node_that_sleeps_or_is_frozen_for_hours_does_not_count() =>
        Assert.Null(Looks(2, moves: false, TimeSpan.FromHours(5)).Overdue(_second));

    [Fact]
    public void What_cannot_be_read_is_no_silence()
    {
        var pulse = new WorkerPulse(-1);
        for (var look = 0; look < 100; look++) pulse = pulse.Next(-1, WorkerPulse.Beat);
        Assert.Null(pulse.Overdue(null));
    }

    [Fact]
    public void However_often_the_supervisor_looks_the_silence_is_the_time_that_has_passed() =>
        Gen.Int[1, 5000].Array[1, 50].Sample(milliseconds =>
        {
            var pulse = new WorkerPulse(7);
            foreach (var step in milliseconds) pulse = pulse.Next(7, TimeSpan.FromMilliseconds(step));
            Assert.Equal(milliseconds.Sum(), pulse.Silence.TotalMilliseconds, 0.1);
            Assert.Equal(pulse.Silence, pulse.Age);
        });

    private static WorkerPulse Looks(int count, bool moves, TimeSpan every)
    {
        var pulse = new WorkerPulse(0);
        for (var look = 1; look <= count; look++) pulse = pulse.Next(moves ? look : 0, every);
        return pulse;
    }
}
