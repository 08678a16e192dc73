using Proa.Pods;
using Proa.Tests.Support;
using Proa.Waiting;

namespace Proa.Tests.Waiting;

/// <summary>Sidecars that are tested on localhost, in place of the Pod's status.</summary>
public sealed class SidecarTestTests
{
    private static readonly Look _holds = new(Readiness.Start, "answers 204");
    private static readonly Look _fails = new(Readiness.Wait, "answers 500", "look there");

    [Fact]
    public void Dapr_whose_probe_waits_for_main_keeps_main_waiting_by_its_test_alone()
    {
        var verdict = Judge(Dapr(Given.Running));
        Assert.Equal(Readiness.Start, verdict.Readiness);
        var test = Assert.Single(verdict.Tests);
        Assert.Equal(Readiness.Wait, test.StateOf(_fails).Readiness);
        Assert.Equal("daprd (http://localhost:3500/v1.0/healthz/outbound) answers 500", test.StateOf(_fails).Why);
        Assert.Equal(Readiness.Start, test.StateOf(_holds).Readiness);
    }

    [Fact]
    public void Its_own_probe_is_as_good() =>
        Assert.Equal(Readiness.Start, Assert.Single(Judge(Dapr(Given.Running, ready: true)).Tests).StateOf(_fails).Readiness);

    [Fact]
    public void Without_a_probe_that_it_runs_is_not_enough()
    {
        var pod = Given.Pod().With("statsd", Given.Running, ready: true).Changed("statsd", c => c with { Image = "prom/statsd-exporter" });
        Assert.Equal(Readiness.Wait, Assert.Single(Judge(pod).Tests).StateOf(_fails).Readiness);
    }

    [Fact]
    public void One_that_has_ended_for_good_is_never_ready_whatever_answers() => Assert.Equal(Readiness.Never, Judge(Dapr(Given.Ended(1))).Readiness);

    [Fact]
    public void A_native_one_is_tested_too() =>
        Assert.Single(Judge(Given.Pod().WithNative("daprd", Given.Running).Changed("daprd", c => c with { ReadinessProbe = new() })).Tests);

    [Theory]
    [InlineData("ignore")]
    [InlineData("wait-for")]
    [InlineData("known off")]
    public void What_the_user_says_wins(string what)
    {
        var options = what switch
        {
            "ignore" => new Options { Ignore = ["daprd"] },
            "wait-for" => new() { WaitFor = ["other"] },
            _ => new() { UsesKnown = false },
        };
        var verdict = Judge(Dapr(Given.Running).With("other", Given.Running, ready: true), options);
        Assert.Empty(verdict.Tests);
        Assert.Equal(what == "known off" ? Readiness.Wait : Readiness.Start, verdict.Readiness);
    }

    [Fact]
    public void A_status_of_a_former_life_matters_to_none_that_is_tested_and_is_no_proof_of_its_probe()
    {
        var pod = Dapr(Given.Running, ready: true) with { };
        var former = new OwnLife(DateTimeOffset.MaxValue);
        var verdict = Judge(pod.MainSince("2026-11-22T12:00:00Z"), life: former);
        Assert.Equal(Readiness.Start, verdict.Readiness);
        Assert.False(Assert.Single(verdict.Tests).IsReadyByProbe);
        Assert.Equal(ReadinessCause.FormerLife, Judge(pod.MainSince("2026-11-22T12:00:00Z").With("a", Given.Running, ready: true), life: former).Cause);
    }

    [Fact]
    public void What_keeps_it_from_running_is_said_with_what_the_test_says() => Assert.Equal(
        ("daprd (http://localhost:3500/v1.0/healthz/outbound) answers 500, ImagePullBackOff",
            "the image of daprd cannot be pulled: is its name right, and is there an imagePullSecret?; look there"),
        Assert.Single(Judge(Dapr(Given.Waiting("ImagePullBackOff"))).Tests).StateOf(_fails) is var s ? (s.Why, s.LikelyCause) : default);

    [Theory]
    [InlineData("8080", 8080, "the readinessProbe of proxy asks port 8080, which belongs to main: leave it out of the wait with --ignore proxy")]
    [InlineData("8081", 8080, null)]
    [InlineData("http", 8080, null)]
    public void A_probe_that_asks_mains_port_is_told_of(string probe, int port, string? why)
    {
        var pod = Given.Pod().With("proxy", Given.Running)
            .Changed("proxy", c => c with { ReadinessProbe = new() { HttpGet = new() { Port = probe } } })
            .Changed(Given.Main, c => c with { Ports = [new() { Number = port, Name = "http" }] });
        var hint = ConditionState.Of(Judge(pod), "").LikelyCause;
        if (why is null) Assert.StartsWith("does a probe of proxy wait for main", hint, StringComparison.Ordinal);
        else Assert.StartsWith(why, hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_the_sidecar_declares_is_its_own()
    {
        var pod = Given.Pod().With("proxy", Given.Running)
            .Changed("proxy", c => c with { Ports = [new() { Number = 8080 }], ReadinessProbe = new() { TcpSocket = new() { Port = "8080" } } })
            .Changed(Given.Main, c => c with { Ports = [new() { Number = 8080 }] });
        Assert.StartsWith("does a probe of proxy wait for main", ConditionState.Of(Judge(pod), "").LikelyCause, StringComparison.Ordinal);
    }

    [Fact]
    public void Dapr_by_its_status_alone_is_told_of() => Assert.StartsWith(
        "with an app port the readinessProbe of Dapr succeeds only when main listens at that port: leave it out of the wait with --ignore daprd",
        ConditionState.Of(Judge(Dapr(Given.Running), new() { UsesKnown = false }), "").LikelyCause,
        StringComparison.Ordinal);

    private static Pod Dapr(ContainerState state, bool ready = false) =>
        Given.Pod().With("daprd", state, ready).Changed("daprd", c => c with { ReadinessProbe = new(), Args = ["--app-port", "8080"] });

    private static ReadinessVerdict Judge(Pod pod, Options? options = null, OwnLife? life = null) =>
        ReadinessVerdict.Decide(pod, Given.Main, SidecarChoice.Of(options ?? new()), life);
}
