using System.Net;
using System.Net.Sockets;
using Proa.EndToEnd.Cluster;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.RealServer;

public sealed class Lives
{
    [Fact]
    public async Task A_whole_life_takes_a_GET_and_a_watch_before_main_none_during_it_and_the_same_after()
    {
        await using var cluster = await RealCluster.StartAsync();
        using var sidecar = new TcpListener(IPAddress.Loopback, 0);
        sidecar.Start();
        await using var proa = cluster.Proa("-g", LastWord.UrlOf(sidecar), "--", "sh", "-c", "echo main runs; read line; exit 7");
        await proa.ComplainsAsync("waiting for sidecar-1 (no status yet)");
        await cluster.AsksAsync("get, watch");
        await cluster.PushUntilAsync("sidecar-1", "running");
        await proa.ComplainsAsync("sidecar-1: running, not ready");
        await cluster.PushUntilAsync("sidecar-1", "ready");
        Assert.Equal("main runs", await proa.NextLineAsync());
        // The worker and its connection are gone a moment later.
        await ProcFile.UntilAsync(() => ProcFile.Children(proa.Id).Length == 1);
        Assert.Equal("sh", ProcFile.CommandLine(ProcFile.Child(proa.Id)).Split(' ')[0]);
        Assert.Equal("get, watch", await cluster.AskedAsync());

        await proa.TypeAsync("\n");
        await LastWord.AnswerAsync(sidecar);
        await cluster.AsksAsync("get, watch, get, watch");
        await cluster.PushUntilAsync("sidecar-1", "terminated");
        Assert.Equal(7, await proa.ExitCodeAsync());
        await proa.ComplainsAsync("sidecars ended: sidecar-1 0");
        Assert.Equal("get, watch, get, watch", await cluster.AskedAsync());
    }

    [Fact]
    public async Task Under_OnFailure_the_sidecars_stay_for_mains_retry()
    {
        await using var cluster = await RealCluster.StartAsync("main-retried");
        await cluster.PushUntilAsync("sidecar-1", "ready");
        await using var proa = cluster.Proa("-g", "http://127.0.0.1:1/", "--", "sh", "-c", "exit 1");
        Assert.Equal(1, await proa.ExitCodeAsync());
        await proa.ComplainsAsync("the sidecars keep running: the kubelet will restart main (restartPolicy OnFailure)");
    }

    [Fact]
    public async Task In_a_Pod_that_is_deleted_while_proa_waits_main_is_never_started()
    {
        await using var cluster = await RealCluster.StartAsync();
        await using var proa = cluster.Proa("echo", "main runs");
        await cluster.WatchesAsync();
        await cluster.DeletePodAsync();
        await proa.ComplainsAsync("the Pod is being deleted: main will not start");
        await cluster.PushUntilAsync("sidecar-1", "ready");
        await proa.ComplainsAsync("sidecar-1: ready");
        proa.Send(Signal.TERM);
        var (exitCode, output, _) = await proa.ResultAsync();
        Assert.Equal((143, ""), (exitCode, output));
        Assert.Equal("get, watch, get", await cluster.AskedAsync());
    }

    [Fact]
    public async Task In_a_Pod_that_is_deleted_while_main_runs_the_sidecars_are_asked_and_not_awaited()
    {
        await using var cluster = await RealCluster.StartAsync();
        await cluster.PushUntilAsync("sidecar-1", "ready");
        using var sidecar = new TcpListener(IPAddress.Loopback, 0);
        sidecar.Start();
        await using var proa = cluster.Proa(
            "-g",
            LastWord.UrlOf(sidecar),
            "--",
            "sh",
            "-c",
            "trap 'exit 9' TERM; echo main runs; while :; do sleep 0.05; done");
        Assert.Equal("main runs", await proa.NextLineAsync());
        await cluster.DeletePodAsync();
        proa.Send(Signal.TERM);
        await LastWord.AnswerAsync(sidecar);
        Assert.Equal(9, await proa.ExitCodeAsync());
        Assert.Equal("get, get", await cluster.AskedAsync());
    }
}
