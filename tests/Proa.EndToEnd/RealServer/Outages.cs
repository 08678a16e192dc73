using Proa.EndToEnd.Cluster;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.RealServer;

/// <summary>A kube-apiserver that the tests may end, of the same cluster as the one for all tests.</summary>
public sealed class OwnServer : IAsyncLifetime
{
    internal KubeApiServer Api { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (ControlPlane.Assets is not null) Api = await ControlPlane.OwnServerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Api is not null) await Api.DisposeAsync();
    }
}

public sealed class Outages(OwnServer own) : IClassFixture<OwnServer>
{
    [Fact]
    public async Task An_API_server_that_crashes_while_proa_waits_is_found_again_and_what_happened_meanwhile_is_seen()
    {
        await using var cluster = await StartAsync();
        await using var proa = cluster.Proa("echo", "main runs");
        await cluster.WatchesAsync();
        await own.Api.KillAsync();
        await proa.ComplainsAsync("; retrying");
        await cluster.PushUntilAsync("sidecar-1", "ready");
        await own.Api.StartAgainAsync();
        await proa.RunsMainAsync();
        // It remembers nothing from before, and says 410 in an event; at first it may say 403.
        Assert.Matches("^get, watch,( watch 403,)* watch, get$", await cluster.AskedAsync());
    }

    [Fact]
    public async Task An_API_server_that_starts_after_proa_is_waited_for()
    {
        await using var cluster = await StartAsync();
        await own.Api.KillAsync();
        await using var proa = cluster.Proa("echo", "main runs");
        await proa.ComplainsAsync($"cannot reach the API server 127.0.0.1:{own.Api.Port}: connection refused; retrying");
        await own.Api.StartAgainAsync();
        await cluster.WatchesAsync();
        await cluster.PushUntilAsync("sidecar-1", "ready");
        Assert.Equal("main runs", await proa.NextLineAsync());
        Assert.EndsWith("get, watch", await cluster.AskedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_is_revoked_and_replaced_during_an_outage_is_read_again()
    {
        await using var cluster = await StartAsync();
        var token = Path.Combine(cluster.Directory, "token");
        await File.WriteAllTextAsync(token, await cluster.IssueTokenAsync(), TestContext.Current.CancellationToken);
        cluster.WriteKubeconfig("tokenFile: token");
        await using var proa = cluster.Proa("echo", "main runs");
        await cluster.WatchesAsync();
        await own.Api.KillAsync();
        await cluster.ReplaceAccountAsync();
        await File.WriteAllTextAsync(token, await cluster.IssueTokenAsync(), TestContext.Current.CancellationToken);
        await own.Api.StartAgainAsync();
        await cluster.PushUntilAsync("sidecar-1", "ready");
        Assert.Equal("main runs", await proa.NextLineAsync());
        Assert.StartsWith("get, watch, watch 401, watch", await cluster.AskedAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("answered 401", proa.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_history_that_etcd_has_compacted_during_an_outage_starts_over()
    {
        // Without its cache kube-apiserver asks etcd for the history.
        await using var api = await ControlPlane.OwnServerAsync("--watch-cache=false");
        await using var cluster = await RealCluster.StartAsync(api: api);
        await using var proa = cluster.Proa("echo", "main runs");
        await cluster.WatchesAsync();
        // It is to find a server that is well again: one that has just started may answer 403.
        int[] stopped = [proa.Id, ProcFile.Child(proa.Id)];
        foreach (var process in stopped) Libc.Send(process, Signal.STOP);
        await api.KillAsync();
        await cluster.PushUntilAsync("sidecar-1", "running");
        await ControlPlane.CompactAsync();
        await api.StartAgainAsync();
        await cluster.AreAllowedAsync("get", "watch");
        foreach (var process in stopped) Libc.Send(process, Signal.CONT);
        await cluster.AsksAsync("get, watch, watch, get, watch");
        await cluster.PushUntilAsync("sidecar-1", "ready");
        Assert.Equal("main runs", await proa.NextLineAsync());
        Assert.Equal("get, watch, watch, get, watch", await cluster.AskedAsync());
    }

    private async Task<RealCluster> StartAsync()
    {
        ControlPlane.Require();
        return await RealCluster.StartAsync(api: own.Api);
    }
}
