using Proa.Ending;
using Proa.Pods;
using Proa.Tests.Support;
using Proa.Waiting;

namespace Proa.Tests.Lifecycle;

public sealed class LifecycleRegressionTests
{
    private static readonly Options _asking = new() { ShutdownRequests = [new(ShutdownMethod.Post, new("http://localhost:15020/quitquitquit"))] };

    [Theory]
    [InlineData("Failed", "the Pod has failed")]
    [InlineData("Succeeded", "the Pod has succeeded")]
    public void In_a_Pod_that_is_over_main_is_never_started(string phase, string why)
    {
        foreach (var pod in new[] { Given.Pod(), Given.Pod().With("a", Given.Running, ready: true), Given.Pod("Always").WithNative("b", Given.Running, ready: true) })
        {
            var verdict = ReadinessVerdict.Decide(pod.InPhase(phase), Given.Main, SidecarChoice.Of(new()));
            Assert.Equal((Readiness.Wait, why), (verdict.Readiness, verdict.Why));
        }
    }

    [Theory]
    [InlineData("Pending")]
    [InlineData("Running")]
    [InlineData("Unknown")]
    [InlineData("")]
    public void Any_other_phase_leaves_it_to_the_sidecars(string phase) => Assert.Equal(
        Readiness.Start,
        ReadinessVerdict.Decide(Given.Pod().With("a", Given.Running, ready: true).InPhase(phase), Given.Main, SidecarChoice.Of(new())).Readiness);

    [Theory]
    [InlineData("Always", 0)]
    [InlineData("OnFailure", 3)]
    public void A_sidecar_of_a_deleted_Pod_that_waits_is_not_reported_as_being_started_again(string policy, int exitCode)
    {
        var pod = Given.Pod(policy).With("a", Given.Waiting("CrashLoopBackOff"), restarts: 2, last: Given.Ended(exitCode)).With("b", Given.Ended(exitCode));
        Assert.Equal(["a", "b"], ShutdownReport.Of(pod, Given.Main, []).Restarting);
        Assert.Empty(ShutdownReport.Of(pod.Deleted(), Given.Main, []).Restarting);
    }

    [Fact]
    public void Native_sidecars_alone_are_not_asked_unless_it_is_said()
    {
        var pod = Given.Pod().WithNative("proxy", Given.Running, ready: true);
        var plan = ShutdownPlan.Decide(pod, Given.Main, 0, EndingRule.Of(_asking));
        Assert.Equal((false, "they are native, and the kubelet ends them", false), (plan.Asks, plan.Ask.Why, plan.IsForRetry));

        plan = ShutdownPlan.Decide(pod, Given.Main, 0, EndingRule.Of(_asking with { ShutdownWhen = ShutdownWhen.Always }));
        Assert.True(plan.Asks);
        Assert.Empty(plan.Awaited);
    }

    [Fact]
    public void Beside_a_regular_sidecar_a_native_one_is_no_reason_not_to_ask() =>
        Assert.True(ShutdownPlan.Decide(Given.Pod().WithNative("proxy", Given.Running, ready: true).With("a", Given.Running), Given.Main, 0, EndingRule.Of(_asking)).Asks);

    [Theory]
    [InlineData("OnFailure", 1, ShutdownWhen.Auto, true)]
    [InlineData("Always", 0, ShutdownWhen.Auto, true)]
    [InlineData("OnFailure", 0, ShutdownWhen.Auto, false)]
    [InlineData("Never", 1, ShutdownWhen.Auto, false)]
    [InlineData("OnFailure", 1, ShutdownWhen.Never, false)]
    [InlineData("OnFailure", 1, ShutdownWhen.Success, false)]
    [InlineData("OnFailure", 1, ShutdownWhen.Always, false)]
    internal void Only_what_the_Pods_deletion_would_change_is_for_a_retry(string policy, int exitCode, ShutdownWhen when, bool isForRetry)
    {
        var pod = Given.Pod(policy).With("a", Given.Running);
        Assert.Equal(isForRetry, ShutdownPlan.Decide(pod, Given.Main, exitCode, EndingRule.Of(_asking with { ShutdownWhen = when })).IsForRetry);
        Assert.False(ShutdownPlan.Decide(pod.Deleted(), Given.Main, exitCode, EndingRule.Of(_asking with { ShutdownWhen = when })).IsForRetry);
    }
}
