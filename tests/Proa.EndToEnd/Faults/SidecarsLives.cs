using System.Text.Json.Nodes;
using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Faults;

/// <summary>What the Pod's status says of a sidecar while its end is awaited, state by state. Nothing here ends by a time of proa's own.</summary>
public sealed class SidecarsLives
{
    private const string Running = """{"name": "sidecar-1", "ready": true, "restartCount": 0, "containerID": "containerd://1", "state": {"running": {}}}""";
    private const string RunningAgain =
        """{"name": "sidecar-1", "ready": false, "restartCount": 1, "containerID": "containerd://2", "state": {"running": {}}}""";
    private const string Ended =
        """
        {"name": "sidecar-1", "ready": false, "restartCount": 1, "containerID": "containerd://2",
         "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}
        """;
    private const string Failed =
        """
        {"name": "sidecar-1", "ready": false, "restartCount": 0, "containerID": "containerd://1",
         "state": {"terminated": {"exitCode": 3, "reason": "Error"}}}
        """;

    [Theory]
    [InlineData("RestartingAllContainers")]
    [InlineData("CrashLoopBackOff")]
    [InlineData("ContainerCreating")]
    public async Task A_sidecar_that_is_started_again_after_it_was_asked_is_asked_again(string reason)
    {
        await using var pod = await SidecarsPod.StartAsync(Running);
        await pod.Sidecar.AnswerAsync();
        await pod.WatchesAsync();
        pod.Status($$$"""{"name": "sidecar-1", "ready": false, "restartCount": 1, "state": {"waiting": {"reason": "{{{reason}}}"} } }""");
        pod.Status(RunningAgain);
        await pod.Proa.ComplainsAsync("restarted, so asking again: sidecar-1");
        await pod.Sidecar.AnswerAsync();
        pod.Status(Ended);
        await pod.EndsAsync("sidecars ended: sidecar-1 0");
    }

    [Fact]
    public async Task A_sidecar_that_was_not_up_is_asked_when_it_is()
    {
        await using var pod = await SidecarsPod.StartAsync(
            """{"name": "sidecar-1", "ready": false, "restartCount": 0, "state": {"waiting": {"reason": "ContainerCreating"}}}""",
            options: ["--ready-timeout=100ms"],
            listens: false,
            exitCode: 124);
        await pod.Proa.ComplainsAsync("does not listen yet");
        pod.Status(Running);
        pod.Sidecar.Listen();
        await pod.Sidecar.AnswerAsync();
        pod.Status(Ended);
        await pod.EndsAsync("sidecars ended: sidecar-1 0");
    }

    [Fact]
    public async Task A_sidecar_that_fails_and_that_the_kubelet_starts_again_has_not_ended()
    {
        await using var pod = await SidecarsPod.StartAsync(Running, restartPolicy: "OnFailure", exitCode: 0);
        await pod.Sidecar.AnswerAsync();
        await pod.WatchesAsync();
        pod.Status(Failed);
        pod.Status(RunningAgain);
        await pod.Sidecar.AnswerAsync();
        pod.Status(Ended);
        await pod.EndsAsync("sidecars ended: sidecar-1 0");
    }

    [Fact]
    public async Task A_Pod_that_the_kubelet_ends_without_a_deletion_is_left_at_once()
    {
        await using var pod = await SidecarsPod.StartAsync(Running);
        await pod.Sidecar.AnswerAsync();
        await pod.WatchesAsync();
        pod.Fail();
        await pod.EndsAsync("the Pod has failed: not waiting for the sidecars");
    }

    [Fact]
    public async Task In_a_Pod_that_the_kubelet_ends_a_request_that_failed_is_not_made_again()
    {
        await using var pod = await SidecarsPod.StartAsync(Running, options: ["--ignore=sidecar-1"]);
        await pod.Sidecar.AnswerAsync(503);
        await pod.WatchesAsync();
        pod.Fail();
        await pod.EndsAsync("cannot ask a sidecar to stop yet: GET");
    }

