using Proa.Pods;
using Proa.Tests.Support;
using Proa.Waiting;

namespace Proa.Tests.Waiting;

public sealed class ConditionStateTests
{
    [Fact]
    public void Before_the_first_state_the_Pod_is_not_ready_yet() => Assert.Equal(Readiness.Wait, ConditionState.Of(null, "").Readiness);

    [Fact]
    public void The_Pods_condition_is_its_last_verdict_though_the_API_server_is_away()
    {
        foreach (var pod in (Pod[])[Given.Pod().With("a", Given.Running, ready: true), Given.Pod().With("a"), Given.Pod().With("a", Given.Ended(1))])
        {
            var verdict = ReadinessVerdict.Decide(pod, Given.Main, SidecarChoice.Of(new()));
            Assert.Equal(verdict.Readiness, ConditionState.Of(verdict, "cannot connect").Readiness);
            Assert.Equal(verdict.Hint, ConditionState.Of(verdict, "cannot connect").Hint);
        }
    }

    [Fact]
    public void A_wait_for_several_conditions_tells_of_those_that_do_not_hold()
    {
        var wait = LongWait.Of(
            [new(
                Readiness.Wait,
                "a: no status yet",
                "",
                "look at a"), new(Readiness.Start, "", "", "never look here"), new(Readiness.Wait, "port 80 is closed", "", "")],
            isLimited: true);
        Assert.Equal(("a: no status yet; port 80 is closed", "look at a"), (wait.Why, wait.Hint));
    }
}
