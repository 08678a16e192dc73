using System.Text.Json.Nodes;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Faults;

public sealed class PodIsGone
{
    [Fact]
    public async Task In_a_Pod_that_is_deleted_while_proa_waits_main_is_never_started()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        ordeal.Cluster.PushUntil("sidecar-1", "running");
        ordeal.Begin();
        await ordeal.WatchesAsync();
        var (ns, name) = (ordeal.Cluster.Recorded.Namespace, ordeal.Cluster.Recorded.PodName);
        ordeal.Api.Store.RequestDeletion(ns, name);
        await ordeal.SaysAsync("the Pod is being deleted: main will not start");
        ordeal.Api.Store.Update(ns, name, pod => Status(pod, "sidecar-1")["ready"] = true);
        await ordeal.SaysAsync("sidecar-1: ready");
        ordeal.Proa.Send(Signal.TERM);
        var (exitCode, output, _) = await ordeal.Proa.ResultAsync();
        Assert.Equal((143, ""), (exitCode, output));
        Assert.Equal("get, watch, get", ordeal.Asked);
    }

    [Fact]
    public async Task A_deletion_is_seen_though_the_watch_breaks_during_it()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        ordeal.Begin();
        await ordeal.WatchesAsync();
        await ordeal.Api.Faults.RefuseConnectionsAsync();
        ordeal.Api.Faults.ResetConnections();
        ordeal.Api.Store.RequestDeletion(ordeal.Cluster.Recorded.Namespace, ordeal.Cluster.Recorded.PodName);
        await ordeal.Api.Faults.AcceptConnectionsAsync();
        await ordeal.SaysAsync("the Pod is being deleted: main will not start");
        ordeal.Proa.Send(Signal.TERM);
        Assert.Equal(143, await ordeal.Proa.ExitCodeAsync());
    }

    private static JsonNode Status(JsonObject pod, string container) =>
        pod["status"]!["containerStatuses"]!.AsArray().Single(status => status!["name"]!.ToString() == container)!;
}
