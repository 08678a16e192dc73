using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Proa.PodSimulator.Tests;

/// <summary>Probes, restarts, order of start and end, Jobs.</summary>
public sealed class LifecycleTests
{
    private const string Server = """
        import http.server
        class H(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if self.path == "/ready" else 503); self.end_headers()
            def log_message(self, *a): pass
        s = http.server.HTTPServer(("127.0.0.1", PORT), H); print("up", flush=True); s.serve_forever()
        """;

    [Theory]
    [InlineData("httpGet: {path: /ready, port: web}", true)]
    [InlineData("httpGet: {path: /other, port: PORT}", false)]
    [InlineData("tcpSocket: {port: PORT}", true)]
    [InlineData("tcpSocket: {port: 1}", false)]
    [InlineData("exec: {command: [test, -f, /etc/hostname]}", true)]
    [InlineData("exec: {command: [\"false\"]}", false)]
    public async Task Probes_decide_on_readiness(string probe, bool ready)
    {
        var port = FreePort();
        await using var simulator = await Pods.StartAsync($$"""
            restartPolicy: Never
            containers:
            - name: main
              image: i
              ports: [{name: web, containerPort: {{port}}}]
              command: [python3, -c]
              args:
              - |
            {{Indent(Server.Replace("PORT", $"{port}", StringComparison.Ordinal), 4)}}
              readinessProbe:
                periodSeconds: 1
                {{probe.Replace("PORT", $"{port}", StringComparison.Ordinal)}}
            """);
        await simulator.UpAsync("main");
        if (ready)
        {
            await simulator.WaitForPodAsync(
                pod => pod["status"]!["conditions"]!.AsArray().Any(c => $"{c!["type"]} {c["status"]}" == "Ready True"),
                Pods.Cancelled);
        }
        else
        {
            await simulator.WaitForPodAsync(pod => Pods.Phases([pod]) is ["Running"], Pods.Cancelled);
            Assert.False(Pods.Status(simulator.Pod!, "main")["ready"]!.GetValue<bool>());
        }
    }

