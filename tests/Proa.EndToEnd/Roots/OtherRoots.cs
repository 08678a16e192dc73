using System.Net;
using System.Net.Sockets;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Roots;

/// <summary>The same file in the roots of other base images: it behaves alike.</summary>
public sealed class OtherRoots(BaseImages images) : IClassFixture<BaseImages>
{
    public static TheoryData<BaseImage, NameService> Roots { get; } =
    [
        (BaseImage.Scratch, NameService.Default),
        (BaseImage.Scratch, NameService.Hostile),
        (BaseImage.Debian12, NameService.Default),
        (BaseImage.Debian12, NameService.Hostile),
        (BaseImage.Debian12, NameService.HostileWithModules),
        (BaseImage.Debian13, NameService.Default),
        (BaseImage.Debian13, NameService.HostileWithModules),
        (BaseImage.Musl, NameService.Default),
        (BaseImage.Musl, NameService.Hostile),
    ];

    [Theory]
    [MemberData(nameof(Roots))]
    public async Task A_whole_life_ends_the_sidecars_at_localhost_and_at_a_name_of_the_hosts_file(BaseImage image, NameService names)
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        using var root = await Root.MakeAsync(images, image, names);
        var token = cluster.Api.IssueToken(cluster.Recorded.Namespace, "watcher", cluster.Recorded.PodName, cluster.Recorded.PodUid);
        cluster.Api.WriteServiceAccountFiles(root.MakeDirectory("/var/run/secrets/kubernetes.io/serviceaccount"), token, cluster.Recorded.Namespace);
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();

        await using var proa = root.Start(
            [],
            cluster.InClusterVariables,
            "/proa", "-g", Url("localhost", first), "-g", Url("sidecar.example", second), "--", "/main");
        await cluster.Api.WaitForWatchersAsync(1, TestContext.Current.CancellationToken);
        cluster.PushUntil("sidecar-1", "ready");
        Assert.Equal("main runs", await proa.NextLineAsync());
        await AnswerAsync(first);
        await AnswerAsync(second);
        cluster.PushUntil("sidecar-1", "terminated");
        Assert.Equal(42, await proa.ExitCodeAsync());
        await proa.ComplainsAsync("sidecars ended: sidecar-1 0");
    }

    [Theory]
    [MemberData(nameof(Roots))]
    public async Task Without_waiting_main_runs_and_a_name_that_is_not_known_is_looked_up_again(BaseImage image, NameService names)
    {
        using var root = await Root.MakeAsync(images, image, names);
        await using var proa = root.Start(
            ["--net"], // no name server anywhere
            new() { ["PROA_LOG_FORMAT"] = "text" },
            "/proa", "--no-wait", "-g", "http://nobody.example/quit", "--", "/main");
        Assert.Equal("main runs", await proa.NextLineAsync());
        await proa.ComplainsAsync("cannot ask a sidecar to stop yet: GET http://nobody.example/quit: ");
        Libc.Send(ProcFile.Child(proa.Id), Signal.TERM);
        Assert.Equal(42, await proa.ExitCodeAsync());
    }

    private static string Url(string host, TcpListener listener) => $"http://{host}:{((IPEndPoint)listener.LocalEndpoint).Port}/quit";

    private static async Task AnswerAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 })
        {
        }

        await client.GetStream()
            .WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
    }
}
