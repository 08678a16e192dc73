using CsCheck;
using Proa.Pods;
using Proa.Tests.Support;
using Proa.Waiting;

namespace Proa.Tests.Waiting;

public sealed class ReadinessTests
{
    private const string StartsMain = "Start";

    [Theory]
    [MemberData(nameof(Recordings.Names), MemberType = typeof(Recordings))]
    public void A_recorded_Pod_is_judged_at_every_event(string recording) =>
        Snapshot.Matches($"readiness/{recording}.txt", Recordings.Judged(recording, pod => Judge(pod)));

    [Fact]
    public void A_Pod_without_sidecars_starts_main_at_once() => Assert.Equal(StartsMain, Judge(Given.Pod()));

    [Fact]
    public void Ready_sidecars_start_main() =>
        Assert.Equal(StartsMain, Judge(Given.Pod().With("a", Given.Running, ready: true).WithNative("b", Given.Running, ready: true)));

    [Fact]
    public void A_container_missing_from_the_status_keeps_main_waiting() => Assert.Equal("Wait (a: no status yet)", Judge(Given.Pod().With("a")));

    [Fact]
    public void A_Pod_that_the_kubelet_has_not_seen_keeps_main_waiting() =>
        Assert.Equal("Wait (a: no status yet; b: no status yet)", Judge(Given.Pod().With("a").WithNative("b") with { Status = new() }));

    [Fact]
    public void A_status_of_another_container_is_not_ours() =>
        Assert.Equal(
            "Wait (a: no status yet)",
            Judge(Given.Pod().With("a") with { Status = new() { ContainerStatuses = [new() { Name = "A", Ready = true, State = Given.Running }] } }));

    [Fact]
    public void One_sidecar_that_is_not_ready_keeps_main_waiting() => Assert.Equal(
        "Wait (b: running, not ready)",
        Judge(Given.Pod().With("a", Given.Running, ready: true).With("b", Given.Running).With("c", Given.Running, ready: true)));

    [Fact]
    public void Every_sidecar_that_is_not_ready_is_named_with_its_reason() => Assert.Equal(
        "Wait (a: ImagePullBackOff; b: CrashLoopBackOff, restarted 2 times, last exit code 3 (Error))",
        Judge(
            Given.Pod().With("a", Given.Waiting("ImagePullBackOff")).With("b", Given.Waiting("CrashLoopBackOff"), restarts: 2, last: Given.Ended(3, "Error"))));

    [Fact]
    public void A_native_sidecar_is_waited_for() => Assert.Equal("Wait (proxy: running, not ready)", Judge(Given.Pod().WithNative("proxy", Given.Running)));

    [Fact]
    public void An_ordinary_init_container_does_not_count() =>
        Assert.Equal(StartsMain, Judge(Given.Pod().WithInit("setup", null, Given.Waiting("PodInitializing"))));

    [Fact]
    public void An_ephemeral_container_does_not_count() => Assert.Equal(StartsMain, Judge(Recordings.PodAt("debugged", 823)));

    [Fact]
    public void Our_own_readiness_does_not_count()
    {
        var pod = Given.Pod() with { Status = new() { ContainerStatuses = [new() { Name = Given.Main, Ready = false, State = Given.Waiting() }] } };
        Assert.Equal(StartsMain, Judge(pod));
    }

    [Fact]
    public void An_ignored_sidecar_is_not_waited_for() => Assert.Equal(StartsMain, Judge(Given.Pod().With("a"), new() { Ignore = ["a"] }));

    [Fact]
    public void An_ignored_sidecar_that_has_failed_does_not_matter() =>
        Assert.Equal(StartsMain, Judge(Given.Pod("Never").With("a", Given.Ended(1)), new() { Ignore = ["a"] }));

    [Fact]
    public void Only_the_sidecars_asked_for_are_waited_for() =>
        Assert.Equal("Wait (b: no status yet)", Judge(Given.Pod().With("a").With("b"), new() { WaitFor = ["b"] }));

    [Fact]
    public void A_sidecar_that_is_not_asked_for_may_have_failed() =>
        Assert.Equal(StartsMain, Judge(Given.Pod("Never").With("a", Given.Ended(1)).With("b", Given.Running, ready: true), new() { WaitFor = ["b"] }));

    [Fact]
    public void A_native_sidecar_can_be_asked_for() =>
        Assert.Equal("Wait (b: no status yet)", Judge(Given.Pod().With("a").WithNative("b"), new() { WaitFor = ["b"] }));