    [Fact]
    public async Task A_failed_liveness_probe_ends_the_container_which_is_started_again()
    {
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Always
            containers:
            - name: main
              image: i
              command: [sh, -c, 'trap "exit 7" TERM; echo up; while :; do sleep 0.02; done']
              livenessProbe: {exec: {command: ["false"]}, periodSeconds: 20, failureThreshold: 1, initialDelaySeconds: 20}
            """);
        var pod = await simulator.WaitForPodAsync(
            pod => Pods.Phases([pod]) is ["Running"] && Pods.Status(pod, "main")["restartCount"]!.GetValue<int>() == 1,
            Pods.Cancelled);
        Assert.Equal("7", Pods.Status(pod, "main")["lastState"]!["terminated"]!["exitCode"]!.ToString());
    }

    [Fact]
    public async Task Back_off_is_none_then_10_s_doubling_to_300_s()
    {
        var backOff = new BackOff();
        var delays = Enumerable.Range(0, 8).Select(_ => backOff.Next(TimeSpan.FromSeconds(1)).TotalSeconds);
        Assert.Equal([0, 10, 20, 40, 80, 160, 300, 300], delays);
        Assert.Equal(TimeSpan.Zero, backOff.Next(TimeSpan.FromMinutes(11)));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task The_next_container_starts_when_a_native_sidecar_has_started_and_natives_end_last_in_reverse_order()
    {
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Never
            volumes: [{name: s, emptyDir: {}}]
            initContainers:
            - name: one
              image: i
              restartPolicy: Always
              command: [sh, -c, 'trap "echo end; exit 5" TERM; touch /s/one; echo up; while :; do sleep 0.02; done']
              volumeMounts: [{name: s, mountPath: /s}]
              startupProbe: {exec: {command: [test, -f, /s/one]}, periodSeconds: 1}
            - name: two
              image: i
              restartPolicy: Always
              command: [sh, -c, 'trap "echo end; exit 0" TERM; [ -f /s/one ] && echo up; touch /s/two; while :; do sleep 0.02; done']
              volumeMounts: [{name: s, mountPath: /s}]
              startupProbe: {exec: {command: [test, -f, /s/two]}, periodSeconds: 1}
            containers:
            - name: main
              image: i
              command: [sh, -c, '[ -f /s/two ] && echo up; echo end']
              volumeMounts: [{name: s, mountPath: /s}]
            """);
        var outcome = await simulator.EndAsync();
        Assert.True(outcome.Succeeded);
        Assert.Equal(5, outcome.Container("one").ExitCode);
        Assert.Equal(["one up", "two up", "main up", "main end", "two end", "one end"],
            simulator.Output.Where(line => line.Container != OutputLine.Kubelet).Select(line => $"{line.Container} {line.Text}"));
    }

    [Fact]
    public async Task A_native_sidecar_is_started_again_whatever_its_exit_code()
    {
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Never
            initContainers: [{name: native, image: i, restartPolicy: Always, command: ["true"]}]
            containers: [{name: main, image: i, command: [sleep, "1000"]}]
            """);
        await simulator.WaitForPodAsync(
            pod => Pods.Phases([pod]) is ["Running"] && Pods.Status(pod, "native")["restartCount"]!.GetValue<int>() == 2,
            Pods.Cancelled);
    }

    [Fact]
    public async Task A_failed_init_container_fails_the_Pod()
    {
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Never
            initContainers: [{name: init, image: i, command: ["false"]}]
            containers: [{name: main, image: i, command: ["true"]}]
            """);
        var outcome = await simulator.EndAsync();
        Assert.False(outcome.Succeeded);
        Assert.Equal(1, outcome.Container("init").ExitCode);
        Assert.Null(outcome.Container("main").ExitCode);
    }

    [Fact]
    public async Task Deletion_kills_after_the_grace_period_what_ignores_TERM()
    {
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Always
            containers:
            - {name: main, image: i, command: [sh, -c, 'trap "" TERM; echo up; while :; do sleep 0.02; done']}
            - {name: other, image: i, lifecycle: {stopSignal: SIGUSR1}, command: [sh, -c, 'trap "exit 9" USR1; echo up; while :; do sleep 0.02; done']}
            """);
        await simulator.UpAsync("main", "other");
        await simulator.DeletePodAsync(gracePeriodSeconds: 1);
        var outcome = await simulator.EndAsync();
        Assert.Equal((137, 9), (outcome.Container("main").ExitCode, outcome.Container("other").ExitCode));
    }

    [Theory]
    [InlineData("Never", "{action: Restart, exitCodes: {operator: In, values: [42]}}", 42, true)]
    [InlineData("Never", "{action: Restart, exitCodes: {operator: In, values: [42]}}", 1, false)]
    [InlineData("Never", "{action: Restart, exitCodes: {operator: NotIn, values: [0]}}", 1, true)]
    [InlineData("OnFailure", null, 1, true)]
    [InlineData("OnFailure", null, 0, false)]
    public void Rules_come_before_policies(string policy, string? rule, int exitCode, bool again)
    {
        var yaml =
            $"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: "
                + $"{{restartPolicy: {policy}, containers: [{{name: c, image: i, restartPolicyRules: [{rule}]}}]}}\n";
        var spec = Manifest.Parse(yaml).Objects[0]["spec"]!.AsObject();
        Assert.Equal(again, RestartPolicy.Restarts(spec, spec["containers"]![0]!.AsObject(), isInit: false, exitCode));
    }

    [Fact]
    public async Task A_Job_makes_a_new_Pod_for_each_retry_until_the_limit()
    {
        await using var simulator = await StartJobAsync("backoffLimit: 2", "Never", "exit 4", Pods.Fast with { TimeScale = 500 });
        var outcome = await simulator.EndAsync();
        Assert.Equal((false, "BackoffLimitExceeded", 3), (outcome.Succeeded, outcome.Reason, outcome.Pods.Count));
        Assert.All(outcome.Pods, pod => Assert.Matches("^retry-[a-z0-9]{5}$", pod.Name));
        Assert.Equal("retry", simulator.Pod!["metadata"]!["labels"]!["batch.kubernetes.io/job-name"]!.ToString());
    }

    [Fact]
    public async Task A_webhook_may_change_each_Pod_of_a_Job_before_it_is_created()
    {
        await using var simulator = await StartJobAsync("backoffLimit: 1", "Never", "exit 4", Pods.Fast with
        {
            TimeScale = 500,
            Admit = pod =>
            {
                Assert.Equal("yes", pod["metadata"]!["labels"]!["inject"]!.ToString());
                pod["spec"]!["containers"]!.AsArray().Insert(0, JsonNode.Parse("""{"name": "injected", "image": "i", "command": ["echo", "injected"]}"""));
            },
        });
        var outcome = await simulator.EndAsync();
        Assert.Equal(["injected", "injected"], simulator.Output.Of("injected"));
        Assert.All(outcome.Pods, pod => Assert.Equal(["injected", "main"], pod.Containers.Select(container => container.Name)));
    }

    [Fact]
    public async Task A_Job_with_OnFailure_restarts_in_place_until_the_limit()
    {
        await using var simulator = await StartJobAsync("backoffLimit: 1", "OnFailure", "exit 4", Pods.Fast);
        var outcome = await simulator.EndAsync();
        Assert.Equal("BackoffLimitExceeded", outcome.Reason);
        Assert.Equal(1, Assert.Single(outcome.Pods).Containers[0].RestartCount);
    }

    [Fact]
    public async Task A_deadline_ends_the_Job()
    {
        await using var simulator = await StartJobAsync(
            "activeDeadlineSeconds: 1", "Never", """'trap "exit 0" TERM; while :; do sleep 0.02; done'""", Pods.Fast);
        var outcome = await simulator.EndAsync();
        Assert.Equal((false, "DeadlineExceeded"), (outcome.Succeeded, outcome.Reason));
    }

    /// <summary>Starts a Job of one container, with one line more in its spec.</summary>
    private static Task<Simulator> StartJobAsync(string more, string restartPolicy, string script, SimulatorOptions options) => Pods.StartManifestAsync(
        $$$"""
        apiVersion: batch/v1
        kind: Job
        metadata: {name: retry}
        spec:
          {{{more}}}
          template:
            metadata: {labels: {inject: "yes"}}
            spec:
              restartPolicy: {{{restartPolicy}}}
              containers: [{name: main, image: i, command: [sh, -c, {{{script}}}]}]
        """,
        options);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Indent(string text, int by) =>
        string.Join('\n', text.Split('\n').Select(line => new string(' ', by).ToString(CultureInfo.InvariantCulture) + line));
}
