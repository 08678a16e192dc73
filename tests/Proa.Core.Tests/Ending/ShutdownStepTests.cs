using System.Collections.Immutable;
using CsCheck;
using Proa.CommandLine;
using Proa.Ending;
using Proa.Pods;
using Proa.Sidecars;
using Proa.Tests.Support;

namespace Proa.Tests.Ending;

/// <summary>In which order the sidecars are told to stop.</summary>
public sealed class ShutdownStepTests
{
    private static readonly string[] _five = ["istio-proxy", "daprd", "otc-container", "worker", "envoy"];

    [Fact]
    public void Each_phase_has_its_place_in_the_order() => Assert.Equal(Enum.GetValues<ShutdownPhase>(), ShutdownStep.AllPhases);

    [Fact]
    public void Plain_sidecars_are_first_then_shippers_and_the_proxies_last() =>
        Assert.Equal(
            ["Plain: POST http://localhost:3500/v1.0/shutdown", "Shipper: SIGTERM to container/otc-container", "Network: 15020, 9901"],
            Steps(Pod(isShared: true)));

    [Fact]
    public void A_request_of_the_users_keeps_the_turn_of_the_sidecar_that_it_reaches() =>
        Assert.Equal(
            ["Plain: 7777, 3500", "Network: 15020, 9901"],
            Steps(Pod(isShared: false), "-p", "http://localhost:7777/quit", "-g", "http://localhost:15020/quitquitquit"));

    [Fact]
    public void With_kill_all_each_container_is_signalled_in_its_turn() =>
        Assert.Equal(
            ["Plain: SIGTERM to all but istio-proxy otc-container envoy", "Shipper: SIGTERM to container/otc-container",
                "Network: SIGTERM to container/istio-proxy container/envoy"],
            Steps(Pod(isShared: true), "--kill-all"));

    [Fact]
    public void Kill_keeps_the_turn_of_the_container_and_its_own_signal() =>
        Assert.Equal(
            ["Plain: POST http://localhost:3500/v1.0/shutdown", "Shipper: SIGTERM to container/otc-container",
                "Network: 9901, SIGINT to container/istio-proxy"],
            Steps(Pod(isShared: true), "--kill", "container/istio-proxy", "--kill-signal", "INT"));

    [Fact]
    public void With_known_off_all_are_told_at_once() =>
        Assert.Equal(
            ["Plain: 15020, SIGTERM to container/otc-container"],
            Steps(Pod(isShared: true), "--known=off", "-p", "http://localhost:15020/quitquitquit", "-k", "container/otc-container"));

    [Fact]
    public void Where_the_Pod_is_not_known_the_URL_may_tell_the_turn() =>
        Assert.Equal(
            ["Plain: 3500, 7777, SIGTERM to envoy", "Network: POST http://localhost:4191/shutdown"],
            Steps(
                null,
                "-p", "http://localhost:4191/shutdown", "-p", "http://localhost:3500/v1.0/shutdown", "-p", "http://localhost:7777/shutdown", "-k", "envoy"));

    [Theory]
    [InlineData(30, 1, 30)]
    [InlineData(30, 3, 10)]
    [InlineData(0, 2, 0)]
    public void Each_step_that_is_left_has_the_same_share(int left, int steps, int share) =>
        Assert.Equal(TimeSpan.FromSeconds(share), ShutdownStep.Share(TimeSpan.FromSeconds(left), steps));

    [Fact]
    public void Whatever_is_planned_is_in_one_step_and_later_steps_have_later_phases() =>
        Gen.Select(Generate.Pod, Generate.Options, Generate.ExitCode).Sample((pod, options, exitCode) =>
        {
            var plan = ShutdownPlan.Decide(pod, Given.Main, exitCode, EndingRule.Of(options));
            var phases = plan.Steps.Select(s => s.Phase).ToArray();
            Assert.Equal(phases.Distinct().Order(), phases);
            Assert.All(plan.Steps, s => Assert.False(s.Requests.IsEmpty && s.Processes.IsEmpty));
            if (plan.Asks) Assert.Equal(options.ShutdownRequests.Length, options.ShutdownRequests.Count(r => plan.Requests.Contains(r) || Withholds(plan, r)));
            Assert.All(
                plan.Sidecars.Where(s => s.Awaited.Does is true),
                s => Assert.True(s.Asked.Does is false || plan.AwaitedUntil(ShutdownPhase.Network).Contains(s.Name)));
        });

    [Theory]
    [InlineData("otc-container", "", "", "SIGTERM to container/otc-container (otel, by its name)")]
    [InlineData("x", "registry/otel/opentelemetry-collector-contrib:0.1", "", "SIGTERM to container/x (otel, by its image)")]
    [InlineData("x", "fluent-bit", "", "SIGTERM to container/x (fluent-bit, by its image)")]
    [InlineData("x", "pgbouncer:1.23", "", "SIGINT to container/x (pgbouncer, by its image)")]
    [InlineData("x", "cloud-sql-proxy:2", "--exit-zero-on-sigterm", "SIGTERM to container/x (cloud-sql, by its image)")]
    [InlineData("x", "cloud-sql-proxy:2", "", "cloud-sql, by its image: its shutdown endpoint is off")]
    [InlineData("x", "git-sync:v4", "", "git-sync, by its image: SIGTERM makes it exit with 143")]
    [InlineData("x", "my-fluent-bit", "", "no shutdown request is given")]
    public void In_a_shared_PID_namespace_SIGTERM_ends_those_that_exit_with_0_on_it(string name, string image, string args, string asked) =>
        Assert.Equal(asked, Plan(With(Shared, name, image, args)).Sidecars[0].Asked.Why);

