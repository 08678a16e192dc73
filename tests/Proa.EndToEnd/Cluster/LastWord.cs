using System.Net;
using System.Net.Sockets;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Cluster;

/// <summary>The sidecars hear of the end, whatever comes between.</summary>
public sealed class LastWord
{
    private static readonly byte[] _ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray();

    [Fact]
    public async Task A_signal_just_after_mains_end_does_not_keep_the_sidecar_from_being_asked()
    {
        using var sidecar = new TcpListener(IPAddress.Loopback, 0);
        sidecar.Start();
        for (var life = 0; life < 20; life++)
        {
            await using var proa = RunningProcess.Start(
                [Executables.Proa, "--no-wait", "-g", UrlOf(sidecar), "--", "sh", "-c", "exit 3"],
                RunningProcess.TextLog);
            await proa.ComplainsAsync("main exited with 3");
            proa.Send(Signal.TERM);
            await AnswerAsync(sidecar);
            Assert.Equal(3, await proa.ExitCodeAsync());
        }
    }

    [Theory]
    [InlineData(Server.Simulated)]
    [InlineData(Server.Real)]
    public async Task A_sidecar_that_does_not_listen_yet_when_the_wait_ends_is_asked_as_soon_as_it_does(Server server)
    {
        await using var cluster = await TestCluster.StartAsync(server);
        await cluster.PushUntilAsync("sidecar-1", "running");
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        using var sidecar = new TcpListener((IPEndPoint)free.LocalEndpoint);
        var url = UrlOf(free);
        free.Stop();
        await using var proa = cluster.Proa("--ready-timeout=3s", "-g", url, "--shutdown-timeout=100s", "true");
        await proa.ComplainsAsync("the sidecar is gone, or does not listen yet");
        sidecar.Start();
        await AnswerAsync(sidecar);
        await cluster.PushUntilAsync("sidecar-1", "terminated");
        Assert.Equal(124, await proa.ExitCodeAsync());
    }

    [Fact]
    public async Task A_log_that_nobody_reads_any_more_sends_main_no_signal()
    {
        // Main ends at the first SIGPIPE; proa writes a line for each CONT, into a pipe whose reader has gone.
        const string main = """
            (trap '' PIPE; while echo >&2; do :; done)
            rounds=0
            trap 'rounds=$((rounds + 1))' CONT
            while [ $rounds -lt 50 ]; do before=$rounds; kill -CONT $PPID; while [ $rounds = $before ]; do :; done; done
            exit 3
            """;
        await using var shell = RunningProcess.Start(
            ["bash", "-c", "\"$0\" --no-wait --log-level=debug -- sh -c \"$1\" 2> >(:); echo code $?", Executables.Proa, main]);
        Assert.Equal("code 3", await shell.NextLineAsync());
    }

    [Theory]
    [InlineData("<&- >&- 2>&-")]
    [InlineData(">&- 2>&-")]
    [InlineData("<&- 2>&-")]
    public async Task Closed_standard_descriptors_do_not_keep_the_sidecar_from_being_asked(string closed)
    {
        using var sidecar = new TcpListener(IPAddress.Loopback, 0);
        sidecar.Start();
        await using var shell = RunningProcess.Start(
            ["bash", "-c", $"(\"$0\" --no-wait -g \"$1\" -- true {closed}); echo code $?", Executables.Proa, UrlOf(sidecar)]);
        await AnswerAsync(sidecar);
        Assert.Equal("code 0", await shell.NextLineAsync());
    }

    internal static string UrlOf(TcpListener listener) => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/quit";

    internal static async Task AnswerAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        await client.GetStream().ReadExactlyAsync(new byte[4], TestContext.Current.CancellationToken); // "GET "
        await client.GetStream().WriteAsync(_ok, TestContext.Current.CancellationToken);
    }
}
