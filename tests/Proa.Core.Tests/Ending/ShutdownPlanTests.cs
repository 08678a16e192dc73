using System.Text;
using CsCheck;
using Proa.Ending;
using Proa.Pods;
using Proa.Sidecars;
using Proa.Tests.Support;

namespace Proa.Tests.Ending;

public sealed class ShutdownPlanTests
{
    private static readonly Options _asking = new() { ShutdownRequests = [new(ShutdownMethod.Post, new("http://localhost:15020/quitquitquit"))] };

    [Theory]
    [MemberData(nameof(Recordings.Names), MemberType = typeof(Recordings))]
    public void A_recorded_Pod_is_planned_for_at_every_event(string recording) => Snapshot.Matches(
        $"shutdown/{recording}.txt",
        Recordings.Judged(recording, pod => $"after 0 {Planned(pod, 0)}; after 1 {Planned(pod, 1)}"));

    [Theory]
    [InlineData("Never", 0, "ask, await a")]
    [InlineData("Never", 1, "ask, await a")]
    [InlineData("OnFailure", 0, "ask, await a")]
    [InlineData("OnFailure", 1, "leave: the kubelet will restart main (restartPolicy OnFailure)")]
    [InlineData("OnFailure", 143, "leave: the kubelet will restart main (restartPolicy OnFailure)")]
    [InlineData("Always", 0, "leave: the kubelet will restart main (restartPolicy Always)")]
    [InlineData("Always", 1, "leave: the kubelet will restart main (restartPolicy Always)")]
    public void Sidecars_stay_where_main_will_be_started_again(string policy, int exitCode, string plan) =>
        Assert.Equal(plan, Planned(Given.Pod(policy).With("a", Given.Running), exitCode));

    [Theory]
    [InlineData("Always", "Never", 1, "ask")]
    [InlineData("Never", "OnFailure", 1, "leave: the kubelet will restart main (the container's restartPolicy OnFailure)")]
    [InlineData("Never", "OnFailure", 0, "ask")]
    public void Mains_own_policy_goes_before_the_Pods(string pods, string own, int exitCode, string plan) =>
        Assert.Equal(plan, Planned(Given.Pod(pods).WithMain(own), exitCode));

    [Theory]
    [InlineData(42, "leave: the kubelet will restart main (a restart rule for exit code 42)")]
    [InlineData(1, "ask")]
    public void Mains_restart_rules_go_before_the_policies(int exitCode, string plan) =>
        Assert.Equal(plan, Planned(Given.Pod("Never").WithMain("Never", Given.Rule("In", 42)), exitCode));

    [Theory]
    [InlineData("Always")]
    [InlineData("OnFailure")]
    [InlineData("Never")]
    public void In_a_Pod_that_is_being_deleted_sidecars_are_asked_and_not_awaited(string policy) =>
        Assert.Equal("ask", Planned(Given.Pod(policy).With("a", Given.Running).Deleted(), 1));

    [Theory]
    [InlineData("OnFailure", 1)]
    [InlineData("Always", 0)]
    public void Always_asks_even_where_main_will_be_started_again(string policy, int exitCode) =>
        Assert.StartsWith(
            "ask",
            Planned(Given.Pod(policy).With("a", Given.Running), exitCode, _asking with { ShutdownWhen = ShutdownWhen.Always }),
            StringComparison.Ordinal);

    [Fact]
    public void Never_does_not_ask() =>
        Assert.Equal("leave: --shutdown-when never", Planned(Given.Pod().With("a", Given.Running), 0, _asking with { ShutdownWhen = ShutdownWhen.Never }));

