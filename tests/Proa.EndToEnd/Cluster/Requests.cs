namespace Proa.EndToEnd.Cluster;

public sealed class Requests
{
    [Fact]
    public async Task A_life_with_all_sidecars_ready_takes_one_before_main_none_during_it_and_two_after()
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.PushUntil("sidecar-1", "ready");
        await using var proa = cluster.Proa("--shutdown-http-get", "http://127.0.0.1:1/", "--", "sh", "-c", "echo main runs; read line");
        Assert.Equal("main runs", await proa.NextLineAsync());
        var before = Assert.Single(cluster.Api.Requests);
        Assert.Equal("get", before.Verb);
        await cluster.Api.WaitForOpenConnectionsAsync(open => open == 0, TestContext.Current.CancellationToken);

        await proa.TypeAsync("\n");
        await cluster.Api.WaitForWatchersAsync(1, TestContext.Current.CancellationToken);
        cluster.PushUntil("sidecar-1", "terminated");
        var (exitCode, _, errors) = await proa.ResultAsync();
        Assert.Equal(0, exitCode);
        Assert.Contains("sidecars ended: sidecar-1 0", errors, StringComparison.Ordinal);
        Assert.Equal(["get", "get", "watch"], cluster.Api.Requests.Select(request => request.Verb));
    }

    [Theory]
    [InlineData(Server.Simulated)]
    [InlineData(Server.Real)]
    public async Task No_token_is_in_the_log_even_at_its_most_talkative(Server server)
    {
        await using var cluster = await TestCluster.StartAsync(server);
        await cluster.PushUntilAsync("sidecar-1", "ready");
        await using var proa = cluster.Proa("--log-level=trace", "-g", "http://user:s3cret@127.0.0.1:1/quit?token=s3cret", "--shutdown-timeout=0", "true");
        var (exitCode, _, errors) = await proa.ResultAsync();
        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("s3cret", errors, StringComparison.Ordinal);
        Assert.DoesNotContain(".eyJ", errors, StringComparison.Ordinal); // a token's payload begins so
    }

    [Theory]
    [InlineData(Server.Simulated)]
    [InlineData(Server.Real)]
    public async Task Getting_without_watching_is_enough(Server server)
    {
        await using var cluster = await TestCluster.StartAsync(server, allow: false);
        await cluster.AllowAsync("get");
        await using var proa = cluster.Proa("echo", "main runs");
        await cluster.AnswersAsync("watch", 403);
        await cluster.PushUntilAsync("sidecar-1", "ready");
        Assert.Equal("main runs", await proa.NextLineAsync());
        await proa.ComplainsAsync("watching is not allowed");
    }

    [Fact]
    public async Task A_watch_goes_on_from_where_it_ended()
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.Api.Faults.Add(PodSimulator.FaultAction.EndWatch(afterEvents: 1), request => request.IsWatch);
        await using var proa = cluster.Proa("echo", "main runs");
        await cluster.Api.WaitForWatchersAsync(1, TestContext.Current.CancellationToken);
        cluster.PushUntil("sidecar-1", "ready");
        await proa.RunsMainAsync();
    }

    [Fact]
    public async Task A_resourceVersion_that_is_too_old_starts_over()
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.Api.Faults.Add(PodSimulator.FaultAction.WatchError(410), request => request.IsWatch);
        await using var proa = cluster.Proa("echo", "main runs");
        await cluster.Api.WaitForWatchersAsync(1, TestContext.Current.CancellationToken);
        cluster.PushUntil("sidecar-1", "ready");
        Assert.Equal("main runs", await proa.NextLineAsync());
        Assert.Equal(2, cluster.Api.Requests.Count(request => request.Verb == "get"));
    }
}
