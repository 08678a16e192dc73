using Proa.EndToEnd.Cluster;
using Proa.EndToEnd.Faults;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.RealServer;

/// <summary>What takes 10 s, 30 s or a watch's length: all of them run side by side.</summary>
public sealed class LastingLives : SideBySide
{
    internal (RealCluster Cluster, RunningProcess Proa) Gone { get; private set; }

    internal (RealCluster Cluster, RunningProcess Proa) Recreated { get; private set; }

    internal (RealCluster Cluster, RunningProcess Proa) Quiet { get; private set; }

    public override async ValueTask InitializeAsync()
    {
        if (ControlPlane.Assets is null) return;
        Quiet = await StartAsync();
        Gone = await StartAsync();
        await Gone.Cluster.DeletePodAsync(0);
        Recreated = await StartAsync();
        await Recreated.Cluster.DeletePodAsync(0);
        await Recreated.Cluster.CreatePodAsync();
        await Recreated.Cluster.PushUntilAsync("sidecar-1", "ready");
    }

    private async Task<(RealCluster Cluster, RunningProcess Proa)> StartAsync()
    {
        var cluster = Keep(await RealCluster.StartAsync());
        var proa = Keep(cluster.Proa("echo", "main runs"));
        await cluster.WatchesAsync();
        return (cluster, proa);
    }
}

[Collection(nameof(Minute))]
public sealed class Lasting
{
    private const int MostRequestsIn30Seconds = 30;

    private readonly LastingLives _lives;

    public Lasting(LastingLives lives)
    {
        ControlPlane.Require();
        _lives = lives;
    }

    [Fact]
    public async Task A_Pod_that_is_gone_ends_the_wait() => await EndsBadlyAsync(_lives.Gone, "the Pod is being deleted: main will not start");

    [Fact]
    public async Task Another_Pod_of_the_same_name_is_not_taken_for_ours_though_it_is_ready() => await EndsBadlyAsync(_lives.Recreated);

    [Fact]
    public async Task A_watch_that_the_server_ends_after_its_time_goes_on_where_it_was()
    {
        var (cluster, proa) = _lives.Quiet;
        await cluster.AsksAsync("get, watch, watch");
        await cluster.PushUntilAsync("sidecar-1", "ready");
        Assert.Equal("main runs", await proa.NextLineAsync());
        Assert.Equal("get, watch, watch", await cluster.AskedAsync());
        Assert.DoesNotContain("retrying", proa.Errors, StringComparison.Ordinal);
    }

    /// <summary>Whether it was by the answer 404, by another uid, or by 401: a token that is bound to the Pod ends with it, some 10 s later.</summary>
    private static async Task EndsBadlyAsync((RealCluster Cluster, RunningProcess Proa) life, params string[] parts)
    {
        var errors = await life.Proa.FailsAsync(125);
        foreach (var part in (string[])[.. parts, "cannot watch the Pod: "]) Assert.Contains(part, errors, StringComparison.Ordinal);
        var asked = await life.Cluster.AskedAsync();
        Assert.EndsWith("get 401", asked, StringComparison.Ordinal);
        Assert.InRange(asked.Split(", ").Length, 2, MostRequestsIn30Seconds);
    }
}