    [Theory]
    [InlineData("c")]
    [InlineData(Given.Main)]
    [InlineData("setup")]
    public void A_name_asked_for_that_is_no_sidecar_can_never_be_ready(string name) => Assert.Equal(
        $"Never (--wait-for \"{name}\" names no sidecar of the Pod: it has a, b)",
        Judge(Given.Pod().With("a").WithInit("setup", null).WithNative("b"), new() { WaitFor = ["a", name] }));

    [Fact]
    public void A_Pod_without_sidecars_says_so_where_one_is_asked_for() =>
        Assert.Equal("Never (--wait-for \"a\" names no sidecar of the Pod: it has none)", Judge(Given.Pod(), new() { WaitFor = ["a"] }));

    [Theory]
    [InlineData("Never", 0, "Never (sidecar a exited with 0 and will not be started again (restartPolicy Never))")]
    [InlineData("Never", 1, "Never (sidecar a exited with 1 and will not be started again (restartPolicy Never))")]
    [InlineData("OnFailure", 0, "Never (sidecar a exited with 0 and will not be started again (restartPolicy OnFailure))")]
    [InlineData("OnFailure", 1, "Wait (a: exited with 1)")]
    [InlineData("Always", 0, "Wait (a: exited with 0)")]
    [InlineData("Always", 1, "Wait (a: exited with 1)")]
    public void A_sidecar_that_has_ended_is_waited_for_only_where_it_is_started_again(string policy, int exitCode, string verdict) =>
        Assert.Equal(verdict, Judge(Given.Pod(policy).With("a", Given.Ended(exitCode))));

    [Theory]
    [InlineData("Never", "Always", "Wait (a: exited with 1)")]
    [InlineData("Always", "Never", "Never (sidecar a exited with 1 and will not be started again (the container's restartPolicy Never))")]
    public void The_sidecars_own_policy_goes_before_the_Pods(string pods, string own, string verdict) =>
        Assert.Equal(verdict, Judge(Given.Pod(pods).With("a", Given.Ended(1), policy: own)));

    [Theory]
    [InlineData(42, "Wait (a: exited with 42)")]
    [InlineData(1, "Never (sidecar a exited with 1 and will not be started again (the container's restartPolicy Never))")]
    public void The_sidecars_restart_rules_go_before_the_policies(int exitCode, string verdict) =>
        Assert.Equal(verdict, Judge(Given.Pod().With("a", Given.Ended(exitCode), policy: "Never", rules: Given.Rule("In", 42))));

    [Fact]
    public void A_native_sidecar_that_has_ended_is_started_again() =>
        Assert.Equal("Wait (proxy: exited with 1)", Judge(Given.Pod("Never").WithNative("proxy", Given.Ended(1))));

    [Fact]
    public void The_reason_the_kubelet_gives_for_an_end_is_repeated() => Assert.Equal(
        "Never (sidecar a exited with 137 (OOMKilled) and will not be started again (restartPolicy Never))",
        Judge(Given.Pod().With("a", Given.Ended(137, "OOMKilled"))));

    [Fact]
    public void Main_is_not_started_in_a_Pod_that_is_being_deleted() =>
        Assert.Equal("Wait (the Pod is being deleted)", Judge(Given.Pod().With("a", Given.Running, ready: true).Deleted()));

    [Fact]
    public void A_sidecar_that_ends_because_the_Pod_is_being_deleted_has_not_failed() =>
        Assert.Equal("Wait (the Pod is being deleted)", Judge(Given.Pod("Always").With("a", Given.Ended(0)).Deleted()));

    [Theory]
    [InlineData("Ready")]
    [InlineData("ContainersReady")]
    public void Main_is_not_started_in_a_Pod_that_has_failed_though_its_phase_and_its_sidecars_do_not_show_it(string condition) => Assert.Equal(
        "Wait (the Pod has failed, and the kubelet ends it)",
        Judge(Given.Pod().With("a", Given.Running, ready: true).WithCondition(condition, "False", "PodFailed")));

    [Theory]
    [InlineData("Ready", "False", "ContainersNotReady")]
    [InlineData("Ready", "False", null)]
    [InlineData("Ready", "True", "PodFailed")]
    [InlineData("Initialized", "False", "PodFailed")]
    public void Another_condition_does_not_keep_main_waiting(string type, string status, string? reason) =>
        Assert.Equal(StartsMain, Judge(Given.Pod().With("a", Given.Running, ready: true).WithCondition(type, status, reason)));

