using System.Net;
using System.Net.Sockets;

namespace Proa.EndToEnd.Cluster;

public sealed class MeshGone
{
    [Fact]
    public async Task When_the_proxy_that_was_asked_takes_the_way_to_the_API_server_with_it_proa_takes_it_for_ended()
    {
        await using var cluster = await Cluster.StartAsync();
        cluster.PushUntil("sidecar-1", "ready");
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        await using var proa = cluster.Proa("-p", $"http://127.0.0.1:{((IPEndPoint)proxy.LocalEndpoint).Port}/quitquitquit", "--", "sh", "-c", "exit 7");

        using (var client = await proxy.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
        {
            await cluster.Api.Faults.RefuseConnectionsAsync();
            proxy.Stop();
            await client.GetStream()
                .WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        }

        await proa.ComplainsAsync("the sidecars that were asked no longer listen, and cannot reach the API server");
        Assert.Equal(7, await proa.ExitCodeAsync());
    }
}
