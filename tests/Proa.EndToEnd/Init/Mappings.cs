using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Init;

/// <summary><c>--map-signal</c> and <c>--exit-zero</c>.</summary>
public sealed class Mappings
{
    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task A_signal_reaches_main_as_the_one_that_it_is_mapped_to_or_not_at_all(How how)
    {
        await using var main = Start(how, ["--map-signal", "TERM=QUIT", "--map-signal=SIGUSR1=0", "--map-signal", "RTMIN+2=12"]);
        await main.ReadyAsync();
        var proa = Init.ProaOf(how, main);
        foreach (var (sent, received) in ((int, int)[])[(Signal.TERM, 3), (Signal.RealTime + 1, Signal.USR2), (Signal.HUP, Signal.HUP)])
        {
            Libc.Send(proa, Signal.USR1);
            Libc.Send(proa, sent);
            Assert.Equal($"signal {received}", await main.NextLineAsync());
        }

        Libc.Send(proa, Signal.Last);
        Assert.Equal(0, await main.ExitCodeAsync());
        Assert.Equal([$"signal {Signal.Last}"], await main.RestOfLinesAsync());
    }

    [Theory]
    [InlineData(How.Process, "exit 3", 0)]
    [InlineData(How.Pid1, "exit 3", 0)]
    [InlineData(How.Process, "exit 4", 4)]
    [InlineData(How.Process, "kill -TERM $$", 0)]
    [InlineData(How.Pid1, "kill -TERM $$", 0)]
    [InlineData(How.Process, "kill -INT $$", 130)]
    [InlineData(How.Process, "exit 127", 127)]
    public async Task An_exit_code_that_counts_as_success_is_0(How how, string script, int exitCode)
    {
        await using var main = Init.Start(how, Executables.Proa, "--no-wait", "--exit-zero=3", "--exit-zero", "143", "--", "sh", "-c", script);
        Assert.Equal(exitCode, await main.ExitCodeAsync());
    }

    [Fact]
    public async Task The_log_has_mains_own_exit_code()
    {
        await using var main = RunningProcess.Start(
            [Executables.Proa, "--no-wait", "--exit-zero=3", "--log-level=debug", "--", "sh", "-c", "exit 3"], RunningProcess.TextLog);
        await main.ComplainsAsync("main exited with 3: proa exits with 0\n");
        Assert.Equal(0, await main.ExitCodeAsync());
    }

    [Fact]
    public async Task That_proa_cannot_start_main_is_never_a_success()
    {
        await using var proa = RunningProcess.Start([Executables.Proa, "--no-wait", "--exit-zero=127", "--", "/nonexistent"]);
        await proa.FailsAsync(127, "/nonexistent");
    }

    [Fact]
    public async Task Where_main_succeeds_by_it_the_sidecars_are_ended_as_after_a_success()
    {
        await using var pod = await PodOnPaper.StartAsync();
        await using var process = pod.StartCommand(
            How.Process, [.. pod.Proa()[..^1], "--shutdown-when=success", "--exit-zero=3", "--", "sh", "-c", "exit 3"]);
        await pod.WaitsAsync(process);
        pod.MakeReady();
        await pod.AskedAsync();
        pod.EndSidecar();
        Assert.Equal(0, await process.ExitCodeAsync());
    }

    [Fact]
    public async Task TERM_ends_the_wait_though_main_would_not_get_it()
    {
        await using var pod = await PodOnPaper.StartAsync();
        await using var process = pod.StartCommand(How.Process, [.. pod.Proa()[..^1], "--map-signal=TERM=0", "--exit-zero=143", "--", "echo", "main"]);
        await pod.WaitsAsync(process);
        process.Send(Signal.TERM);
        await pod.AskedAsync();
        pod.EndSidecar();
        await process.FailsAsync(143);
    }

    private static RunningProcess Start(How how, string[] options) =>
        Init.Start(how, [Executables.Proa, "--no-wait", .. options, "--", .. Init.Puppet("signals", $"{Signal.Last}")]);
}
