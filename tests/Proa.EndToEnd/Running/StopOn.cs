using Proa.EndToEnd.Init;
using Proa.EndToEnd.Lives;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Running;

/// <summary><c>--stop-on</c>.</summary>
public sealed class StopOn : IAsyncLifetime
{
    private const string Ended = """{"terminated": {"exitCode": 3, "reason": "Error"}}""";
    private const string Runs = """{"running": {}}""";

    private PodOnPaper _pod = null!;

    public async ValueTask InitializeAsync() => _pod = await PodOnPaper.StartAsync();

    public ValueTask DisposeAsync() => _pod.DisposeAsync();

    [Theory]
    [InlineData(How.Process, "sidecar")]
    [InlineData(How.Pid1, "sidecar")]
    [InlineData(How.Process, "all")]
    [InlineData(How.Process, "sidecar,restart")]
    public async Task When_the_sidecar_ends_main_gets_TERM_and_proa_exits_with_123(How how, string stopOn)
    {
        await using var main = await MainRunsAsync(how, ["--stop-on", stopOn], Signal.TERM);
        _pod.Says(1, Ended);
        await main.ComplainsAsync("sidecar exited with 3 (Error), and main needs it (--stop-on): SIGTERM to main now, SIGKILL in 10m");
        Assert.Equal($"signal {Signal.TERM}", await main.NextLineAsync());
        Assert.Equal(123, await main.ExitCodeAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task A_main_that_ignores_TERM_is_killed_after_the_grace_period(How how)
    {
        _pod.Change(pod => pod["spec"]!["terminationGracePeriodSeconds"] = 1);
        await using var main = await MainRunsAsync(how, ["--stop-on=sidecar"], Signal.Last);
        _pod.Says(1, Ended);
        await main.ComplainsAsync("still running after 1s: sending SIGKILL");
        await main.ComplainsAsync("main was killed by SIGKILL");
        Assert.Equal(123, await main.ExitCodeAsync());
        Assert.Equal([$"signal {Signal.TERM}"], await main.RestOfLinesAsync());
    }

    [Fact]
    public async Task With_signal_group_so_is_its_process_group()
    {
        _pod.Change(pod => pod["spec"]!["terminationGracePeriodSeconds"] = 1);
        await using var main = await StartedAsync(
            How.Process, ["--stop-on=sidecar", "--signal-group"], ["sh", "-c", "trap '' TERM; sleep 1000 & echo $!; wait; wait"]);
        var child = int.Parse(await main.NextLineAsync(), System.Globalization.CultureInfo.InvariantCulture);
        _pod.Says(1, Ended);
        Assert.Equal(123, await main.ExitCodeAsync());
        await ProcFile.UntilAsync(() => ProcFile.State(child) is 'X' or 'Z');
    }

    [Fact]
    public async Task Main_gets_the_signal_that_TERM_is_mapped_to()
    {
        await using var main = await MainRunsAsync(How.Process, ["--stop-on=sidecar", "--map-signal=TERM=QUIT", "--exit-zero=123"], 3);
        _pod.Says(1, Ended);
        Assert.Equal("signal 3", await main.NextLineAsync());
        Assert.Equal(123, await main.ExitCodeAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task A_main_that_ends_by_itself_keeps_its_exit_code_and_the_worker_beside_it_ends(How how)
    {
        await using var main = await StartedAsync(how, ["--stop-on=sidecar"], ["sh", "-c", "echo main runs; read line; exit 7"]);
        Assert.Equal("main runs", await main.NextLineAsync());
        var worker = await PodOnPaper.WorkerAsync(Init.Init.ProaOf(how, main), "watch");
        await main.TypeAsync("\n");
        await _pod.AskedAsync();
        _pod.EndSidecar();
        Assert.Equal(7, await main.ExitCodeAsync());
        Assert.Equal('X', ProcFile.State(worker));
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task A_main_that_ends_at_once_keeps_its_exit_code(How how)
    {
        await using var main = await StartedAsync(how, ["--stop-on=sidecar"], ["sh", "-c", "exit 7"]);
        await _pod.AskedAsync();
        _pod.EndSidecar();
        Assert.Equal(7, await main.ExitCodeAsync());
    }

    [Fact]
    public async Task An_API_server_that_is_away_does_not_end_main_and_what_has_ended_meanwhile_is_seen_when_it_is_back()
    {
        await using var main = await MainRunsAsync(How.Process, ["--stop-on=sidecar"], Signal.TERM);
        await _pod.WatchedBesideMainAsync();
        await _pod.Api.Faults.RefuseConnectionsAsync();
        _pod.Api.Faults.ResetConnections();
        await main.ComplainsAsync("connection refused; retrying");
        main.Send(Signal.USR1);
        Assert.Equal($"signal {Signal.USR1}", await main.NextLineAsync());
        _pod.Says(1, Ended);
        await _pod.Api.Faults.AcceptConnectionsAsync();
        Assert.Equal($"signal {Signal.TERM}", await main.NextLineAsync());
        Assert.Equal(123, await main.ExitCodeAsync());
    }

    [Fact]
    public async Task Where_the_API_server_stays_away_main_ends_as_it_does()
    {
        await using var main = await StartedAsync(
            How.Process, ["--stop-on=sidecar", "--shutdown-timeout=0"], ["sh", "-c", "echo main runs; read line; exit 7"]);
        Assert.Equal("main runs", await main.NextLineAsync());
        await _pod.WatchedBesideMainAsync();
        await _pod.Api.Faults.RefuseConnectionsAsync();
        _pod.Api.Faults.ResetConnections();
        await main.ComplainsAsync("connection refused; retrying");
        await main.TypeAsync("\n");
        Assert.Equal(7, await main.ExitCodeAsync());
    }

    [Fact]
    public async Task An_API_server_that_refuses_is_asked_again_later_and_main_runs_on()
    {
        await using var main = await MainRunsAsync(How.Process, ["--stop-on=sidecar"], Signal.TERM);
        await _pod.WatchedBesideMainAsync();
        _pod.Api.Faults.Add(PodSimulator.FaultAction.Respond(403), times: int.MaxValue);
        _pod.Api.Faults.ResetConnections();
        await main.ComplainsAsync("proa cannot see when other containers end, and retries in 30s: ");
        main.Send(Signal.USR1);
        Assert.Equal($"signal {Signal.USR1}", await main.NextLineAsync());
        main.Send(Signal.TERM);
        Assert.Equal($"signal {Signal.TERM}", await main.NextLineAsync());
        _pod.Api.Faults.Clear();
        await _pod.AskedAsync();
        _pod.EndSidecar();
        Assert.Equal(0, await main.ExitCodeAsync());
    }

    [Theory]
    [InlineData(Signal.KILL)]
    [InlineData(6)]
    public async Task A_worker_that_dies_beside_main_is_started_again_and_main_runs_on(int signal)
    {
        await using var main = await MainRunsAsync(How.Process, ["--stop-on=sidecar"], Signal.TERM);
        Libc.Send(await PodOnPaper.WorkerAsync(main.Id, "watch"), signal);
        await main.ComplainsAsync("cannot watch the other containers, retrying in 1s: the process that does so has failed (it was killed by");
        main.Send(Signal.USR1);
        Assert.Equal($"signal {Signal.USR1}", await main.NextLineAsync());
        Libc.Send(await PodOnPaper.WorkerAsync(main.Id, "watch"), signal);
        await main.ComplainsAsync("cannot watch the other containers, retrying in 2s: the process that does so has failed (it was killed by");
        _pod.EndSidecar();
        Assert.Equal($"signal {Signal.TERM}", await main.NextLineAsync());
        Assert.Equal(123, await main.ExitCodeAsync());
    }

    [Fact]
    public async Task A_sidecar_that_flaps_does_not_end_main_where_it_is_started_again()
    {
        _pod.Change(pod => pod["spec"]!["restartPolicy"] = "Always");
        await using var main = await MainRunsAsync(How.Process, ["--stop-on=sidecar"], Signal.TERM);
        await _pod.WatchedBesideMainAsync();
        for (var restarts = 1; restarts <= 3; restarts++)
        {
            _pod.Says(1, Ended, restarts - 1);
            _pod.Says(1, """{"waiting": {"reason": "CrashLoopBackOff"}}""", restarts - 1);
            _pod.Says(1, Runs, restarts);
        }

        // What it may not do it would have done before this, which it sees last.
        _pod.Change(pod => pod["spec"]!["restartPolicy"] = "Never");
        _pod.Says(1, Ended, 3);
        Assert.Equal($"signal {Signal.TERM}", await main.NextLineAsync());
        Assert.Equal(123, await main.ExitCodeAsync());
        Assert.Single(main.Errors.Split('\n'), line => line.Contains("and main needs it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_restart_it_ends_main_though_it_runs_again_when_it_is_looked_at()
    {
        _pod.Change(pod => pod["spec"]!["restartPolicy"] = "Always");
        await using var main = await MainRunsAsync(How.Process, ["--stop-on=sidecar,restart"], Signal.TERM);
        _pod.Says(1, Runs, 1);
        await main.ComplainsAsync("and main needs it");
        Assert.Equal(123, await main.ExitCodeAsync());
    }

    [Fact]
    public async Task In_a_Pod_that_is_being_deleted_main_ends_by_the_kubelets_signal()
    {
        await using var main = await MainRunsAsync(How.Process, ["--stop-on=sidecar"], Signal.TERM);
        _pod.Change(pod => pod["metadata"]!["deletionTimestamp"] = DateTimeOffset.UtcNow.AddMinutes(10).ToString("yyyy-MM-ddTHH:mm:ssZ"));
        _pod.Says(1, Ended);
        main.Send(Signal.USR1);
        Assert.Equal($"signal {Signal.USR1}", await main.NextLineAsync());
        main.Send(Signal.TERM);
        Assert.Equal(0, await main.ExitCodeAsync());
        Assert.DoesNotContain("and main needs it", main.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_no_sidecar_has_is_found_before_main_starts()
    {
        await using var proa = _pod.StartCommand(How.Process, Proa(["--stop-on=sidecra", "--shutdown-when=never"], ["echo", "main"]));
        await proa.FailsAsync(125, "--stop-on \\\"sidecra\\\" names no sidecar of the Pod: it has sidecar");
    }

    [Fact]
    public async Task In_a_Pod_the_other_sidecars_are_signalled_and_the_termination_message_names_the_one_that_has_ended()
    {
        await using var life = await new SharedPod
        {
            Options = ["--stop-on=essential", "--kill=puppet"],
            Companions = [Companion.Shell("essential", "mkfifo /tmp/go; echo ready; read -r line < /tmp/go; exit 4"), Companion.Puppet("other")],
        }.StartAsync();
        await life.ReadyAsync("other");
        await life.ReadyAsync("essential");
        await life.MainRunsAsync();
        await life.ExecAsync("essential", "sh", "-c", "echo > /tmp/go");
        await life.LogAsync("essential exited with 4 (Error), and main needs it");
        await life.LogAsync("sent SIGTERM to puppet");
        await life.LogAsync("sidecars ended: essential 4 (Error), other 0");
        Assert.Equal("proa: main was stopped, because sidecar essential exited with 4 (Error)", await life.EndOfAsync("main", 123));
    }

    private string[] Proa(string[] options, string[] main) => [.. _pod.Proa()[..^1], .. options, "--", .. main];

    private async Task<RunningProcess> StartedAsync(How how, string[] options, string[] main)
    {
        var process = _pod.StartCommand(how, Proa(options, main));
        await _pod.WaitsAsync(process);
        _pod.MakeReady();
        return process;
    }

    /// <summary>Starts a main that says each signal and ends with 0 on this one.</summary>
    private async Task<RunningProcess> MainRunsAsync(How how, string[] options, int until)
    {
        var main = await StartedAsync(how, options, Init.Init.Puppet("signals", $"{until}"));
        await main.ReadyAsync();
        return main;
    }
}
