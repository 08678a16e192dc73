using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Init;

public sealed class BeforeAndAfterMain : IAsyncLifetime
{
    private PodOnPaper _pod = null!;

    public async ValueTask InitializeAsync() => _pod = await PodOnPaper.StartAsync();

    public ValueTask DisposeAsync() => _pod.DisposeAsync();

    [Theory]
    [InlineData(How.Process, Signal.TERM)]
    [InlineData(How.Process, Signal.INT)]
    [InlineData(How.Process, Signal.HUP)]
    [InlineData(How.Process, Signal.QUIT)]
    [InlineData(How.Pid1, Signal.TERM)]
    [InlineData(How.Pid1, Signal.INT)]
    [InlineData(How.Pid1, Signal.HUP)]
    [InlineData(How.Pid1, Signal.QUIT)]
    public async Task A_stop_signal_ends_the_wait_and_the_sidecars_and_main_is_never_started(How how, int signal)
    {
        await using var process = _pod.Start(how, "echo", "main");
        await _pod.WaitsAsync(process);
        var proa = Init.ProaOf(how, process);
        var worker = await PodOnPaper.WorkerAsync(proa, "wait");
        Libc.Send(proa, signal);

        await _pod.AskedAsync();
        Assert.Equal('X', ProcFile.State(worker));
        _pod.EndSidecar();
        var (exitCode, output, _) = await process.ResultAsync();
        Assert.Equal((128 + signal, ""), (exitCode, output));
    }

    [Fact]
    public async Task A_stop_signal_ends_a_wait_for_an_API_server_that_never_answers()
    {
        var silence = _pod.Api.Faults.Add(FaultAction.NeverAnswer);
        await using var process = _pod.Start(How.Process, "echo", "main");
        await silence.Hit.WaitAsync(TestContext.Current.CancellationToken);
        process.Send(Signal.TERM);
        await _pod.AskedAsync();
        _pod.EndSidecar();
        var (exitCode, output, _) = await process.ResultAsync();
        Assert.Equal((143, ""), (exitCode, output));
    }

    [Fact]
    public async Task A_second_stop_signal_ends_the_wait_for_the_sidecars_that_the_first_has_begun()
    {
        await using var process = _pod.Start(How.Process, "echo", "main");
        await _pod.WaitsAsync(process);
        process.Send(Signal.TERM);
        await _pod.AskedAsync();
        process.Send(Signal.INT);
        Assert.Equal(143, await process.ExitCodeAsync());
    }

    [Fact]
    public async Task A_verdict_that_another_process_than_the_worker_gives_does_not_start_main()
    {
        await using var process = _pod.Start(How.Process, "echo", "main");
        await _pod.WaitsAsync(process);
        Libc.Send(process.Id, Signal.CHLD, 0);
        // This one is said to be dropped, and by then the other has been dealt with.
        process.Send(Signal.Last);
        await process.ComplainsAsync("ignored: main has not started");
        Assert.Contains("proa: wait", ProcFile.CommandLine(ProcFile.Child(process.Id)), StringComparison.Ordinal);
        process.Send(Signal.TERM);
        await _pod.AskedAsync();
        _pod.EndSidecar();
        var (exitCode, output, _) = await process.ResultAsync();
        Assert.Equal((143, ""), (exitCode, output));
    }