    [Theory]
    [InlineData("Never", 0, "ask, await a")]
    [InlineData("OnFailure", 0, "ask, await a")]
    [InlineData("Never", 1, "leave: --shutdown-when success, and the exit code is 1")]
    [InlineData("Never", 143, "leave: --shutdown-when success, and the exit code is 143")]
    public void Success_asks_only_after_0(string policy, int exitCode, string plan) =>
        Assert.Equal(plan, Planned(Given.Pod(policy).With("a", Given.Running), exitCode, _asking with { ShutdownWhen = ShutdownWhen.Success }));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Without_knowledge_of_the_Pod_sidecars_are_always_asked_and_cannot_be_awaited(int exitCode)
    {
        var plan = ShutdownPlan.Decide(null, null, exitCode, EndingRule.Of(_asking));
        Assert.True(plan.Asks);
        Assert.Empty(plan.Awaited);
    }

    [Fact]
    public void Where_our_own_container_is_not_known_sidecars_are_asked_and_not_awaited()
    {
        var plan = ShutdownPlan.Decide(Given.Pod("Always").With("a", Given.Running), null, 1, EndingRule.Of(_asking));
        Assert.True(plan.Asks);
        Assert.Empty(plan.Awaited);
    }

    [Fact]
    public void A_native_sidecar_is_not_awaited() =>
        Assert.Equal("ask, await a", Planned(Given.Pod().With("a", Given.Running).WithNative("proxy", Given.Running, ready: true), 0));

    [Fact]
    public void An_ignored_sidecar_is_not_awaited() =>
        Assert.Equal("ask, await b", Planned(Given.Pod().With("a", Given.Running).With("b", Given.Running), 0, _asking with { Ignore = ["a"] }));

    [Fact]
    public void A_sidecar_that_main_did_not_wait_for_is_awaited_all_the_same() =>
        Assert.Equal("ask, await a, b", Planned(Given.Pod().With("a", Given.Running).With("b", Given.Running), 0, _asking with { WaitFor = ["b"] }));

    [Theory]
    [InlineData("Always")]
    [InlineData("")]
    public void A_sidecar_that_is_started_again_however_it_ends_is_not_awaited(string policy) =>
        Assert.Equal("ask", Planned(Given.Pod(policy).WithMain("Never").With("a", Given.Running), 0));

    [Fact]
    public void A_sidecar_that_is_started_again_only_after_a_failure_is_awaited() =>
        Assert.Equal("ask, await a", Planned(Given.Pod("OnFailure").With("a", Given.Running), 0));

    [Theory]
    [InlineData("Never", "Always", "ask")]
    [InlineData("OnFailure", "Never", "ask, await a")]
    public void The_sidecars_own_policy_decides_whether_it_is_awaited(string pods, string own, string plan) =>
        Assert.Equal(plan, Planned(Given.Pod(pods).WithMain("Never").With("a", Given.Running, policy: own), 0));

    [Fact]
    public void A_sidecar_whose_rule_starts_it_again_after_0_is_not_awaited() =>
        Assert.Equal("ask", Planned(Given.Pod("Never").With("a", Given.Running, policy: "Never", rules: Given.Rule("In", 0)), 0));

    [Theory]
    [InlineData(null)]
    [InlineData("ContainerCreating")]
    [InlineData("PodInitializing")]
    [InlineData("ErrImageNeverPull")]
    [InlineData("CrashLoopBackOff")]
    [InlineData("RestartingAllContainers")]
    public void A_sidecar_that_waits_to_be_started_has_not_ended(string? reason) =>
        Assert.Equal("ask, await a", Planned(reason is null ? Given.Pod().With("a") : Given.Pod().With("a", Given.Waiting(reason)), 0));

    [Theory]
    [InlineData("Never", 0, "ask")]
    [InlineData("Never", 3, "ask")]
    [InlineData("OnFailure", 0, "ask")]
    [InlineData("OnFailure", 3, "ask, await a")]
    public void A_sidecar_that_has_terminated_has_ended_unless_it_will_be_started_again(string policy, int exitCode, string plan) =>
        Assert.Equal(plan, Planned(Given.Pod(policy).With("a", Given.Ended(exitCode)), 0));

