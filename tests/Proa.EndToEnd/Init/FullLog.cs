using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Init;

/// <summary>stderr is a pipe that nobody reads: PID 1 goes on, and says later what is missing.</summary>
public sealed class FullLog
{
    private const int Page = 4096;

    [Theory]
    [InlineData(0)]
    [InlineData(Page)]
    [InlineData(2 * Page)]
    public async Task A_line_that_does_not_fit_does_not_keep_proa_from_exiting(int free)
    {
        await using var process = RunningProcess.Start(Init.Puppet(["unread", $"{free}", .. Init.Proa("/no/such/" + new string('x', 3 * Page))]));
        Assert.Equal(126, await process.ExitCodeAsync()); // ENAMETOOLONG
    }

    [Theory]
    [InlineData("--log-format=json", "\"msg\":\"% lines of proa's log were dropped: stderr is not read fast enough\",\"dropped\":%}")]
    [InlineData("--log-format=text", "proa: warning: % lines of proa's log were dropped: stderr is not read fast enough")]
    public async Task What_was_dropped_is_counted_in_the_next_line_that_fits(string format, string notice)
    {
        // "main started" is the first of them.
        await using var process = RunningProcess.Start(
            Init.Puppet(["unread", "0", Executables.Proa, "--no-wait", "--log-level=debug", format, "--", .. Init.Puppet("signals", $"{Signal.TERM}")]));
        var proa = int.Parse((await process.NextLineAsync())["child ".Length..], System.Globalization.CultureInfo.InvariantCulture);
        await process.ReadyAsync();
        foreach (var signal in (int[])[Signal.USR1, Signal.USR2, Signal.HUP])
        {
            Libc.Send(proa, signal);
            Assert.Equal($"signal {signal}", await process.NextLineAsync());
        }

        await process.TypeAsync("read\n");
        await process.SeesAsync("....");
        Libc.Send(proa, Signal.TERM);
        var (exitCode, output, _) = await process.ResultAsync();
        Assert.Equal(0, exitCode);
        Assert.Contains(notice.Replace("%", "4", StringComparison.Ordinal), output, StringComparison.Ordinal);
        Assert.Contains("SIGTERM forwarded to main", output, StringComparison.Ordinal);
        Assert.DoesNotContain("SIGUSR1 forwarded", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Main_does_not_get_a_stderr_that_does_not_wait()
    {
        await using var main = RunningProcess.Start(Init.Proa("sh", "-c", "cat /proc/self/fdinfo/2"));
        var flags = (await main.SucceedsAsync()).Split('\n').Single(line => line.StartsWith("flags:", StringComparison.Ordinal)).Split('\t')[1];
        Assert.Equal(0, Convert.ToInt32(flags, 8) & Convert.ToInt32("4000", 8)); // O_NONBLOCK
    }
}
