using System.Text.Json.Nodes;
using Proa.EndToEnd.Faults;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Lives;

/// <summary>Main's container has been started again, or for the first time, and the API server still shows the Pod as it was before.</summary>
public sealed class FormerLives
{
    /// <summary>A former life is told by its start, which the kubelet gives in seconds: it must be longer than that.</summary>
    private const string FirstLife =
        "[ -e /state/again ] && { echo main runs again; exit 0; }; echo main runs; sleep 2; until [ -f /state/go ]; do sleep 0.05; done; touch "
            + "/state/again; exit ";

    private const string SeesState = "volumeMounts: [{name: state, mountPath: /state}]";

    [Fact]
    public async Task After_a_restart_of_all_containers_the_sidecars_ready_state_of_before_does_not_start_main()
    {
        await using var life = await PodLife.StartAsync(new()
        {
            Main = FirstLife + "42",
            MainMore = [SeesState, "restartPolicy: Never", "restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: In, values: [42]}}]"],
            Sidecars = [new() { Script = "exec sleep 1000" }],
        });
        await RunsAsync(life);
        life.Simulator.HoldStatus();
        await life.Simulator.ExecAsync("sidecar", ["touch", "/state/go"], Ordeal.Cancellation);
        await life.LogAsync("the Pod's status is not current yet: main is shown as running since");
        await IsNotStartedBeforeItsSidecarIsReadyAsync(life, "RestartingAllContainers");
    }

    [Fact]
    public async Task Where_main_and_its_sidecar_are_restarted_while_the_kubelet_cannot_reach_the_API_server_the_ready_state_of_before_does_not_start_main()
    {
        await using var life = await PodLife.StartAsync(new()
        {
            RestartPolicy = "OnFailure",
            Main = FirstLife + "1",
            MainMore = [SeesState],
            Sidecars = [new() { Script = "exec sleep 1000" }],
        });
        await RunsAsync(life);
        life.Simulator.HoldStatus();
        await life.Simulator.ExecAsync("sidecar", ["touch", "/state/go"], Ordeal.Cancellation);
        await life.LogAsync("the Pod's status is not current yet: main is shown as running since");
        life.Simulator.SignalContainer("sidecar", Signal.KILL);
        await life.Simulator.WaitForOutputAsync("kubelet", line => line.StartsWith("sidecar: exit code 137", StringComparison.Ordinal), Ordeal.Cancellation);
        await IsNotStartedBeforeItsSidecarIsReadyAsync(life, "Error");
    }

    [Fact]
    public async Task A_recorded_restart_of_all_containers_is_waited_out()
    {
        await using var cluster = await Cluster.Cluster.StartAsync("restart-all");
        cluster.PushUntil("main", "terminated");
        await using var proa = cluster.Proa("echo", "main runs");
        await proa.ComplainsAsync("the Pod's status is not current yet: all containers are being restarted; waiting up to 30s for the next status");
        await cluster.WatchesAsync();
        cluster.PushUntil("main", "running");
        await proa.ComplainsAsync("running, not ready, restarted once");
        Assert.DoesNotContain("main started", proa.Errors, StringComparison.Ordinal);
        cluster.PushUntil("sidecar-1", "ready");
        await proa.RunsMainAsync();
    }

    [Theory]
    [InlineData("""{"waiting": {"reason": "ContainerCreating"}}""", "main is shown as ContainerCreating")]
    [InlineData("""{"terminated": {"exitCode": 1, "reason": "Error"}}""", "main is shown as exited with 1 (Error)")]
    public async Task Main_is_started_only_by_a_status_in_which_its_container_runs(string state, string shown)
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        cluster.PushUntil("sidecar-1", "ready");
        var present = Change(cluster, JsonNode.Parse(state)!);
        await using var proa = cluster.Proa("echo", "main runs");
        await proa.ComplainsAsync($"the Pod's status is not current yet: {shown}");
        await cluster.WatchesAsync();
        Change(cluster, present);
        await proa.RunsMainAsync();
        Assert.Equal("get, watch", await cluster.AskedAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_script_that_starts_proa_later_does_not_make_the_status_seem_older(bool sharesProcesses)
    {
        var sketch = new PodSketch { Sidecars = [new() { Script = PodLife.ReadyForEver }] };
        var yaml = sketch.Yaml
            .Replace("command: [/proa]", "command: [sh, -c, 'sleep 3; /proa \"$@\"; exit $?', sh]", StringComparison.Ordinal)
            .Replace("      containers:", $"      shareProcessNamespace: {(sharesProcesses ? "true" : "false")}\n      containers:", StringComparison.Ordinal);
        await using var life = await PodLife.StartYamlAsync(yaml);
        await life.OutputAsync("main", "main runs");
        Assert.DoesNotContain(life.Messages, message => message.Contains("of this life", StringComparison.Ordinal));
    }

    private static async Task RunsAsync(PodLife life)
    {
        await life.LogAsync("running, not ready");
        await life.MakeSidecarReadyAsync();
        await life.OutputAsync("main", "main runs");
    }

    private static async Task IsNotStartedBeforeItsSidecarIsReadyAsync(PodLife life, string reason)
    {
        life.Simulator.ReleaseStatus();
        await life.LogAsync($"running, not ready, restarted once, last exit code 137 ({reason})");
        Assert.DoesNotContain("main runs again", life.Simulator.Output.Of("main"));
        await life.MakeSidecarReadyAsync();
        await life.OutputAsync("main", "main runs again");
    }

    /// <summary>Shows main's container in another state.</summary>
    /// <returns>The one before.</returns>
    private static JsonNode Change(Cluster.Cluster cluster, JsonNode state)
    {
        JsonNode before = null!;
        cluster.Api.Store.Update(cluster.Namespace, cluster.Recorded.PodName, pod =>
        {
            var main = pod["status"]!["containerStatuses"]!.AsArray().Single(status => status!["name"]!.ToString() == "main")!;
            before = main["state"]!.DeepClone();
            main["state"] = state;
        });
        return before;
    }
}
