using Proa.Pods;
using Proa.Tests.Support;
using Proa.Waiting;

namespace Proa.Tests.Waiting;

public sealed class LongWaitTests
{
    [Fact]
    public void It_is_said_once_a_minute_at_first_then_ever_more_seldom_and_at_least_once_a_day()
    {
        var minutes = new List<double>();
        for (var last = TimeSpan.Zero; minutes.Count < 14;) minutes.Add((last = LongWait.Next(last)).TotalMinutes);
        Assert.Equal([1, 2, 3, 6, 12, 24, 48, 96, 192, 384, 768, 1536, 2976, 4416], minutes);
    }

    [Fact]
    public void The_next_time_is_always_later_and_within_a_timers_range()
    {
        for (var last = TimeSpan.Zero; last < TimeSpan.FromDays(1000);)
        {
            var next = LongWait.Next(last);
            Assert.InRange(next - last, TimeSpan.FromMinutes(1), Duration.Longest);
            last = next;
        }
    }

    [Fact]
    public void It_says_what_each_sidecar_does_and_what_may_be_wrong() => Says(
        "a: running, not ready; b: ImagePullBackOff; c: no status yet",
        "does a probe of a wait for main, or does a NetworkPolicy block what a needs? kubectl describe pod shows why the probe fails; "
        + "the image of b cannot be pulled: is its name right, and is there an imagePullSecret?; kubectl describe pod shows what c waits for",
        Waits(
            Judge(Probed(Given.Pod().With("a", Given.Running).With("b", Given.Waiting("ImagePullBackOff")).With("c").With("d", Given.Running, ready: true))),
            ""));

    [Fact]
    public void A_sidecar_without_a_probe_has_none_that_could_wait() =>
        Says("a: running, not ready", "see kubectl describe pod for a", Waits(Judge(Given.Pod().With("a", Given.Running)), ""));

    [Fact]
    public void It_says_why_the_API_server_tells_nothing() => Says(
        "cannot connect to 10.0.0.1:443",
        "does a NetworkPolicy, or a mesh's proxy that is not up yet, block the API server?",
        Waits(null, "cannot connect to 10.0.0.1:443"));

    [Fact]
    public void It_says_what_was_last_known_before_the_API_server_went_away() => Says(
        "cannot connect to 10.0.0.1:443; before that: a: running, not ready",
        "does a NetworkPolicy, or a mesh's proxy that is not up yet, block the API server?",
        Waits(Judge(Given.Pod().With("a", Given.Running)), "cannot connect to 10.0.0.1:443"));

    [Fact]
    public void It_says_that_the_API_server_has_not_answered() => Says(
        "the API server has not answered yet",
        "does a NetworkPolicy, or a mesh's proxy that is not up yet, block the API server?",
        Waits(null, ""));

    [Fact]
    public void It_says_that_the_Pod_ends() => Says("the Pod is being deleted", "", Waits(Judge(Given.Pod().With("a").Deleted()), ""));

    [Fact]
    public void It_says_that_the_status_is_of_a_former_life() => Says(
        "the Pod's status is not current yet: all containers are being restarted",
        "does the kubelet reach the API server?",
        Waits(
            Judge(Given.Pod().With("a", Given.Running, ready: true).WithCondition("AllContainersRestarting", "True"), new OwnLife((DateTimeOffset?)null)),
            ""));

    [Fact]
    public void It_says_that_there_is_no_limit() => Says(
        "the Pod is being deleted",
        "proa waits without a limit: --ready-timeout sets one",
        Waits(Judge(Given.Pod().With("a").Deleted()), "", isLimited: false));

    private static LongWait Waits(ReadinessVerdict? verdict, string problem, bool isLimited = true) =>
        LongWait.Of([ConditionState.Of(verdict, problem)], isLimited);

    private static void Says(string why, string hint, LongWait wait) => Assert.Equal((why, hint), (wait.Why, wait.Hint));

    private static ReadinessVerdict Judge(Pod pod, OwnLife? life = null) => ReadinessVerdict.Decide(pod, Given.Main, SidecarChoice.Of(new()), life);

    private static Pod Probed(Pod pod) =>
        pod with { Spec = pod.Spec with { Containers = [.. pod.Spec.Containers.Select(c => c with { ReadinessProbe = new() })] } };
}
