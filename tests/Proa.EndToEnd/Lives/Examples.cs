using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Lives;

public sealed class Examples
{
    [Fact]
    public async Task The_example_Job_works_as_it_is_with_no_more_rights_than_its_own_Role_gives()
    {
        var yaml = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "examples", "job.yaml"), TestContext.Current.CancellationToken);
        await using var simulator = await Simulator.StartAsync(yaml, new SimulatorOptions
        {
            Executables = new Dictionary<string, string> { ["/proa"] = Executables.Proa },
            EnvironmentOverrides = new Dictionary<string, string> { ["sidecar:SLEEP_SECONDS"] = "0.5" },
            TimeScale = 10,
            StatusLag = TimeSpan.Zero,
        });
        var outcome = await simulator.Completion.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(outcome.Succeeded, outcome.Reason);
        Assert.Equal(["the sidecar says: hello from the sidecar"], simulator.Output.Of("main").Where(line => !line.StartsWith('{')));
        Assert.Equal(["starting, which takes 0.5 s", "serving", "asked to shut down", "ended"], simulator.Output.Of("sidecar"));
    }
}