    [Fact]
    public void A_rule_that_starts_it_again_after_this_exit_code_keeps_a_sidecar_awaited() => Assert.Equal(
        "ask, await a",
        Planned(Given.Pod().With("a", Given.Ended(42), rules: Given.Rule("In", 42)), 0));

    [Fact]
    public void While_all_containers_are_being_restarted_none_has_ended()
    {
        var pod = Given.Pod().With("a", Given.Ended(137));
        Assert.Equal(("ask", "ask, await a"), (Planned(pod, 0), Planned(pod.WithCondition("AllContainersRestarting", "True"), 0)));
    }

    [Theory]
    [InlineData("Ready")]
    [InlineData("ContainersReady")]
    public void In_a_Pod_that_the_kubelet_ends_sidecars_are_asked_and_not_awaited_and_main_is_not_started_again(string condition)
    {
        var pod = Given.Pod("OnFailure").With("a", Given.Running, ready: true).Failing(condition);
        Assert.Equal("ask", Planned(pod, 1));
        Assert.Equal("leave: the kubelet will restart main (restartPolicy OnFailure)", Planned(Given.Pod("OnFailure").With("a", Given.Running), 1));
    }

    [Theory]
    [InlineData("Failed")]
    [InlineData("Succeeded")]
    public void In_a_Pod_that_is_over_nothing_is_awaited(string phase) =>
        Assert.Equal("ask", Planned(Given.Pod().With("a", Given.Running).InPhase(phase), 1));

    [Fact]
    public void Who_asks_nobody_does_not_wait_either() =>
        Assert.Equal("leave: no shutdown request is given", Planned(Given.Pod().With("a", Given.Running), 0, new()));

    [Fact]
    public void Who_says_for_how_long_waits_without_asking() =>
        Assert.Equal("ask, await a", Planned(Given.Pod().With("a", Given.Running), 0, new() { ShutdownTimeout = TimeSpan.FromSeconds(5) }));

    [Fact]
    public void A_timeout_of_0_asks_and_does_not_wait() =>
        Assert.Equal("ask", Planned(Given.Pod().With("a", Given.Running), 0, _asking with { ShutdownTimeout = TimeSpan.Zero }));

    [Theory]
    [InlineData(null, 45L, 45)]
    [InlineData(7, 45L, 7)]
    [InlineData(0, 45L, 0)]
    [InlineData(null, -1L, 0)]
    [InlineData(null, long.MaxValue, 2_592_000)]
    [InlineData(null, null, 30)]
    [InlineData(7, null, 7)]
    public void The_budget_is_the_option_or_the_Pods_grace_period(int? option, long? gracePeriod, int seconds)
    {
        var pod = gracePeriod is { } period ? Given.Pod() with { Spec = new() { TerminationGracePeriodSeconds = period } } : null;
        var options = _asking with { ShutdownTimeout = option is { } given ? TimeSpan.FromSeconds(given) : null };
        Assert.Equal(TimeSpan.FromSeconds(seconds), ShutdownPlan.Decide(pod, Given.Main, 0, EndingRule.Of(options)).Budget);
    }

    [Fact]
    public void A_sidecar_is_awaited_until_its_end_is_seen()
    {
        Assert.Equal(["sidecar-1"], ShutdownPlan.Decide(Recordings.PodAt("slow-sidecar", 862), "main", 0, EndingRule.Of(_asking)).Awaited);
        Assert.Empty(ShutdownPlan.Decide(Recordings.PodAt("slow-sidecar", 873), "main", 0, EndingRule.Of(_asking)).Awaited);
    }

    [Fact]
    public void In_a_Pod_whose_deletion_is_seen_nothing_is_awaited_any_more()
    {
        Assert.Equal(["sidecar-1"], ShutdownPlan.Decide(Recordings.PodAt("deleted", 724), "main", 0, EndingRule.Of(_asking)).Awaited);
        Assert.Empty(ShutdownPlan.Decide(Recordings.PodAt("deleted", 805), "main", 0, EndingRule.Of(_asking)).Awaited);
    }

