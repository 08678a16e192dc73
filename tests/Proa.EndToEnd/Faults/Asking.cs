using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Faults;

/// <summary>How sidecars are asked where the Pod is not known. What would be tried for an hour must end all the same.</summary>
public sealed class Asking
{
    private static readonly string[] _patient = ["--no-wait", "--shutdown-timeout=1h"];

    [Theory]
    [InlineData(0)] // the connection is closed as the sidecar quits
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task A_refused_request_after_one_that_connected_is_done(int status)
    {
        using var sidecar = new Endpoint(listens: true);
        await using var proa = Start([.. _patient, "-p", sidecar.Url, "--", "sh", "-c", "exit 7"]);
        using (var exchange = await sidecar.AskedAsync())
        {
            sidecar.Stop();
            if (status > 0) await exchange.AnswerAsync(status);
        }

        await proa.ComplainsAsync("cannot ask a sidecar to stop yet: POST ");
        await proa.ComplainsAsync($"nothing listens at {sidecar.Url}: the sidecar has quit");
        Assert.Equal(7, await proa.ExitCodeAsync());
    }

    [Fact]
    public async Task A_failure_that_passes_is_asked_again_and_then_it_is_done()
    {
        using var sidecar = new Endpoint(listens: true);
        await using var proa = Start([.. _patient, "-g", sidecar.Url, "--", "true"]);
        foreach (var status in (int[])[503, 408, 429, 200]) await sidecar.AnswerAsync(status);
        await proa.ComplainsAsync("asked a sidecar to stop: GET ");
        Assert.Equal(0, await proa.ExitCodeAsync());
    }

    [Theory]
    [InlineData("true", 0)]
    [InlineData("/no/such/main", 127)]
    [InlineData("/", 126)]
    public async Task A_sidecar_that_does_not_listen_yet_is_asked_when_it_does_whatever_has_become_of_main(string main, int exitCode)
    {
        using var sidecar = new Endpoint(listens: false);
        await using var proa = Start(["--no-wait", "-g", sidecar.Url, "--", main]);
        await proa.ComplainsAsync($"nothing listens at {sidecar.Url}: the sidecar is gone, or does not listen yet; retrying for 10s");
        sidecar.Listen();
        await sidecar.AnswerAsync();
        Assert.Equal(exitCode, await proa.ExitCodeAsync());
    }

    [Fact]
    public async Task A_sidecar_that_never_listens_is_taken_for_gone()
    {
        using var sidecar = new Endpoint(listens: false);
        await using var proa = Start(["--no-wait", "-g", sidecar.Url, "--", "sh", "-c", "exit 7"]);
        await proa.ComplainsAsync("assuming that the sidecar is gone");
        Assert.Equal(7, await proa.ExitCodeAsync());
    }

    [Fact]
    public async Task Who_does_not_want_to_wait_asks_once()
    {
        using var sidecar = new Endpoint(listens: false);
        await using var proa = Start(["--no-wait", "--shutdown-timeout=0", "-g", sidecar.Url, "--", "true"]);
        await proa.ComplainsAsync($"nothing listens at {sidecar.Url}: the sidecar is already gone");
        Assert.Equal(0, await proa.ExitCodeAsync());
    }

    [Fact]
    public async Task A_host_that_does_not_exist_is_asked_once()
    {
        using var directory = new TemporaryDirectory();
        await using var proa = Start(
            ["--shutdown-timeout=1h", "--no-wait", "-g", "http://nobody.example/quit", "--", "sh", "-c", "exit 7"], WithoutNames(directory));
        await proa.ComplainsAsync("cannot ask a sidecar to stop: GET http://nobody.example/quit: there is no such host name");
        Assert.Equal(7, await proa.ExitCodeAsync());
    }

    /// <summary>What starts a command where a name server knows no name.</summary>
    internal static string[] WithoutNames(TemporaryDirectory directory)
    {
        Executables.RequireRoot("make a network namespace");
        const string server = """
            import fcntl, os, socket, struct, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 1)) # SIOCSIFFLAGS, IFF_UP
            s.bind(("127.0.0.1", 53))
            if os.fork(): os.execvp(sys.argv[1], sys.argv[1:])
            for n in range(100):
                query, client = s.recvfrom(512)
                s.sendto(query[:2] + b"\x81\x83" + query[4:6] + bytes(6) + query[12:], client)
            """;
        return
        [
            "unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"",
            directory.Write("resolv.conf", "nameserver 127.0.0.1\n"), "python3", "-c", server,
        ];
    }

    [Fact]
    public async Task A_request_says_who_asks()
    {
        using var sidecar = new Endpoint(listens: true);
        await using var proa = Start(["--no-wait", "-g", sidecar.Url, "--", "true"]);
        Assert.Matches("\nUser-Agent: proa/[0-9]+\\.[0-9]+\\.[0-9]+\n", await sidecar.AnswerAsync());
    }

    [Fact]
    public async Task However_many_signals_come_the_sidecar_is_asked()
    {
        using var sidecar = new Endpoint(listens: true);
        for (var life = 0; life < 20; life++)
        {
            await using var proa = Start(["--no-wait", "-g", sidecar.Url, "--", "sh", "-c", "exit 3"]);
            await proa.ComplainsAsync("main exited with 3");
            foreach (var signal in (int[])[Signal.TERM, Signal.INT, Signal.QUIT, Signal.HUP]) proa.Send(signal);
            await sidecar.AnswerAsync();
            Assert.Equal(3, await proa.ExitCodeAsync());
        }
    }

    [Theory]
    [InlineData("unknown option --bogus", "--bogus")]
    [InlineData("--ready-timeout \"soon\" is not a duration", "--ready-timeout=soon")]
    public async Task After_a_usage_error_the_sidecars_are_asked_by_what_can_be_understood(string problem, string mistake)
    {
        using var sidecar = new Endpoint(listens: false);
        await using var proa = Start([mistake, "--no-wait", "-p", sidecar.Url, "--", "echo", "main runs"]);
        await proa.ComplainsAsync("proa: error: " + problem);
        await proa.ComplainsAsync("does not listen yet");
        sidecar.Listen();
        await sidecar.AnswerAsync();
        var errors = await proa.FailsAsync(125);
        Assert.Equal(2, errors.Split(problem).Length); // said once
    }

    [Fact]
    public async Task After_a_mistake_of_a_person_in_a_running_container_nobody_is_asked()
    {
        Executables.RequireRoot("make a PID namespace");
        using var sidecar = new Endpoint(listens: true);
        await using var container = RunningProcess.Start(
            Init.Init.AsPid1(Executables.Proa, "--no-wait", "--", Executables.Puppet, "signals", $"{Signal.TERM}"));
        await container.ReadyAsync();
        await using var proa = Start(
            ["--chekc"],
            "nsenter", "--target", $"{ProcFile.Child(container.Id)}", "--pid", "--mount", "env", $"PROA_SHUTDOWN_HTTP_POST={sidecar.Url}");
        var (exitCode, _, errors) = await proa.ResultAsync();
        Assert.Equal(125, exitCode);
        Assert.Contains("unknown option --chekc", errors, StringComparison.Ordinal);
        Assert.False(sidecar.IsPending);
    }

    private static RunningProcess Start(string[] arguments, params string[] under) =>
        RunningProcess.Start([.. under, Executables.Proa, .. arguments], RunningProcess.TextLog);
}
