using System.Net;
using System.Net.Sockets;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Faults;

public sealed class Connections
{
    [Fact]
    public async Task Refused_connections_are_tried_again_until_one_is_accepted()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        await ordeal.Api.Faults.RefuseConnectionsAsync();
        ordeal.Begin();
        await ordeal.SaysAsync($"cannot reach the API server 127.0.0.1:{ordeal.Api.Port}: connection refused; retrying");
        await ordeal.Api.Faults.AcceptConnectionsAsync();
        await ordeal.EndsWellAsync(requestsAtMost: 2);
    }

    [Fact]
    public async Task An_API_server_that_restarts_while_proa_waits_is_found_again()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        ordeal.Begin();
        await ordeal.WatchesAsync();
        await ordeal.Api.Faults.RefuseConnectionsAsync();
        ordeal.Api.Faults.ResetConnections();
        await ordeal.SaysAsync("connection refused; retrying");
        ordeal.MakeSidecarReady();
        await ordeal.Api.Faults.AcceptConnectionsAsync();
        await ordeal.EndsWellAsReadyAsync(requestsAtMost: 3);
        Assert.Equal("get, watch, watch", ordeal.Asked); // from where it was
    }

    [Fact]
    public async Task A_connection_that_is_reset_on_accept_is_made_again()
    {
        await using var ordeal = await Ordeal.BeginAsync(FaultAction.ResetOnAccept, times: 3);
        await ordeal.Fault.WaitForHitsAsync(3, Ordeal.Cancellation);
        await ordeal.SaysAsync("; retrying");
        await ordeal.EndsWellAsync(requestsAtMost: 2);
        Assert.InRange(ordeal.Api.AcceptedConnections, 4, 5);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("watch")]
    public async Task A_request_whose_connection_is_reset_is_made_again(string verb)
    {
        await using var ordeal = await Ordeal.BeginAsync(FaultAction.ResetOnRequest, request => request.Verb == verb, times: 2);
        await ordeal.Fault.WaitForHitsAsync(2, Ordeal.Cancellation);
        await ordeal.EndsWellAsync(requestsAtMost: 4);
    }

    [Fact]
    public async Task Connections_that_break_time_and_again_leave_no_descriptors_behind()
    {
        await using var ordeal = await Ordeal.PrepareAsync(new ApiServerOptions { BookmarkInterval = TimeSpan.FromMilliseconds(10) });
        var fault = ordeal.Add(FaultAction.ResetMidEvent(afterEvents: 1), request => request.IsWatch, times: 8);
        ordeal.Begin();
        await fault.WaitForHitsAsync(5, Ordeal.Cancellation);
        var early = ordeal.WorkersDescriptors();
        await fault.WaitForHitsAsync(8, Ordeal.Cancellation);
        Assert.InRange(ordeal.WorkersDescriptors(), 1, early + 2);
        await ordeal.EndsWellAsync(requestsAtMost: 30);
    }

    [Fact]
    public async Task An_API_server_with_an_IPv6_address_is_reached()
    {
        RequireIPv6();
        await using var ordeal = await Ordeal.PrepareAsync(new ApiServerOptions { ListenOnIPv6 = true });
        ordeal.Configure(text => text.Replace("https://127.0.0.1:", "https://[::1]:", StringComparison.Ordinal));
        ordeal.Begin();
        await ordeal.WatchesAsync();
        await ordeal.EndsWellAsync(requestsAtMost: 2);
    }

    [Fact]
    public async Task An_API_server_whose_IPv6_address_the_kubelet_gives_is_reached()
    {
        RequireIPv6();
        await using var life = await PodLife.StartAsync(
            new() { Sidecars = [new() { Script = PodLife.ReadyForEver }] },
            options => options with
            {
                ApiServer = new() { ListenOnIPv6 = true },
                EnvironmentOverrides = new Dictionary<string, string> { ["main:KUBERNETES_SERVICE_HOST"] = "::1" },
            });
        await life.OutputAsync("main", "main runs");
    }

    [Fact]
    public async Task Proxy_variables_are_ignored()
    {
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        await using var ordeal = await Ordeal.PrepareAsync();
        foreach (var name in new[] { "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy" })
            ordeal.Variables[name] = $"http://{proxy.LocalEndpoint}";
        ordeal.Begin("--shutdown-http-get=http://127.0.0.1:1/quit", "--shutdown-timeout=0");
        await ordeal.WatchesAsync();
        await ordeal.EndsWellAsync(requestsAtMost: 2);
        await ordeal.SaysAsync("nothing listens at http://127.0.0.1:1/quit");
        Assert.False(proxy.Pending());
    }

    [Fact]
    public async Task HTTP_1_1_is_enough()
    {
        await using var ordeal = await Ordeal.PrepareAsync(new ApiServerOptions { Http1Only = true });
        var fault = ordeal.Add(FaultAction.CloseMidEvent(afterEvents: 1), request => request.IsWatch);
        ordeal.Begin();
        await ordeal.WatchesAsync();
        ordeal.MakeSidecarReady();
        await fault.Hit.WaitAsync(Ordeal.Cancellation);
        await ordeal.EndsWellAsReadyAsync(requestsAtMost: 3);
        Assert.All(ordeal.Api.Requests, request => Assert.Equal("HTTP/1.1", request.Protocol));
    }

    private static void RequireIPv6() =>
        Assert.SkipUnless(
            File.Exists("/proc/net/if_inet6") && File.ReadAllText("/proc/net/if_inet6").Contains(" lo", StringComparison.Ordinal),
            "there is no IPv6 loopback");
}

/// <summary>proa's connect timeout is 5 s.</summary>
public sealed class Stalls
{
    public static TheoryData<string> Kinds => ["before TLS", "during TLS"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_stall_that_passes_is_waited_out(string kind)
    {
        await using var ordeal = await Ordeal.BeginAsync(Stall(kind));
        await ordeal.Fault.Hit.WaitAsync(Ordeal.Cancellation);
        ordeal.Fault.Release();
        await ordeal.EndsWellAsync(requestsAtMost: 2);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_connection_that_stalls_for_good_is_given_up_and_another_is_made(string kind)
    {
        await using var ordeal = await Ordeal.BeginAsync(Stall(kind));
        await ordeal.SaysAsync($"the API server 127.0.0.1:{ordeal.Api.Port} does not answer; retrying");
        await ordeal.EndsWellAsync(requestsAtMost: 2);
    }

    private static FaultAction Stall(string kind) => kind == "before TLS" ? FaultAction.StallBeforeTls : FaultAction.StallDuringTls;
}