    [Fact]
    public void Any_Pod_gets_a_plan() => Gen.Select(Generate.Pod, Generate.Options, Generate.ExitCode).Sample((pod, options, exitCode) =>
    {
        var plan = ShutdownPlan.Decide(pod, Given.Main, exitCode, EndingRule.Of(options));
        Assert.Equal(plan.Asks, plan.Ask.Why.Length == 0);
        Assert.True(plan.Asks || plan.Awaited.IsEmpty);
        Assert.True(plan.Budget >= TimeSpan.Zero);
        Assert.Subset(plan.Awaited.ToHashSet(), SidecarLife.Running(pod, plan.Awaited).Select(life => life.Name).ToHashSet());
        Assert.True(plan.Awaited.IsEmpty || !pod.IsEnding);
    });

    [Fact]
    public void No_Pod_makes_us_wait_for_ourselves_or_for_an_ignored_sidecar() =>
        Gen.Select(Generate.Pod, Generate.Options, Generate.ExitCode).Sample((pod, options, exitCode) =>
        Assert.Empty(ShutdownPlan.Decide(pod, Given.Main, exitCode, EndingRule.Of(options)).Awaited.Intersect([Given.Main, .. options.Ignore])));

    [Fact]
    public void Native_sidecars_alone_are_not_asked_unless_it_is_said()
    {
        var pod = Given.Pod().WithNative("proxy", Given.Running, ready: true);
        var plan = ShutdownPlan.Decide(pod, Given.Main, 0, EndingRule.Of(_asking));
        Assert.Equal((false, "they are native, and the kubelet stops them", false), (plan.Asks, plan.Ask.Why, plan.IsForRetry));

        plan = ShutdownPlan.Decide(pod, Given.Main, 0, EndingRule.Of(_asking with { ShutdownWhen = ShutdownWhen.Always }));
        Assert.True(plan.Asks);
        Assert.Empty(plan.Awaited);
    }

    [Fact]
    public void Beside_a_regular_sidecar_a_native_one_is_no_reason_not_to_ask() =>
        Assert.True(
            ShutdownPlan.Decide(
                Given.Pod().WithNative("proxy", Given.Running, ready: true).With("a", Given.Running),
                Given.Main,
                0,
                EndingRule.Of(_asking)).Asks);

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

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"spec":{}}""")]
    [InlineData("""{"spec":{"terminationGracePeriodSeconds":null}}""")]
    public void A_Pod_that_does_not_say_its_grace_period_has_30_s(string json)
    {
        Assert.True(PodReader.TryReadPod(Encoding.UTF8.GetBytes(json), out var pod));
        Assert.Null(pod.Spec.TerminationGracePeriodSeconds);
        Assert.Equal(TimeSpan.FromSeconds(30), ShutdownPlan.Decide(pod, Given.Main, 0, EndingRule.Of(new())).Budget);
    }

    [Fact]
    public void A_grace_period_of_0_is_not_an_absent_one()
    {
        Assert.True(PodReader.TryReadPod("""{"spec":{"terminationGracePeriodSeconds":0}}"""u8, out var pod));
        Assert.Equal(TimeSpan.Zero, ShutdownPlan.Decide(pod, Given.Main, 0, EndingRule.Of(new())).Budget);
    }

    private static string Planned(Pod pod, int exitCode, Options? options = null)
    {
        var plan = ShutdownPlan.Decide(pod, Given.Main, exitCode, EndingRule.Of(options ?? _asking));
        if (!plan.Asks) return "leave: " + plan.Ask.Why;
        return plan.Awaited.IsEmpty ? "ask" : "ask, await " + string.Join(", ", plan.Awaited);
    }
}
