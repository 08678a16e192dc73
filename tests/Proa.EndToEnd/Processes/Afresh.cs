namespace Proa.EndToEnd.Processes;

/// <summary>What the tests start begins as a container's process does, wherever the tests run.</summary>
public sealed class Afresh : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_process_begins_with_default_dispositions_and_nothing_blocked_though_the_tests_run_under_nohup_and_in_the_background()
    {
        // A puppet stands for the test run. What it is itself started with, RunningProcess decides.
        var report = _directory["report"];
        await using var run = RunningProcess.Start(
            [
                Executables.Puppet, "under", "ignore=1,2,3,32,64", "block=1,10,15,33",
                "--", Executables.Puppet, .. RunningProcess.Afresh([Executables.Puppet, "report", report]),
            ]);
        await run.SucceedsAsync();
        AssertClean(report);
    }

    [Fact]
    public async Task So_does_every_process_of_this_run()
    {
        var report = _directory["report"];
        await using var process = RunningProcess.Start([Executables.Puppet, "report", report]);
        await process.SucceedsAsync();
        AssertClean(report);
    }

    private static void AssertClean(string report)
    {
        var lines = File.ReadAllLines(report);
        Assert.Contains("mask=0000000000000000", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("ignored=", StringComparison.Ordinal));
        Assert.Contains($"argv[1]={Convert.ToHexStringLower("report"u8)}", lines);
    }
}