    [Fact]
    public void Without_a_shared_PID_namespace_what_only_SIGTERM_ends_is_told_of_before_main_starts()
    {
        var pod = With("", "otc-container", "", "");
        var endless = Assert.Single(EndlessSidecar.Of(pod, Plan(pod)));
        Assert.Equal("otel, by its name: only SIGTERM stops it, and the Pod's containers do not see each other's processes", endless.Why);
        Assert.Equal("set shareProcessNamespace: true in the Pod's spec, or make it a native sidecar", endless.Remedy);
    }

    [Fact]
    public void The_next_step_does_not_wait_for_what_nobody_asks_to_stop()
    {
        var plan = Plan(Pod(isShared: false));
        Assert.Equal(["daprd"], plan.AwaitedUntil(ShutdownPhase.Plain));
        // The unknown one may end by itself; of the collector it is known that nothing stops it.
        Assert.Equal(["istio-proxy", "daprd", "worker", "envoy"], plan.Awaited);
    }

    [Fact]
    public void Who_says_for_how_long_to_wait_waits_for_all() =>
        Assert.Contains("otc-container", Plan(Pod(isShared: false), "--shutdown-timeout", "5m").Awaited);

    [Fact]
    public void Where_kill_names_an_executable_it_may_be_that_sidecars_and_nothing_else_is_sent_to_it()
    {
        var plan = Plan(With(Shared, "otc-container", "", ""), "--kill", "otelcol");
        Assert.Equal(["otelcol"], Assert.Single(plan.Processes).Selectors.Select(s => s.ToString()));
        Assert.Null(plan.Sidecars[0].Asked.Does);
    }

    [Fact]
    public void A_selection_covers_what_it_selects_already()
    {
        var all = Selection(isAll: true) with { Later = ["late"] };
        Assert.True(all.Covers(Selection(isAll: false, "early")));
        Assert.False(all.Covers(Selection(isAll: false, "late")));
        Assert.False(all.Covers(Selection(isAll: false, "early") with { Signal = Signals.Terminate + 1 }));
        Assert.True(Selection(isAll: false, "a", "b").Covers(Selection(isAll: false, "b")));
        Assert.False(Selection(isAll: false, "a").Covers(all));
    }

    private const string Shared = "\"shareProcessNamespace\": true,";

    private static bool Withholds(ShutdownPlan plan, ShutdownRequest request) => plan.Withheld.Any(w => w.Request == request);

    private static ProcessSelection Selection(bool isAll, params string[] containers) =>
        new([.. containers.Select(c => new ProcessSelector(null, c))], isAll, Signals.Terminate, []);

    private static IEnumerable<string> Steps(Pod? pod, params string[] args) => Plan(pod, args).Steps.Select(Text);

    private static string Text(ShutdownStep step)
    {
        // One request alone is written out, several by their ports.
        string[] requests = step.Requests is [var only] && step.Processes.IsEmpty
            ? [only.Request.Describe()]
            : [.. step.Requests.Select(r => FormattableString.Invariant($"{r.Request.Url.Port}"))];
        var signals = step.Processes.Select(
            p => $"{Signals.Of(p.Signal)} to {string.Join(' ', p.All ? ["all", "but", .. p.Later] : p.Selectors.Select(s => s.ToString()))}");
        return $"{step.Phase}: {string.Join(", ", requests.Concat(signals))}";
    }

    private static ShutdownPlan Plan(Pod? pod, params string[] args) =>
        ShutdownPlan.Decide(pod, pod is null ? null : Given.Main, 0, EndingRule.Of(Parser.Parse([.. args, "cmd"], _ => null).Options));

    private static Pod Pod(bool isShared)
    {
        var pod = _five.Aggregate(Given.Pod(), (all, name) => all.With(name, Given.Running)).Changed("envoy", c => c with { Image = "envoy" });
        return pod with { Spec = pod.Spec with { ShareProcessNamespace = isShared } };
    }

    private static Pod With(string spec, string name, string image, string args)
    {
        var json = $$"""
            {
              "metadata": {"name": "p", "namespace": "n"},
              "spec": { {{spec}} "restartPolicy": "Never", "containers": [{"name": "main"}, {"name": "{{name}}", "image": "{{image}}", "args": ["{{args}}"]}]},
              "status": {"phase": "Running", "containerStatuses": [{"name": "{{name}}", "state": {"running": { } } } ] }
            }
            """;
        Assert.True(PodReader.TryReadPod(System.Text.Encoding.UTF8.GetBytes(json), out var pod));
        return pod;
    }
}