    [Fact]
    public void Any_Pod_gets_a_verdict_and_a_reason_where_main_may_not_start() => Gen.Select(Generate.Pod, Generate.Options).Sample((pod, options) =>
    {
        var verdict = ReadinessVerdict.Decide(pod, Given.Main, SidecarChoice.Of(options));
        Assert.Equal(verdict.Readiness == Readiness.Start, verdict.Why.Length == 0);
    });

    [Fact]
    public void Main_never_starts_while_an_awaited_sidecar_is_not_ready() => Gen.Select(Generate.Pod, Generate.Options).Sample(
        (pod, options) =>
        {
            if (ReadinessVerdict.Decide(pod, Given.Main, SidecarChoice.Of(options)).Readiness != Readiness.Start) return;
            foreach (var container in pod.Spec.Containers.Where(c => c.Name != Given.Main).Where(Counts))
                Assert.Contains(pod.Status.ContainerStatuses, s => s.Name == container.Name && s.Ready == true);
            foreach (var container in pod.Spec.InitContainers.Where(c => c.RestartPolicy == "Always").Where(Counts))
                Assert.Contains(pod.Status.InitContainerStatuses, s => s.Name == container.Name && s.Ready == true);

            bool Counts(Container container) =>
                !options.Ignore.Contains(container.Name) && (options.WaitFor.IsEmpty || options.WaitFor.Contains(container.Name));
        },
        iter: 2_000);

    [Fact]
    public void Another_sidecar_that_is_not_ready_never_lets_main_start() =>
        Gen.Select(Generate.Pod, Generate.Options, Gen.Bool).Sample((pod, options, isNative) =>
        {
            var more = isNative ? pod.WithNative("more", Given.Running) : pod.With("more", Given.Running);
            Assert.NotEqual(Readiness.Start, ReadinessVerdict.Decide(more, Given.Main, SidecarChoice.Of(options with { WaitFor = [] })).Readiness);
        });

    [Fact]
    public void Another_sidecar_that_is_not_asked_for_changes_nothing() => Gen.Select(Generate.Pod, Generate.Options).Sample((pod, options) =>
    {
        if (options.WaitFor.IsEmpty) return;
        Assert.Equal(
            ReadinessVerdict.Decide(pod, Given.Main, SidecarChoice.Of(options)).Readiness,
            ReadinessVerdict.Decide(pod.With("more", Given.Ended(1)), Given.Main, SidecarChoice.Of(options)).Readiness);
    });

    [Fact]
    public void A_Pod_with_an_ignored_sidecar_is_judged_as_one_without_it() => Gen.Select(Generate.Pod, Generate.Options).Sample((pod, options) =>
        Assert.Equal(
            Judge(Without(pod, "a"), options with { WaitFor = [], Ignore = [] }),
            Judge(pod, options with { WaitFor = [], Ignore = ["a"] })));

    [Theory]
    [InlineData("Failed", "the Pod has failed")]
    [InlineData("Succeeded", "the Pod has succeeded")]
    public void In_a_Pod_that_is_over_main_is_never_started(string phase, string why)
    {
        var (alone, regular) = (Given.Pod(), Given.Pod().With("a", Given.Running, ready: true));
        foreach (var pod in new[] { alone, regular, Given.Pod("Always").WithNative("b", Given.Running, ready: true) })
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

    [Fact]
    public void Null_for_ready_and_restartCount_is_read_and_is_not_ready()
    {
        Assert.True(PodReader.TryReadPod(
            """
            {"metadata":{"name":"p"},
             "spec":{"containers":[{"name":"main"},{"name":"a"}],"terminationGracePeriodSeconds":null,"hostPID":null,"shareProcessNamespace":null},
             "status":{"containerStatuses":[{"name":"a","ready":null,"restartCount":null,"containerID":null,"state":{"running":{}}}]}}
            """u8,
            out var pod));
        var verdict = ReadinessVerdict.Decide(pod, Given.Main, SidecarChoice.Of(new()));
        Assert.Equal((Readiness.Wait, "a: running, not ready"), (verdict.Readiness, verdict.Why));
    }

    private static Pod Without(Pod pod, string name) => pod with
    {
        Spec = pod.Spec with
        {
            Containers = [.. pod.Spec.Containers.Where(c => c.Name != name)],
            InitContainers = [.. pod.Spec.InitContainers.Where(c => c.Name != name)],
        },
    };

    private static string Judge(Pod pod, Options? options = null)
    {
        var verdict = ReadinessVerdict.Decide(pod, Given.Main, SidecarChoice.Of(options ?? new()));
        return verdict.Why.Length == 0 ? verdict.Readiness.ToString() : $"{verdict.Readiness} ({verdict.Why})";
    }
}
