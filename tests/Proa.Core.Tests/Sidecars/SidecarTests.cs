using Proa.Pods;
using Proa.Sidecars;
using Proa.Tests.Support;

namespace Proa.Tests.Sidecars;

public sealed class SidecarTests
{
    [Fact]
    public void Sidecars_are_the_other_containers_and_the_native_ones()
    {
        var pod = Given.Pod().With("logger").WithInit("setup", null).WithNative("proxy").WithInit("retried", "OnFailure");
        Assert.Equal(
            [("logger", SidecarKind.Regular), ("proxy", SidecarKind.Native)],
            Sidecar.Of(pod, Given.Main, []).Select(s => (s.Name, s.Kind)));
    }

    [Fact]
    public void Where_main_stands_in_the_spec_does_not_matter() =>
        Assert.Equal(["istio-proxy"], Sidecar.Of(Recordings.PodAt("proxy-first", 777), "main", []).Select(s => s.Name));

    [Fact]
    public void An_ephemeral_container_is_no_sidecar() =>
        Assert.Equal(["sidecar-1"], Sidecar.Of(Recordings.PodAt("debugged", 830), "main", []).Select(s => s.Name));

    [Fact]
    public void A_regular_containers_policy_Always_does_not_make_it_native() =>
        Assert.Equal(SidecarKind.Regular, Assert.Single(Sidecar.Of(Given.Pod().With("logger", policy: "Always"), Given.Main, [])).Kind);

    [Fact]
    public void Ignored_ones_are_left_out() =>
        Assert.Equal(["b"], Sidecar.Of(Given.Pod().With("a").With("b").WithNative("c"), Given.Main, ["a", "c"]).Select(s => s.Name));

    [Fact]
    public void A_status_is_found_by_name_among_those_of_its_kind()
    {
        var pod = Given.Pod().With("a").With("b", Given.Running, ready: true).WithNative("c", Given.Running, ready: true);
        Assert.Equal([null, "b", "c"], Sidecar.Of(pod, Given.Main, []).Select(s => s.Status?.Name));
    }

    [Fact]
    public void One_without_a_status_is_described_as_such() => Assert.Equal("no status yet", Describe(null));

    [Fact]
    public void A_ready_one_is_described_as_such() => Assert.Equal("ready", Describe(Given.Running, ready: true));

    [Fact]
    public void One_that_has_ended_is_not_ready_whatever_its_status_says() =>
        Assert.False(new Sidecar(SidecarKind.Regular, new(), new() { Ready = true, State = Given.Ended(0) }).IsReady);

    public static TheoryData<string, string, int, string> Descriptions => new()
    {
        { "running", "", 0, "running, not ready" },
        { "running", "", 1, "running, not ready, restarted once, last exit code 3 (Error)" },
        { "running", "", 2, "running, not ready, restarted 2 times, last exit code 3 (Error)" },
        { "waiting", "ContainerCreating", 0, "ContainerCreating" },
        { "waiting", "ImagePullBackOff", 0, "ImagePullBackOff" },
        { "waiting", "CrashLoopBackOff", 5, "CrashLoopBackOff, restarted 5 times, last exit code 3 (Error)" },
        { "ended", "Completed", 0, "exited with 7" },
        { "ended", "", 0, "exited with 7" },
        { "ended", "OOMKilled", 4, "exited with 7 (OOMKilled)" },
    };

    [Theory]
    [MemberData(nameof(Descriptions))]
    public void One_that_is_not_ready_is_described_by_the_kubelets_reason(string state, string reason, int restarts, string description) => Assert.Equal(
        description,
        Describe(
            state switch { "running" => Given.Running, "waiting" => Given.Waiting(reason), _ => Given.Ended(7, reason) },
            restarts: restarts,
            last: restarts > 0 ? Given.Ended(3, "Error") : null));

    [Theory]
    [InlineData("ImagePullBackOff", "", "the image of a cannot be pulled")]
    [InlineData("ErrImagePull", "", "the image of a cannot be pulled")]
    [InlineData("InvalidImageName", "", "the image of a cannot be pulled")]
    [InlineData("CreateContainerConfigError", "", "a ConfigMap, Secret or key that a refers to is missing")]
    [InlineData("RunContainerError", "", "a cannot be started")]
    [InlineData("CrashLoopBackOff", "Error", "kubectl logs --previous -c a shows why it ends")]
    [InlineData("CrashLoopBackOff", "OOMKilled", "raise the memory limit of a")]
    [InlineData("ContainerCreating", "", "")]
    [InlineData("PodInitializing", "", "")]
    public void What_a_person_can_do_is_hinted_at_by_the_kubelets_reason(string reason, string last, string hint)
    {
        var pod = Given.Pod().With("a", Given.Waiting(reason), last: last.Length > 0 ? Given.Ended(1, last) : null);
        var hinted = Sidecar.Of(pod, Given.Main, []).Single().Hint();
        Assert.StartsWith(hint, hinted, StringComparison.Ordinal);
        Assert.Equal(hint.Length == 0, hinted.Length == 0);
    }

    [Fact]
    public void Waiting_without_a_reason_is_just_waiting() => Assert.Equal("waiting", Describe(Given.Waiting()));

    [Fact]
    public void No_state_at_all_means_waiting() => Assert.Equal("waiting", Describe(new()));

    [Fact]
    public void A_hint_is_one_printable_line_whatever_the_sidecar_is_called() => Assert.Equal(
        "kubectl logs --previous -c a\\u001b[2J\\nproa: b shows why it ends",
        Sidecar.Of(Given.Pod().With("a\u001b[2J\nproa: b", new() { Waiting = new() { Reason = "CrashLoopBackOff" } }), Given.Main, []).Single().Hint());

    private static string Describe(ContainerState? state, bool ready = false, int restarts = 0, ContainerState? last = null) =>
        Assert.Single(Sidecar.Of(Given.Pod().With("a", state, ready, restarts, last), Given.Main, [])).Describe();
}
