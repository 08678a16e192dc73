using System.Text.Json.Nodes;
using Proa.EndToEnd.Cluster;
using Proa.EndToEnd.Faults;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Lives;

/// <summary>The kubelet ends the whole Pod, which has failed and is not deleted, while proa waits.</summary>
public sealed class FailingPod
{
    /// <summary>Ignores SIGTERM, so that the kubelet goes on to report it.</summary>
    private const string Lingering = "trap '' TERM; echo up; until [ -f /tmp/go ]; do sleep 0.05; done";

    [Fact]
    public async Task Main_is_not_started_though_the_kubelet_then_reports_the_sidecar_ready()
    {
        await using var life = await PodLife.StartAsync(new()
        {
            // proa hears of it before it gets SIGTERM.
            MainMore = ["lifecycle: {preStop: {exec: {command: [sh, -c, 'until [ -f /tmp/go ]; do sleep 0.05; done']}}}"],
            Sidecars = [new() { Script = Lingering }],
        });
        await life.OutputAsync("sidecar", "up");
        await life.LogAsync("running, not ready");
        life.Simulator.ExceedDeadline();
        await life.LogAsync("the Pod has failed, and the kubelet ends it: main will not start");
        await life.Simulator.WaitForPodAsync(pod => (bool?)Status(pod, "sidecar")?["ready"] == true, Ordeal.Cancellation);
        foreach (var container in (string[])["main", "sidecar"]) await life.Simulator.ExecAsync(container, ["touch", "/tmp/go"], Ordeal.Cancellation);
        var outcome = await life.EndAsync();
        Assert.Equal(143, outcome.Container("main").ExitCode);
        Assert.DoesNotContain("main runs", life.Simulator.Output.Of("main"));
        Assert.Single(life.Messages, message => message.EndsWith("main will not start", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_recorded_deadline_of_a_Pod_does_not_start_main()
    {
        await using var cluster = await Cluster.Cluster.StartAsync("pod-deadline-not-ready");
        await using var proa = cluster.Proa("echo", "main runs");
        await cluster.WatchesAsync();
        cluster.Recorded.PushAll(cluster.Api.Store);
        await proa.ComplainsAsync("the Pod has failed, and the kubelet ends it: main will not start");
        proa.Send(Signal.TERM);
        Assert.Equal((143, ""), (await proa.ExitCodeAsync(), proa.Output));
    }

    [Fact]
    public async Task Without_sidecars_it_is_said_once_that_there_are_none()
    {
        await using var cluster = await Cluster.Cluster.StartAsync("pod-deadline");
        cluster.Recorded.PushUntil(cluster.Api.Store, pod => pod["status"]!["phase"]!.ToString() == "Failed");
        await using var proa = cluster.Proa("--ignore=sidecar-1", "--log-level=debug", "echo", "main runs");
        await cluster.WatchesAsync();
        for (var i = 0; i < 6; i++) Change(cluster, pod => pod["metadata"]!["annotations"]!["test/happened"] = $"{i}");
        // proa has seen them all, for it sees this one.
        Change(cluster, pod => pod["status"]!["phase"] = "Running");
        Change(cluster, pod => pod["status"]!["conditions"] = new JsonArray());
        await proa.RunsMainAsync();
        Assert.Equal(2, proa.Errors.Split("no sidecars to wait for").Length);
        Assert.Equal(2, proa.Errors.Split("the Pod has failed: main will not start").Length);
    }

    private static void Change(Cluster.Cluster cluster, Action<JsonObject> change) =>
        cluster.Api.Store.Update(cluster.Namespace, cluster.Recorded.PodName, change);

    private static JsonNode? Status(JsonObject pod, string container) =>
        pod["status"]!["containerStatuses"]?.AsArray().FirstOrDefault(status => status!["name"]!.ToString() == container);
}
