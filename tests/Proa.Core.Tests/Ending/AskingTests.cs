using CsCheck;
using Proa.Ending;
using Proa.Pods;
using Proa.Tests.Support;
using Proa.Watching;

namespace Proa.Tests.Ending;

public sealed class AskingTests
{
    private static readonly Options _asking = new() { ShutdownRequests = [new(ShutdownMethod.Post, new("http://localhost:15020/quitquitquit"))] };

    [Fact]
    public void Every_attempt_is_followed_as_reviewed()
    {
        var lines = from attempt in Enum.GetValues<Attempt>()
                    from connected in (bool[])[false, true]
                    from expectation in Enum.GetValues<Expectation>()
                    from ended in (bool[])[false, true]
                    where !ended || expectation == Expectation.None
                    from seconds in (int[])[0, 9, 10, 3600]
                    group seconds by (
                        attempt,
                        connected,
                        expectation,
                        ended,
                        next: Asking.After(attempt, connected, expectation, ended, TimeSpan.FromSeconds(seconds))) into same
                    select $"{same.Key.attempt,-11} {(same.Key.connected ? "connected" : "never connected"),-15}  "
                        + $"{(same.Key.ended ? "ended" : same.Key.expectation.ToString()),-8}  after {string.Join(", ", same)} s: {same.Key.next}\n";
        Snapshot.Matches("asking.txt", string.Concat(lines));
    }

    [Theory]
    [InlineData(Expectation.None)]
    [InlineData(Expectation.Possible)]
    [InlineData(Expectation.Likely)]
    internal void A_refused_request_after_one_that_connected_is_done(Expectation expectation) =>
        Assert.Equal(NextAttempt.Gone, Asking.After(Attempt.Refused, hasConnected: true, expectation, hasEnded: false, TimeSpan.Zero));

    [Fact]
    public void An_attempt_that_the_end_of_its_sidecar_interrupts_is_neither_a_failure_nor_tried_again() => Gen.Bool.Sample(connected =>
        Assert.Equal(NextAttempt.Over, Asking.After(Attempt.Interrupted, connected, Expectation.None, hasEnded: true, TimeSpan.Zero)));

    [Theory]
    [InlineData("a", true)]
    [InlineData("b", false)]
    [InlineData("absent", false)]
    [InlineData(null, false)]
    public void The_plan_knows_who_has_ended(string? sidecar, bool hasEnded) => Assert.Equal(
        hasEnded,
        ShutdownPlan.Decide(Given.Pod().With("a", Given.Ended(0)).With("b", Given.Running), Given.Main, 0, EndingRule.Of(_asking)).HasEnded(sidecar));

    [Fact]
    public void A_host_that_does_not_exist_is_asked_once() => Gen.Select(Gen.Bool, Gen.Enum<Expectation>()).Sample((connected, expectation) =>
        Assert.Equal(NextAttempt.Impossible, Asking.After(Attempt.NoSuchHost, connected, expectation, hasEnded: false, TimeSpan.Zero)));

    [Fact]
    public void Only_a_failure_that_may_pass_is_tried_where_nobody_is_expected() =>
        Gen.Select(Gen.Enum<Attempt>(), Gen.Bool).Where((attempt, connected) => attempt != Attempt.Failed && !connected).Sample((attempt, connected) =>
            Assert.NotEqual(NextAttempt.Again, Asking.After(attempt, connected, Expectation.None, hasEnded: false, TimeSpan.Zero)));

    [Fact]
    public void In_a_Pod_that_is_not_known_nothing_that_never_connected_is_tried_for_longer_than_the_patience() => Gen.Enum<Attempt>().Sample(attempt =>
        Assert.NotEqual(
            attempt == Attempt.Failed ? NextAttempt.Gone : NextAttempt.Again,
            Asking.After(attempt, hasConnected: false, Expectation.Possible, hasEnded: false, Asking.Patience)));

    [Theory]
    [InlineData("running", Expectation.Likely)]
    [InlineData("waiting", Expectation.Likely)]
    [InlineData("no status", Expectation.Likely)]
    [InlineData("to be started again", Expectation.Likely)]
    [InlineData("ended", Expectation.None)]
    [InlineData("deleted", Expectation.None)]
    [InlineData("ignored", Expectation.None)]
    [InlineData("always restarted", Expectation.None)]
    internal void In_a_known_Pod_a_sidecar_is_expected_that_has_not_ended_for_good(string state, Expectation expectation)
    {
        var pod = state switch
        {
            "running" => Given.Pod().With("a", Given.Running),
            "waiting" => Given.Pod().With("a", Given.Waiting("ContainerCreating")),
            "no status" => Given.Pod().With("a"),
            "to be started again" => Given.Pod("OnFailure").With("a", Given.Ended(1)),
            "ended" => Given.Pod().With("a", Given.Ended(1)),
            "deleted" => Given.Pod().With("a", Given.Running).Deleted(),
            "always restarted" => Given.Pod("Always").WithMain("Never").With("a", Given.Running),
            _ => Given.Pod().With("a", Given.Running),
        };
        Assert.Equal(expectation, Expected(pod, mayBeSeen: true, state == "ignored" ? _asking with { Ignore = ["a"] } : _asking));
    }

    [Theory]
    [InlineData(false, null, Expectation.Possible)]
    [InlineData(false, 60, Expectation.Likely)]
    [InlineData(false, 0, Expectation.None)]
    [InlineData(true, null, Expectation.Likely)]
    [InlineData(true, 0, Expectation.None)]
    internal void In_an_unknown_Pod_a_sidecar_is_possible_and_who_says_for_how_long_expects_it(bool mayBeSeen, int? timeout, Expectation expectation) =>
        Assert.Equal(expectation, Expected(null, mayBeSeen, _asking with { ShutdownTimeout = timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : null }));

    private static Expectation Expected(Pod? pod, bool mayBeSeen, Options options) =>
        ShutdownPlan.Decide(pod, pod is null ? null : Given.Main, 0, EndingRule.Of(options), mayBeSeen).Expectation;
}
