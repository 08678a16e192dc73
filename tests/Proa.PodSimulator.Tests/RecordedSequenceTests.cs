using System.Text.Json.Nodes;

namespace Proa.PodSimulator.Tests;

/// <summary>The simulated kubelet shows the states that a real one was recorded to show.</summary>
public sealed class RecordedSequenceTests
{
    // Each Pod is as the recorded one, with its long sleeps replaced by waits for the other side's event.
    private const string Sleep = "exec sleep 1000";
    private const string UntilTerminated = """trap "exit 0" TERM; echo up; while :; do sleep 0.02; done""";

    [Fact]
    public async Task A_slow_sidecar()
    {
        await using var simulator = await StartAsync(
            "Never", MainOf(Until("/s/end")), SidecarOf(Until("/s/end2"), ReadyWith("/s/ready", failureThreshold: 60)));
        await MakeReadyAsync(simulator, "/s/ready");
        await TouchAsync(simulator, "sidecar-1", "/s/end");
        await RunningAsync(simulator, "main", "terminated 0 Completed");
        await EndAsync(simulator, "sidecar-1", "/s/end2");
        Assert.True((await simulator.EndAsync()).Succeeded);
        Compare(simulator, "slow-sidecar");
    }

    [Fact]
    public async Task A_native_sidecar()
    {
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Never
            volumes: [{name: s, emptyDir: {}}]
            initContainers:
            - name: setup
              image: lab/busybox:1
              command: ["true"]
            - name: proxy
              image: lab/busybox:1
              restartPolicy: Always
              command: [sh, -c, 'trap "exit 0" TERM; while :; do sleep 0.02; done']
              volumeMounts: [{name: s, mountPath: /s}]
              readinessProbe: {exec: {command: [test, -f, /s/ready]}, periodSeconds: 1, failureThreshold: 60}
            containers:
            - name: main
              image: lab/busybox:1
              command: [sh, -c, 'until [ -f /s/end ]; do sleep 0.02; done']
              volumeMounts: [{name: s, mountPath: /s}]
            """);
        await RunningAsync(simulator, "main", "running ready #0");
        await TouchAsync(simulator, "proxy", "/s/ready");
        await RunningAsync(simulator, "proxy", "running ready #0");
        await EndAsync(simulator, "proxy", "/s/end");
        Assert.True((await simulator.EndAsync()).Succeeded);
        Compare(simulator, "native-sidecar");
    }

    [Fact]
    public async Task A_main_container_that_is_retried()
    {
        await using var simulator = await StartAsync(
            "OnFailure",
            MainOf(Until("/s/ready") + "; sleep 0.2; exit 1"),
            SidecarOf(Sleep, ReadyWith("/s/ready", failureThreshold: 60)));
        await MakeReadyAsync(simulator, "/s/ready");
        await RunningAsync(simulator, "main", "running ready #2");
        await simulator.WaitForPodAsync(
            pod => Pods.Status(pod, "main")["restartCount"]!.GetValue<int>() == 2 && Pods.State(Pods.Status(pod, "main")) == "terminated 1 Error",
            Pods.Cancelled);
        var waiting = Seen(simulator).Select(pod => pod["status"]!["containerStatuses"]?[0]?["state"]?["waiting"]?["message"]?.ToString())
            .First(message => message is not null);
        Assert.Equal($"back-off 10s restarting failed container=main pod=test-pod_default({simulator.Pod!["metadata"]!["uid"]})", waiting);
        Compare(simulator, "main-retried");
    }

    [Fact]
    public async Task A_sidecar_that_has_failed_for_good()
    {
        await using var simulator = await StartAsync(
            "Never",
            MainOf(Until("/s/end")),
            SidecarOf("exit 3", """readinessProbe: {exec: {command: ["false"]}, periodSeconds: 100}"""));
        await RunningAsync(simulator, "sidecar-1", "terminated 3 Error");
        await RunningAsync(simulator, "main", "running ready #0");
        await EndAsync(simulator, "main", "/s/end");
        var outcome = await simulator.EndAsync();
        Assert.False(outcome.Succeeded);
        Assert.Equal(3, outcome.Container("sidecar-1").ExitCode);
        Compare(simulator, "sidecar-failed-never");
    }

    [Fact]
    public async Task A_sidecar_that_runs_out_of_memory()
    {
        await using var simulator = await StartAsync("OnFailure", MainOf(Sleep), SidecarOf(Sleep));
        await RunningAsync(simulator, "sidecar-1", "running ready #0");
        simulator.KillAsOutOfMemory("sidecar-1");
        await RunningAsync(simulator, "sidecar-1", "running ready #1");
        simulator.KillAsOutOfMemory("sidecar-1");
        await RunningAsync(simulator, "sidecar-1", "running ready #2");
        Assert.Equal(
            Pods.States(RecordedWatch.Load(ApiServerTests.Fixture("oom-killed.watch.jsonl")).Changes.Select(change => change.Pod))["sidecar-1"].SkipLast(1),
            Pods.States(Seen(simulator))["sidecar-1"]);
    }

    [Fact]
    public async Task An_image_that_is_missing()
    {
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Never
            containers:
            - {name: main, image: lab/busybox:1, command: ["true"]}
            - {name: sidecar-1, image: lab/nothere:1, imagePullPolicy: Never, command: ["true"]}
            """, Pods.Fast with { MissingImages = ["lab/nothere:1"] });
        await RunningAsync(simulator, "main", "terminated 0 Completed");
        await RunningAsync(simulator, "sidecar-1", "waiting ErrImageNeverPull");
        Compare(simulator, "image-missing");
    }

    [Fact]
    public async Task A_deleted_Pod()
    {
        await using var simulator = await StartAsync("Never", MainOf(UntilTerminated), SidecarOf(UntilTerminated));
        await simulator.UpAsync("main", "sidecar-1");
        await RunningAsync(simulator, "main", "running ready #0");
        await RunningAsync(simulator, "sidecar-1", "running ready #0");
        await simulator.DeletePodAsync();
        Compare(simulator, "deleted");
        Assert.Equal("DELETED", simulator.Api.Store.History[^1].Type);
        Assert.Null(simulator.Pod);
        Assert.True(Assert.Single((await simulator.EndAsync()).Pods).Deleted);
    }

    [Fact]
    public async Task A_restart_of_all_containers()
    {
        await using var simulator = await StartAsync(
            "Never",
            MainOf(
                Until("/s/end") + "; [ -e /s/x ] && exit 0; mv /s/end /s/x; exit 42",
                "restartPolicy: Never, restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, values: [42]}}]"),
            SidecarOf(Sleep, ReadyWith("/tmp/ready")));
        await MakeReadyAsync(simulator, "/tmp/ready");
        await EndAsync(simulator, "sidecar-1", "/s/end");
        await MakeReadyAsync(simulator, "/tmp/ready", life: 1);
        await TouchAsync(simulator, "sidecar-1", "/s/end");
        await RunningAsync(simulator, "main", "terminated 0 Completed");
        Compare(simulator, "restart-all");
        var restarting = Seen(simulator).Where(pod => ConditionTypes(pod).Contains("AllContainersRestarting True RestartAllContainersStarted")).ToList();
        Assert.NotEmpty(restarting);
        Assert.All(
            restarting,
            pod => Assert.Equal(
                ("terminated 42 Error", "running ready #0"),
                (Pods.State(Pods.Status(pod, "main")), Pods.State(Pods.Status(pod, "sidecar-1")))));
    }

    [Fact]
    public async Task A_main_container_and_a_sidecar_that_are_restarted_together()
    {
        await using var simulator = await StartAsync(
            "OnFailure",
            MainOf(Until("/s/end") + "; [ -e /s/x ] && exit 0; mv /s/end /s/x; exit 1"),
            SidecarOf(Sleep, ReadyWith("/tmp/ready")));
        for (var life = 0; life < 3; life++)
        {
            await MakeReadyAsync(simulator, "/tmp/ready", life);
            if (life < 2) await TouchAsync(simulator, "sidecar-1", "/s/end");
            await RunningAsync(simulator, "main", life == 0 ? "running ready #1" : "terminated 0 Completed");
            Assert.Equal(0, (await simulator.ExecAsync("sidecar-1", ["rm", "/tmp/ready"], Pods.Cancelled)).ExitCode);
            await RunningAsync(simulator, "sidecar-1", $"running #{life}");
            simulator.SignalContainer("sidecar-1", Libc.SigKill);
        }

        await RunningAsync(simulator, "sidecar-1", "running #3");
        Compare(simulator, "both-restart");
    }

    [Theory]
    [InlineData("pod-deadline", true)]
    [InlineData("pod-deadline-not-ready", false)]
    public async Task A_Pod_whose_deadline_is_over(string recording, bool isReady)
    {
        await using var simulator = await StartAsync(
            "Never\nterminationGracePeriodSeconds: 1",
            MainOf("""trap "exit 7" TERM; echo up; while :; do sleep 0.02; done"""),
            SidecarOf("""trap "" TERM; echo up; while :; do sleep 0.02; done""", ReadyWith("/tmp/ready")));
        await simulator.UpAsync("main", "sidecar-1");
        if (isReady) await TouchAsync(simulator, "sidecar-1", "/tmp/ready");
        await RunningAsync(simulator, "sidecar-1", isReady ? "running ready #0" : "running #0");
        simulator.ExceedDeadline();
        Assert.Equal("DeadlineExceeded", (await simulator.EndAsync()).Reason);
        Compare(simulator, recording);
        var failing = Seen(simulator).First(pod => ConditionTypes(pod).Contains("Ready False PodFailed"));
        Assert.Equal("Running", failing["status"]!["phase"]!.ToString());
        Assert.Null(failing["status"]!["reason"]);
        Assert.Equal(isReady ? "running ready #0" : "running #0", Pods.State(Pods.Status(failing, "sidecar-1")));
        Assert.All(Seen(simulator), pod => Assert.Null(pod["metadata"]!["deletionTimestamp"]));
        Assert.Equal("DeadlineExceeded", Seen(simulator).Last()["status"]!["reason"]!.ToString());
    }

    private static Task<Simulator> StartAsync(string restartPolicy, string main, string sidecar) =>
        Pods.StartAsync($"restartPolicy: {restartPolicy}\nvolumes: [{{name: s, emptyDir: {{}}}}]\ncontainers:\n{main}\n{sidecar}");

    private static string MainOf(string script, string more = "") => Container("main", script, more);

    private static string SidecarOf(string script, string more = "") => Container("sidecar-1", script, more);

    /// <summary>A container, on one line, in which the Pod's volume is at /s.</summary>
    private static string Container(string name, string script, string more) =>
        $$"""- {name: {{name}}, image: lab/busybox:1, command: [sh, -c, '{{script}}'], volumeMounts: [{name: s, mountPath: /s}], {{more}} }""";

    private static string Until(string path) => $"until [ -f {path} ]; do sleep 0.02; done";

    /// <summary>With the threshold of the recorded Pod: a probe that a busy machine delays fails.</summary>
    private static string ReadyWith(string path, int failureThreshold = 1) =>
        $$$"""readinessProbe: {exec: {command: [test, -f, {{{path}}}]}, periodSeconds: 1, failureThreshold: {{{failureThreshold}}} }""";

    /// <summary>The sidecar runs, in this life, and becomes ready.</summary>
    private static async Task MakeReadyAsync(Simulator simulator, string path, int life = 0)
    {
        await RunningAsync(simulator, "sidecar-1", $"running #{life}");
        await TouchAsync(simulator, "sidecar-1", path);
        await RunningAsync(simulator, "sidecar-1", $"running ready #{life}");
    }

    private static IEnumerable<JsonObject> Seen(Simulator simulator) => simulator.Api.Store.History.Select(change => change.Pod);

    private static Task<JsonObject> RunningAsync(Simulator simulator, string container, string state) =>
        simulator.WaitForPodAsync(pod => pod["status"]!["containerStatuses"] is not null && Pods.State(Pods.Status(pod, container)) == state, Pods.Cancelled);

    private static async Task TouchAsync(Simulator simulator, string container, string path) =>
        Assert.Equal(0, (await simulator.ExecAsync(container, ["touch", path], Pods.Cancelled)).ExitCode);

    // The container may end by it before touch does.
    private static Task<ExecResult> EndAsync(Simulator simulator, string container, string path) =>
        simulator.ExecAsync(container, ["touch", path], Pods.Cancelled);

    // A real kubelet shows several changes in one status, so each container is compared by itself. A recording may end before the Pod does.
    private static void Compare(Simulator simulator, string recording)
    {
        var recorded = RecordedWatch.Load(ApiServerTests.Fixture($"{recording}.watch.jsonl")).Changes.Select(change => change.Pod).ToList();
        var expected = Pods.States(recorded);
        var actual = Pods.States(Seen(simulator));
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach (var (name, states) in expected) Assert.Equal(states, actual[name].Take(states.Count));
        Assert.Equal(Pods.Phases(recorded), Pods.Phases(Seen(simulator)));
        Assert.Equal(ConditionTypes(recorded[^1]), ConditionTypes(Seen(simulator).Last()));
    }

    private static IEnumerable<string> ConditionTypes(JsonObject pod) =>
        (pod["status"]!["conditions"]?.AsArray() ?? []).Select(condition => $"{condition!["type"]} {condition["status"]} {condition["reason"]}");
}
