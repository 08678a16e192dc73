using System.Net;
using System.Net.Sockets;

namespace Proa.PodSimulator.Tests;

public sealed class FaultTests : IAsyncLifetime
{
    private const string PodPath = "/api/v1/namespaces/lab/pods/a";

    private ApiServer _api = null!;
    private string _token = "";

    public async ValueTask InitializeAsync()
    {
        _api = await ApiServer.StartAsync(new ApiServerOptions { Rbac = false });
        _token = _api.IssueToken("lab", "watcher");
        _api.Store.Put(ApiServerTests.Pod("a"));
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_response_fault_is_applied_as_often_as_asked_and_to_matching_requests_only()
    {
        using var client = new ApiClient(_api, _token);
        var fault = _api.Faults.Add(FaultAction.TooManyRequests(3), request => request.Verb == "get", times: 2);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/healthz"));
        using var first = await client.GetAsync(PodPath);
        Assert.Equal(HttpStatusCode.TooManyRequests, first.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(3), first.Headers.RetryAfter!.Delta);
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(client, PodPath));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, PodPath));
        Assert.Equal(2, fault.Hits);
        Assert.Equal(PodPath, (await fault.Hit)!.Path);
    }

    [Fact]
    public async Task A_request_that_is_never_answered_is_answered_after_the_release()
    {
        using var client = new ApiClient(_api, _token);
        var fault = _api.Faults.Add(FaultAction.NeverAnswer);
        var answer = client.GetAsync(PodPath);
        await fault.Hit.WaitAsync(ApiClient.Cancelled);
        Assert.False(answer.IsCompleted);
        fault.Release();
        using var response = await answer;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    public async Task A_watch_breaks_off_in_the_middle_of_an_event(int major, int minor)
    {
        using var client = new ApiClient(_api, _token, new Version(major, minor));
        _api.Faults.Add(FaultAction.CloseMidEvent(afterEvents: 1));
        using var watch = await client.WatchAsync("&allowWatchBookmarks=true");
        // The client may report the end before it hands out what came before.
        await Assert.ThrowsAnyAsync<IOException>(async () => { while (await watch.LineAsync() is not null) { } });
        _api.Faults.Add(FaultAction.CloseMidEvent(cleanly: true));
        using var cleanly = await client.WatchAsync("");
        Assert.StartsWith("{\"type\":\"ADDED\"", await cleanly.LineAsync(), StringComparison.Ordinal);
        Assert.Null(await cleanly.LineAsync());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    public async Task A_watch_is_reset(int major, int minor)
    {
        using var client = new ApiClient(_api, _token, new Version(major, minor));
        _api.Faults.Add(FaultAction.ResetMidEvent());
        using var watch = await client.WatchAsync("");
        await Assert.ThrowsAnyAsync<IOException>(async () => await watch.LineAsync());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, PodPath));
    }

    [Fact]
    public async Task A_watch_carries_garbage_and_goes_on()
    {
        using var client = new ApiClient(_api, _token);
        _api.Faults.Add(FaultAction.GarbageLine("rubbish", afterEvents: 1));
        using var watch = await client.WatchAsync("");
        Assert.Equal("ADDED", (await watch.NextAsync()).Type);
        Assert.Equal("rubbish", await watch.LineAsync());
        _api.Store.Update("lab", "a", pod => pod["status"]!["phase"] = "Running");
        Assert.Equal("MODIFIED", (await watch.NextAsync()).Type);
    }

    [Fact]
    public async Task A_silent_watch_speaks_after_the_release()
    {
        using var client = new ApiClient(_api, _token);
        var fault = _api.Faults.Add(FaultAction.SilentWatch);
        using var watch = await client.WatchAsync("");
        var line = watch.NextAsync();
        await _api.WaitForWatchersAsync(1, ApiClient.Cancelled);
        Assert.False(line.IsCompleted);
        fault.Release();
        Assert.Equal("ADDED", (await line).Type);
    }

    [Fact]
    public async Task Trickled_split_and_padded_answers_are_whole()
    {
        using var client = new ApiClient(_api, _token);
        _api.Faults.Add(FaultAction.Trickle(50, TimeSpan.FromMilliseconds(1)));
        _api.Faults.Add(FaultAction.Split(7));
        _api.Faults.Add(FaultAction.HugePod(300_000));
        var plain = (await client.GetJsonAsync(PodPath)).ToJsonString();
        Assert.Equal(plain, (await client.GetJsonAsync(PodPath)).ToJsonString());
        Assert.Equal(300_000, (await client.GetJsonAsync(PodPath))["metadata"]!["annotations"]!["padding"]!.ToString().Length);
        Assert.Equal(plain, (await client.GetJsonAsync(PodPath)).ToJsonString());
    }

    [Fact]
    public async Task Other_answers_are_as_ordered()
    {
        using var client = new ApiClient(_api, _token);
        _api.Faults.Add(FaultAction.EmptyBody);
        _api.Faults.Add(FaultAction.Respond(500));
        _api.Faults.Add(FaultAction.WatchError(410));
        _api.Faults.Add(FaultAction.EndWatch(afterEvents: 1));
        using var empty = await client.GetAsync(PodPath);
        Assert.Equal("", await empty.Content.ReadAsStringAsync(ApiClient.Cancelled));
        Assert.Equal(HttpStatusCode.InternalServerError, await StatusAsync(client, PodPath));
        using var error = await client.WatchAsync("");
        Assert.Equal("ERROR", (await error.NextAsync()).Type);
        using var ended = await client.WatchAsync("");
        Assert.Equal("ADDED", (await ended.NextAsync()).Type);
        Assert.Null(await ended.LineAsync());
    }

    [Fact]
    public async Task Refused_connections_are_accepted_again_on_the_same_port()
    {
        using var client = new ApiClient(_api, _token);
        await _api.Faults.RefuseConnectionsAsync();
        using var refused = new TcpClient();
        var error = await Assert.ThrowsAsync<SocketException>(() => refused.ConnectAsync(IPAddress.Loopback, _api.Port, ApiClient.Cancelled).AsTask());
        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
        await _api.Faults.AcceptConnectionsAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, PodPath));
    }

    [Fact]
    public async Task A_connection_is_reset_when_it_is_accepted()
    {
        _api.Faults.Add(FaultAction.ResetOnAccept);
        using var connection = new TcpClient();
        // The reset may be there before connect has returned, or at the first read.
        var error = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await connection.ConnectAsync(IPAddress.Loopback, _api.Port, ApiClient.Cancelled);
            await connection.GetStream().ReadExactlyAsync(new byte[1], ApiClient.Cancelled);
        });
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error.InnerException ?? error).SocketErrorCode);
        await _api.WaitForOpenConnectionsAsync(open => open == 0, ApiClient.Cancelled);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_stalls_before_or_during_TLS_until_the_release(bool during)
    {
        var fault = _api.Faults.Add(during ? FaultAction.StallDuringTls : FaultAction.StallBeforeTls);
        using var client = new ApiClient(_api, _token);
        var answer = client.GetAsync(PodPath);
        await fault.Hit.WaitAsync(ApiClient.Cancelled);
        Assert.False(answer.IsCompleted);
        fault.Release();
        using var response = await answer;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<HttpStatusCode> StatusAsync(ApiClient client, string path)
    {
        using var response = await client.GetAsync(path);
        return response.StatusCode;
    }
}
