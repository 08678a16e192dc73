using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Init;

/// <summary>What fails in the supervisor itself ends nothing: an error in PID 1 would take main with it.</summary>
public sealed class Failures
{
    // So many arguments take memory when they are passed on to the worker.
    private static readonly string[] _arguments = [.. Enumerable.Repeat("argument", 50_000)];

    [Fact]
    public async Task Where_there_is_no_memory_left_to_end_the_sidecars_the_exit_code_is_still_mains()
    {
        const string main = "read go; prlimit --pid $PPID --data=1; exit 7";
        await using var proa = RunningProcess.Start(
            [Executables.Proa, "--no-wait", "-g", "http://localhost:1/quit", "--", "sh", "-c", main, "sh", .. _arguments]);
        await proa.ComplainsAsync("main started");
        await proa.TypeAsync("go\n");
        var (exitCode, _, errors) = await proa.ResultAsync();
        Assert.Equal(7, exitCode);
        Assert.Contains("the sidecars may keep running: the process that stops them has failed: it could not be started: ", errors, StringComparison.Ordinal);
    }
}