    [Fact]
    public async Task A_stop_signal_that_proa_was_given_as_ignored_does_not_end_the_wait()
    {
        await using var process = _pod.StartCommand(How.Process, Init.Puppet(["under", "ignore=1,2,3", "--", .. _pod.Proa("echo", "main")]));
        await _pod.WaitsAsync(process);
        foreach (var signal in (int[])[Signal.HUP, Signal.INT, Signal.QUIT]) process.Send(signal);
        // This one is said to be dropped, and by then the others have been dealt with.
        process.Send(Signal.Last);
        await process.ComplainsAsync("ignored: main has not started");
        _pod.MakeReady();
        Assert.Equal("main", await process.NextLineAsync());
        await _pod.AskedAsync();
        _pod.EndSidecar();
        Assert.Equal(0, await process.ExitCodeAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Other_signals_are_dropped_while_there_is_no_main_and_the_log_says_so(How how)
    {
        await using var process = _pod.StartCommand(how, Init.Puppet(["under", "default=all", "--", .. _pod.Proa(Init.Puppet("signals", $"{Signal.TERM}"))]));
        await _pod.WaitsAsync(process);
        var proa = Init.ProaOf(how, process);
        foreach (var signal in Signal.Forwarded.Except([Signal.TERM, Signal.INT, Signal.HUP, Signal.QUIT]))
        {
            Libc.Send(proa, signal);
            await process.ComplainsAsync("ignored: main has not started");
        }

        _pod.MakeReady();
        await process.ReadyAsync();
        Libc.Send(proa, Signal.TERM);
        await _pod.AskedAsync();
        _pod.EndSidecar();
        Assert.Equal(0, await process.ExitCodeAsync());
        Assert.Equal(["signal 15"], await process.RestOfLinesAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Around_the_end_of_the_wait_each_signal_reaches_main_or_is_said_to_be_dropped(How how)
    {
        const int Count = 2000;
        await using var process = _pod.StartCommand(how, Init.Puppet(["under", "block=all", "--", .. _pod.Proa(Init.Puppet("signals", $"{Signal.Last}"))]));
        await _pod.WaitsAsync(process);
        var proa = Init.ProaOf(how, process);
        var ready = process.ReadyAsync();
        var sent = 0;
        // Until main runs, and some more.
        for (var left = 100; left > 0 && sent < 100 * Count; sent++, left -= ready.IsCompleted ? 1 : 0)
        {
            if (sent == 100) _pod.MakeReady();
            Libc.Send(proa, Signal.RealTime, sent);
            // Signals that nobody has taken yet are limited in number.
            if (sent % 100 == 99) await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        await ready;
        Libc.Send(proa, Signal.Last);
        await _pod.AskedAsync();
        _pod.EndSidecar();
        var (exitCode, _, errors) = await process.ResultAsync();
        Assert.Equal(0, exitCode);
        var received = (await process.RestOfLinesAsync())[..^1];
        var dropped = errors.Split('\n').Count(line => line.Contains("ignored: main has not started", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(dropped, sent - dropped).Select(i => $"signal {Signal.RealTime} value {i}"), received);
    }

    [Fact]
    public async Task TERM_at_the_end_of_the_wait_either_prevents_main_or_reaches_it()
    {
        for (var round = 0; round < 20; round++)
        {
            await using var pod = await PodOnPaper.StartAsync();
            // The mask is inherited, so that main loses nothing before it can count.
            await using var process = pod.StartCommand(
                How.Process,
                Init.Puppet(["under", "block=15", "--", .. pod.Proa(Init.Puppet("signals", $"{Signal.TERM}"))]));
            await pod.WaitsAsync(process);
            pod.MakeReady();
            if (round > 10) await process.ComplainsAsync("sidecars ready");
            process.Send(Signal.TERM);
            await pod.AskedAsync();
            pod.EndSidecar();
            var (exitCode, output, _) = await process.ResultAsync();
            if (exitCode == 143) Assert.Equal("", output);
            else Assert.Matches("^ready [0-9]+\nsignal 15\n$", output);
        }
    }

    [Theory]
    [InlineData(How.Process, Signal.KILL, "memory limit")]
    [InlineData(How.Process, 4, "bug in proa")]
    [InlineData(How.Process, 6, "too few processes")]
    [InlineData(How.Process, 25, "ulimit -f")]
    [InlineData(How.Process, 31, "seccomp")]
    [InlineData(How.Pid1, Signal.KILL, "memory limit")]
    [InlineData(How.Pid1, 4, "bug in proa")]
    public async Task A_worker_that_dies_before_main_gives_125_with_a_reason_and_a_hint_and_the_sidecars_are_ended(How how, int signal, string hint)
    {
        await using var process = _pod.Start(how, "echo", "main");
        await _pod.WaitsAsync(process);
        Libc.Send(await PodOnPaper.WorkerAsync(Init.ProaOf(how, process), "wait"), signal);
        await _pod.AskedAsync();
        _pod.EndSidecar();
        await process.FailsAsync(125, "cannot wait for the sidecars: the process that watches the Pod has failed: it was killed by", hint);
    }

    [Fact]
    public async Task A_worker_that_hangs_does_not_keep_the_time_limit_from_ending_the_wait()
    {
        Executables.RequireLookIntoWorkers();
        await using var process = _pod.StartCommand(How.Process, [.. _pod.Proa()[..^1], "--ready-timeout=8s", "--", "echo", "main"]);
        await using var holder = await HoldAsync(process, "wait");
        await _pod.AskedAsync();
        _pod.EndSidecar();
        await process.FailsAsync(124, "not ready in time: the process that watches the Pod has failed: it hangs");
    }

    [Fact]
    public async Task A_file_size_limit_that_is_too_low_is_named()
    {
        await using var process = _pod.StartCommand(How.Process, Init.Puppet(["under", "limit=1:0:0", "--", .. _pod.Proa("echo", "main")]));
        await _pod.WaitsAsync(process);
        _pod.MakeReady();
        await _pod.AskedAsync();
        _pod.EndSidecar();
        await process.FailsAsync(125, "it was killed by SIGXFSZ", "ulimit -f");
    }

    /// <summary>Starts a debugger that holds the worker where it is.</summary>
    private async Task<RunningProcess> HoldAsync(RunningProcess proa, string worker)
    {
        await _pod.WaitsAsync(proa);
        var holder = RunningProcess.Start(Init.Puppet("hold", $"{await PodOnPaper.WorkerAsync(proa.Id, worker)}"));
        Assert.Equal("held", await holder.NextLineAsync());
        return holder;
    }

    [Fact]
    public async Task A_worker_that_is_stopped_is_continued_and_main_is_started()
    {
        await using var process = _pod.Start(How.Process, "sh", "-c", "exit 6");
        await _pod.WaitsAsync(process);
        Libc.Send(await PodOnPaper.WorkerAsync(process.Id, "wait"), Signal.STOP);
        _pod.MakeReady();
        await _pod.AskedAsync();
        Libc.Send(await PodOnPaper.WorkerAsync(process.Id, "shutdown"), Signal.STOP);
        _pod.EndSidecar();
        Assert.Equal(6, await process.ExitCodeAsync());
    }

    [Theory]
    [InlineData(How.Process, Signal.KILL)]
    [InlineData(How.Process, 4)]
    [InlineData(How.Process, 6)]
    [InlineData(How.Pid1, Signal.KILL)]
    [InlineData(How.Pid1, 4)]
    public async Task A_worker_that_dies_after_main_does_not_change_its_exit_code(How how, int signal)
    {
        await using var process = _pod.Start(how, "sh", "-c", "exit 7");
        await _pod.WaitsAsync(process);
        _pod.MakeReady();
        await _pod.AskedAsync();
        Libc.Send(await PodOnPaper.WorkerAsync(Init.ProaOf(how, process), "shutdown"), signal);
        var (exitCode, _, errors) = await process.ResultAsync();
        Assert.Equal(7, exitCode);
        Assert.Contains("the process that stops them has failed: it was killed by", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(How.Process, Signal.TERM)]
    [InlineData(How.Process, Signal.INT)]
    [InlineData(How.Process, Signal.HUP)]
    [InlineData(How.Process, Signal.QUIT)]
    [InlineData(How.Pid1, Signal.TERM)]
    public async Task A_stop_signal_ends_the_wait_for_the_sidecars_with_mains_exit_code(How how, int signal)
    {
        await using var process = _pod.Start(how, "sh", "-c", "exit 7");
        await _pod.WaitsAsync(process);
        _pod.MakeReady();
        await _pod.AskedAsync();
        Libc.Send(Init.ProaOf(how, process), signal);
        Assert.Equal(7, await process.ExitCodeAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Other_signals_change_nothing_while_the_sidecars_are_waited_for(How how)
    {
        await using var process = _pod.Start(how, "sh", "-c", "exit 7");
        await _pod.WaitsAsync(process);
        _pod.MakeReady();
        await _pod.AskedAsync();
        var proa = Init.ProaOf(how, process);
        foreach (var signal in Signal.Forwarded.Except([Signal.TERM, Signal.INT, Signal.HUP, Signal.QUIT])) Libc.Send(proa, signal);
        _pod.EndSidecar();
        Assert.Equal(7, await process.ExitCodeAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Between_a_wait_and_a_shutdown_main_gets_every_signal_and_no_other(How how)
    {
        await using var process = _pod.StartPuppet(how, "signals", $"{Signal.Last}");
        await _pod.WaitsAsync(process);
        var proa = Init.ProaOf(how, process);
        _pod.MakeReady();
        await process.ReadyAsync();
        await ProcFile.UntilAsync(() => ProcFile.Children(proa).Length == 1); // the worker is gone a moment later
        foreach (var signal in Signal.Forwarded)
        {
            Libc.Send(proa, signal);
            Assert.Equal($"signal {signal}", await process.NextLineAsync());
        }

        await _pod.AskedAsync();
        _pod.EndSidecar();
        Assert.Equal(0, await process.ExitCodeAsync());
        Assert.Empty(await process.RestOfLinesAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task What_was_written_to_stdin_during_the_wait_is_mains(How how)
    {
        await using var process = _pod.Start(how, "cat");
        await _pod.WaitsAsync(process);
        var text = string.Concat(Enumerable.Range(0, 1000).Select(i => $"line {i}\n"));
        await process.TypeAsync(text);
        _pod.MakeReady();
        process.CloseInput();
        await _pod.AskedAsync();
        _pod.EndSidecar();
        Assert.Equal(0, await process.ExitCodeAsync());
        Assert.Equal(text, string.Concat((await process.RestOfLinesAsync()).Select(line => line + "\n")));
    }

    [Fact]
    public async Task Orphans_are_reaped_and_the_exit_code_is_kept_after_a_wait()
    {
        await using var process = _pod.StartPuppet(How.Process, "orphans", "1000", "9");
        await _pod.WaitsAsync(process);
        _pod.MakeReady();
        await _pod.AskedAsync();
        var worker = await PodOnPaper.WorkerAsync(process.Id, "shutdown");
        await ProcFile.UntilAsync(() => ProcFile.Children(process.Id) is [var only] && only == worker);
        _pod.EndSidecar();
        Assert.Equal(9, await process.ExitCodeAsync());
    }

    [Theory]
    [InlineData("nothing special")]
    [InlineData("ignored and blocked signals", "ignore=1,13,17", "block=10,35,64")]
    [InlineData("everything ignored", "ignore=all")]
    [InlineData("descriptors", "close-from=3", "read=4:/dev/null", "write=7:/dev/full")]
    [InlineData("stdin closed", "close=0", "close-from=3")]
    [InlineData("everything but stderr closed", "close=0", "close=1", "close-from=3")]
    [InlineData("other settings", "umask=077", "nice=5", "limit=7:64:64", "oom-score-adj=300", "no-new-privs")]
    public async Task Main_is_started_after_a_wait_as_without_proa(string condition, params string[] settings)
    {
        Assert.NotEmpty(condition);
        using var directory = new TemporaryDirectory();
        string[] under = Init.Puppet(["under", "close-from=3", $"read=0:{directory.Write("input", "")}", $"write=1:{directory["output"]}", .. settings, "--"]);
        string[] report = Init.Puppet("report", directory["report"]);

        // stderr is the pipe from which the test reads the log: it has another number each time.
        bool comparable(string line) => !line.StartsWith("leads", StringComparison.Ordinal) && !line.StartsWith("descriptor 2=", StringComparison.Ordinal);
        await using (var alone = RunningProcess.Start([.. under, .. report], _pod.Variables)) await alone.SucceedsAsync();
        var without = File.ReadAllLines(directory["report"]);

        await using var process = _pod.StartCommand(How.Process, [.. under, .. _pod.Proa(report)]);
        await _pod.WaitsAsync(process);
        _pod.MakeReady();
        await _pod.AskedAsync();
        _pod.EndSidecar();
        Assert.Equal(0, await process.ExitCodeAsync());
        Assert.Equal(without.Where(comparable), File.ReadAllLines(directory["report"]).Where(comparable));
    }

    [Fact]
    public async Task A_worker_ends_with_proa()
    {
        await using var process = _pod.Start(How.Process, "echo", "main");
        await _pod.WaitsAsync(process);
        var worker = await PodOnPaper.WorkerAsync(process.Id, "wait");
        process.Send(Signal.KILL);
        Assert.Equal(137, await process.ExitCodeAsync());
        await ProcFile.UntilAsync(() => ProcFile.State(worker) is 'X' or 'Z');
    }

    [Fact]
    public async Task A_terminal_is_given_to_main_only_after_the_wait_and_Ctrl_C_until_then_ends_it()
    {
        await using var process = _pod.StartCommand(How.Process, Init.Puppet(["terminal", .. _pod.Proa("echo", "main runs")]));
        await process.SeesAsync("waiting for sidecar");
        await _pod.Api.WaitForWatchersAsync(1, TestContext.Current.CancellationToken);
        await process.TypeAsync("\u0003");
        await _pod.AskedAsync();
        _pod.EndSidecar();
        Assert.Equal(130, await process.ExitCodeAsync());
        Assert.DoesNotContain("main runs", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_terminal_that_stops_whoever_writes_in_the_background_the_workers_go_on()
    {
        await using var process = _pod.StartCommand(
            How.Process,
            Init.Puppet(["terminal", "sh", "-c", "stty tostop; exec \"$@\"", "sh", .. _pod.Proa("echo", "main runs")]));
        await process.SeesAsync("waiting for sidecar");
        _pod.MakeReady();
        await process.SeesAsync("main runs");
        await _pod.AskedAsync();
        _pod.EndSidecar();
        await process.SeesAsync("sidecars ended");
        Assert.Equal(0, await process.ExitCodeAsync());
    }

    [Fact]
    public async Task While_main_runs_proa_is_in_no_directory_that_could_be_unmounted_and_the_workers_are_back_in_it()
    {
        using var directory = new TemporaryDirectory();
        File.Copy(_pod.Variables["KUBECONFIG"]!, directory["relative"]);
        await using var process = _pod.StartCommand(
            How.Process,
            Init.Puppet(
                ["under", $"cwd={directory.Path}", $"variable={Convert.ToHexString("KUBECONFIG=relative"u8)}", "--", .. _pod.Proa(
                    "sh", "-c", "pwd; read line")]));
        await _pod.WaitsAsync(process);
        if (Executables.MayLookIntoWorkers) Assert.Equal(directory.Path, ProcFile.Link(await PodOnPaper.WorkerAsync(process.Id, "wait"), "cwd"));
        _pod.MakeReady();
        Assert.Equal(directory.Path, await process.NextLineAsync());
        await ProcFile.UntilAsync(() => ProcFile.Link(process.Id, "cwd") == "/");
        Assert.DoesNotContain(ProcFile.Descriptors(process.Id), target => target.StartsWith(directory.Path, StringComparison.Ordinal));
        await process.TypeAsync("\n");
        await _pod.AskedAsync();
        _pod.EndSidecar();
        await process.ComplainsAsync("sidecars ended: sidecar 0");
        Assert.Equal(0, await process.ExitCodeAsync());
    }

    [Fact]
    public async Task Ctrl_C_ends_the_wait_for_the_sidecars_too()
    {
        await using var process = _pod.StartCommand(How.Process, Init.Puppet(["terminal", .. _pod.Proa(Init.Puppet("read-tty"))]));
        await process.SeesAsync("waiting for sidecar");
        _pod.MakeReady();
        await process.SeesAsync("in the foreground");
        await process.TypeAsync("hello\n");
        await process.SeesAsync("read hello");
        await _pod.AskedAsync();
        await process.TypeAsync("\u0003");
        Assert.Equal(0, await process.ExitCodeAsync());
    }
}
