using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Init;

/// <summary>What proa is mapped with; build/hardened reads the rest from the file.</summary>
public sealed class Memory
{
    [Fact]
    public async Task No_memory_of_the_supervisor_or_of_a_worker_is_both_written_and_executed()
    {
        Executables.RequireLookIntoWorkers();
        await using var cluster = await Cluster.Cluster.StartAsync();
        await using var proa = cluster.Proa("--", "true");
        await cluster.Api.WaitForWatchersAsync(1, TestContext.Current.CancellationToken);
        foreach (var pid in (int[])[proa.Id, ProcFile.Child(proa.Id)])
        {
            var maps = await File.ReadAllLinesAsync($"/proc/{pid}/maps", TestContext.Current.CancellationToken);
            Assert.Contains(maps, line => Permissions(line) == "r-xp" && line.EndsWith(Executables.Proa, StringComparison.Ordinal));
            Assert.DoesNotContain(maps, line => Permissions(line) is [_, 'w', 'x', _]);
        }
    }

    private static string Permissions(string line) => line.Split(' ')[1];
}