    [Theory]
    [InlineData(410)]
    [InlineData(404)]
    [InlineData(503)]
    [InlineData(0)]
    public async Task An_API_server_that_answers_badly_or_breaks_off_is_not_a_way_that_is_lost(int status)
    {
        await using var pod = await SidecarsPod.StartAsync(Running);
        Fault fault;
        using (var exchange = await pod.Sidecar.AskedAsync())
        {
            fault = pod.Api.Faults.Add(status == 0 ? FaultAction.ResetOnRequest : FaultAction.Respond(status), times: 5);
            pod.Sidecar.Stop(); // it drains, and listens no more
            await exchange.AnswerAsync(200);
        }

        await fault.WaitForHitsAsync(5, Ordeal.Cancellation);
        pod.Status(Ended);
        await pod.EndsAsync("sidecars ended: sidecar-1 0");
        Assert.DoesNotContain("no longer listen", pod.Proa.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_way_that_is_lost_only_for_a_moment_is_no_end()
    {
        await using var pod = await SidecarsPod.StartAsync(Running);
        using (var exchange = await pod.Sidecar.AskedAsync())
        {
            await pod.Api.Faults.RefuseConnectionsAsync();
            pod.Sidecar.Stop();
            await exchange.AnswerAsync(200);
        }

        await pod.Proa.ComplainsAsync("cannot reach the API server");
        await pod.Api.Faults.AcceptConnectionsAsync();
        await pod.WatchesAsync();
        pod.Status(Ended);
        await pod.EndsAsync("sidecars ended: sidecar-1 0");
    }

    [Fact]
    public async Task A_sidecar_whose_port_is_open_is_waited_for_however_long_the_way_is_lost()
    {
        await using var pod = await SidecarsPod.StartAsync(Running);
        using (var exchange = await pod.Sidecar.AskedAsync())
        {
            await pod.Api.Faults.RefuseConnectionsAsync();
            await exchange.AnswerAsync(200);
        }

        // proa looks whether it still listens, once the way has been lost for a while.
        (await pod.Sidecar.ConnectedAsync()).Dispose();
        (await pod.Sidecar.ConnectedAsync()).Dispose();
        await pod.Api.Faults.AcceptConnectionsAsync();
        pod.Status(Ended);
        await pod.EndsAsync("sidecars ended: sidecar-1 0");
        Assert.DoesNotContain("no longer listen", pod.Proa.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_usage_error_the_Pod_is_looked_at_and_the_sidecars_end_awaited()
    {
        await using var pod = await SidecarsPod.StartAsync(Running, options: ["--bogus"], exitCode: 125);
        await pod.Sidecar.AnswerAsync();
        pod.Status(Ended);
        await pod.EndsAsync("sidecars ended: sidecar-1 0");
    }

    [Fact]
    public async Task After_a_usage_error_the_sidecars_stay_where_the_kubelet_starts_main_again()
    {
        await using var pod = await SidecarsPod.StartAsync(Running, restartPolicy: "OnFailure", options: ["--bogus"], exitCode: 125);
        await pod.EndsAsync("the sidecars keep running: the kubelet will restart main (restartPolicy OnFailure)");
        Assert.False(pod.Sidecar.IsPending);
    }
}

/// <summary>proa as an ordinary process, with an API server that has its Pod, whose sidecar is a port.</summary>
internal sealed class SidecarsPod : IAsyncDisposable
{
    private readonly Cluster.Cluster _cluster;
    private readonly int _exitCode;

    private SidecarsPod(Cluster.Cluster cluster, int exitCode) => (_cluster, _exitCode) = (cluster, exitCode);

    public Endpoint Sidecar { get; private init; } = null!;

    public RunningProcess Proa { get; private set; } = null!;

    public ApiServer Api => _cluster.Api;

    public static async Task<SidecarsPod> StartAsync(
        string sidecar,
        string restartPolicy = "Never",
        string[]? options = null,
        bool listens = true,
        int exitCode = 7)
    {
        var pod = new SidecarsPod(await Cluster.Cluster.StartAsync(), exitCode) { Sidecar = new(listens) };
        pod.Update(json =>
        {
            json["spec"]!["restartPolicy"] = restartPolicy;
            json["status"]!["containerStatuses"] = new JsonArray(
                JsonNode.Parse("""{"name": "main", "ready": true, "restartCount": 0, "state": {"running": {}}}"""),
                JsonNode.Parse(sidecar));
        });
        pod.Proa = pod._cluster.Proa([.. options ?? [], "--shutdown-timeout=1h", "-g", pod.Sidecar.Url, "--", "sh", "-c", $"exit {exitCode}"]);
        return pod;
    }

    /// <summary>Waits until proa watches after main's end: it has closed its connections for the time between.</summary>
    public Task WatchesAsync() => _cluster.Api.WaitForWatchersAsync(1, Ordeal.Cancellation);

    /// <summary>The kubelet reports this of the sidecar.</summary>
    public void Status(string sidecar) => Update(json => json["status"]!["containerStatuses"]![1] = JsonNode.Parse(sidecar));

    /// <summary>The kubelet ends the Pod, as for its activeDeadlineSeconds.</summary>
    public void Fail() =>
        Update(
            json => json["status"]!["conditions"] = JsonNode.Parse(
                """[{"type": "Ready", "status": "False", "reason": "PodFailed"}, {"type": "ContainersReady", "status": "False", "reason": "PodFailed"}]"""));

    /// <summary>proa says this and exits with the code that main, or its own reason, gives.</summary>
    public async Task EndsAsync(string message)
    {
        await Proa.ComplainsAsync(message);
        Assert.Equal(_exitCode, await Proa.ExitCodeAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Proa.DisposeAsync();
        Sidecar.Dispose();
        await _cluster.DisposeAsync();
    }

    private void Update(Action<JsonObject> change) => _cluster.Api.Store.Update(_cluster.Namespace, _cluster.Recorded.PodName, change);
}
