using CsCheck;
using Proa.Pods;
using Proa.Sidecars;
using Proa.Tests.Support;

namespace Proa.Tests.Sidecars;

public sealed class RestartTests
{
    [Theory]
    [InlineData("Always", 0, true)]
    [InlineData("Always", 1, true)]
    [InlineData("OnFailure", 0, false)]
    [InlineData("OnFailure", 1, true)]
    [InlineData("OnFailure", 137, true)]
    [InlineData("Never", 0, false)]
    [InlineData("Never", 1, false)]
    [InlineData("", 0, true)]
    [InlineData("Sometimes", 0, true)]
    public void The_Pods_policy_counts(string policy, int exitCode, bool restarts) => Assert.Equal(restarts, WillRestart(Given.Pod(policy), exitCode));

    [Theory]
    [InlineData("Never", "Always", 0, true)]
    [InlineData("Never", "OnFailure", 0, false)]
    [InlineData("Never", "OnFailure", 1, true)]
    [InlineData("Always", "OnFailure", 0, false)]
    [InlineData("Always", "Never", 1, false)]
    [InlineData("OnFailure", "Never", 1, false)]
    [InlineData("Never", "", 1, false)]
    [InlineData("Always", "", 0, true)]
    public void The_containers_own_policy_goes_before_the_Pods(string pods, string own, int exitCode, bool restarts) =>
        Assert.Equal(restarts, WillRestart(Given.Pod(pods).WithMain(own), exitCode));

    [Theory]
    [InlineData("In", 42, true)]
    [InlineData("In", 43, true)]
    [InlineData("In", 1, false)]
    [InlineData("In", 0, false)]
    [InlineData("NotIn", 42, false)]
    [InlineData("NotIn", 1, true)]
    [InlineData("NotIn", 0, true)]
    [InlineData("Near", 42, false)]
    [InlineData("", 42, false)]
    public void A_rule_goes_before_the_policies(string @operator, int exitCode, bool restarts) =>
        Assert.Equal(restarts, WillRestart(Given.Pod("Never").WithMain("Never", Given.Rule(@operator, 42, 43)), exitCode));

    [Fact]
    public void A_rule_that_does_not_match_leaves_it_to_the_policy() =>
        Assert.True(WillRestart(Given.Pod("Never").WithMain("OnFailure", Given.Rule("In", 42)), 1));

    [Fact]
    public void A_later_rule_counts_where_the_first_does_not_match() =>
        Assert.True(WillRestart(Given.Pod("Never").WithMain("Never", Given.Rule("In", 42), Given.Rule("In", 1)), 1));

    [Fact]
    public void A_rule_without_exit_codes_matches_nothing() =>
        Assert.False(WillRestart(Given.Pod("Never").WithMain("Never", new RestartRule { Action = "Restart" }), 1));

    [Fact]
    public void An_unknown_action_is_some_kind_of_restart() => Assert.True(WillRestart(
        Given.Pod("Never").WithMain("Never", new RestartRule { Action = "RestartAllContainers", ExitCodes = new() { Operator = "In", Values = [1] } }), 1));

    [Theory]
    [InlineData("Succeeded", false)]
    [InlineData("Failed", false)]
    [InlineData("Pending", true)]
    [InlineData("Running", true)]
    [InlineData("Unknown", true)]
    [InlineData("", true)]
    public void A_Pod_that_is_over_restarts_nothing(string phase, bool restarts) => Assert.Equal(restarts, WillRestart(Given.Pod("Always").InPhase(phase), 1));

    [Fact]
    public void A_Pod_that_is_being_deleted_restarts_nothing() => Gen.Select(Generate.Pod, Generate.ExitCode).Sample((pod, exitCode) =>
    {
        foreach (var container in pod.Spec.Containers) Assert.False(Restart.After(pod.Deleted(), container, exitCode).Will);
    });

    [Theory]
    [InlineData("restart-rules", 727, 42, true)]
    [InlineData("restart-rules", 727, 1, false)]
    [InlineData("restart-rules", 727, 0, false)]
    [InlineData("sidecar-failed-never", 712, 3, false)]
    [InlineData("crash-loop", 685, 3, true)]
    [InlineData("oom-killed", 715, 137, true)]
    [InlineData("oom-killed", 715, 0, false)]
    [InlineData("deleted", 805, 0, false)]
    public void What_the_recorded_kubelet_did_is_foretold(string recording, int resourceVersion, int exitCode, bool restarts)
    {
        var pod = Recordings.PodAt(recording, resourceVersion);
        Assert.Equal(restarts, Restart.After(pod, pod.Spec.Containers.Single(c => c.Name == "sidecar-1"), exitCode).Will);
    }

    [Theory]
    [InlineData("restartPolicy Never", "Never", null)]
    [InlineData("restartPolicy Always", "", null)]
    [InlineData("the container's restartPolicy OnFailure", "Never", "OnFailure")]
    public void The_policy_that_counts_is_the_reason(string reason, string pods, string? own)
    {
        var pod = Given.Pod(pods).WithMain(own);
        Assert.Equal(reason, Restart.After(pod, pod.Own(), 1).Why);
    }

    [Fact]
    public void A_rule_that_counts_is_the_reason()
    {
        var pod = Given.Pod().WithMain("Never", Given.Rule("In", 42));
        Assert.Equal("a restart rule for exit code 42", Restart.After(pod, pod.Own(), 42).Why);
    }

    [Fact]
    public void The_end_of_the_Pod_is_a_reason() =>
        Assert.Equal("the Pod has succeeded", Restart.After(Given.Pod().InPhase("Succeeded"), Given.Pod().Own(), 0).Why);

    [Fact]
    public void The_deletion_is_the_first_reason() =>
        Assert.Equal("the Pod is being deleted", Restart.After(Given.Pod().InPhase("Failed").Deleted(), Given.Pod().Own(), 0).Why);

    private static bool WillRestart(Pod pod, int exitCode) => Restart.After(pod, pod.Own(), exitCode).Will;
}
