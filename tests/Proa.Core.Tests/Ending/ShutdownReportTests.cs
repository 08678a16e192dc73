using CsCheck;
using Proa.Ending;
using Proa.Pods;
using Proa.Tests.Support;

namespace Proa.Tests.Ending;

public sealed class ShutdownReportTests
{
    [Theory]
    [InlineData("slow-sidecar", 873, "sidecar-1 0", "", "")]
    [InlineData("sidecar-failed-never", 817, "sidecar-1 3 (Error)", "sidecar-1", "")]
    [InlineData("native-sidecar", 863, "", "", "")]
    [InlineData("proxy-first", 846, "istio-proxy 0", "", "")]
    [InlineData("debugged", 864, "sidecar-1 0", "", "")]
    [InlineData("oom-killed", 903, "sidecar-1 137 (OOMKilled)", "", "sidecar-1")]
    [InlineData("oom-killed", 881, "sidecar-1 still running", "", "")]
    [InlineData("restart-rules", 918, "sidecar-1 42 (Error)", "", "sidecar-1")]
    [InlineData("crash-loop", 930, "sidecar-1 CrashLoopBackOff, restarted 2 times, last exit code 3 (Error)", "", "sidecar-1")]
    public void A_recorded_end_is_reported(string recording, int resourceVersion, string ends, string failing, string restarting) =>
        Reports(Recordings.PodAt(recording, resourceVersion), ends, failing, restarting);

    [Fact]
    public void Every_regular_sidecar_is_reported_with_its_exit_code() => Reports(
        Given.Pod()
            .With("a", Given.Ended(0, "Completed"))
            .WithNative("proxy", Given.Running)
            .With("b", Given.Ended(143, "Error"))
            .With("c", Given.Running, ready: true),
        "a 0, b 143 (Error), c still running",
        "b",
        "");

    [Theory]
    [InlineData("Never", 1, "a", "")]
    [InlineData("Never", 0, "", "")]
    [InlineData("OnFailure", 1, "", "a")]
    [InlineData("OnFailure", 0, "", "")]
    [InlineData("Always", 1, "", "a")]
    [InlineData("Always", 0, "", "a")]
    public void A_failure_counts_where_it_is_final_and_a_restart_where_it_comes(string policy, int exitCode, string failing, string restarting) =>
        Reports(Given.Pod(policy).With("a", Given.Ended(exitCode)), $"a {exitCode}", failing, restarting);

    [Fact]
    public void An_ignored_sidecar_is_not_reported() => Reports(Given.Pod().With("a", Given.Ended(1)), "", "", "", new() { Ignore = ["a"] });

    [Fact]
    public void A_sidecar_without_a_status_is_reported_as_such() => Reports(Given.Pod().With("a"), "a no status yet", "", "");

    [Fact]
    public void Any_Pod_gets_a_report_in_which_nobody_both_fails_and_is_started_again() => Gen.Select(Generate.Pod, Generate.Options).Sample((pod, options) =>
    {
        // A real Pod's containers have names of their own.
        if (pod.Spec.Containers.Length != pod.Spec.Containers.DistinctBy(c => c.Name).Count()) return;
        var report = ShutdownReport.Of(pod, Given.Main, options.Ignore);
        Assert.Empty(report.Failing.Intersect(report.Restarting));
    });

    [Theory]
    [InlineData("Never", 143, true)]
    [InlineData("Never", 3, false)]
    [InlineData("OnFailure", 143, false)]
    public void A_failure_by_SIGTERM_is_told_from_others(string policy, int exitCode, bool isBySignal) => Assert.Equal(
        isBySignal,
        ShutdownReport.Of(Given.Pod(policy).With("a", Given.Ended(exitCode)).With("b143", Given.Ended(0)), Given.Main, []).IsBySignal);

    [Theory]
    [InlineData("Always", 0)]
    [InlineData("OnFailure", 3)]
    public void A_sidecar_of_a_deleted_Pod_that_waits_is_not_reported_as_being_started_again(string policy, int exitCode)
    {
        var pod = Given.Pod(policy).With("a", Given.Waiting("CrashLoopBackOff"), restarts: 2, last: Given.Ended(exitCode)).With("b", Given.Ended(exitCode));
        Assert.Equal(["a", "b"], ShutdownReport.Of(pod, Given.Main, []).Restarting);
        Assert.Empty(ShutdownReport.Of(pod.Deleted(), Given.Main, []).Restarting);
    }

    private static void Reports(Pod pod, string ends, string failing, string restarting, Options? options = null)
    {
        var report = ShutdownReport.Of(pod, Given.Main, (options ?? new()).Ignore);
        Assert.Equal((ends, failing, restarting), (report.Ends, string.Join(", ", report.Failing), string.Join(", ", report.Restarting)));
    }
}
