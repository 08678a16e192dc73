using System.Text.Json;
using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Lives;

/// <summary>A workload that runs in the simulator, with the native executable at /proa.</summary>
internal sealed class Life : IAsyncDisposable
{
    private readonly Simulator _simulator;

    private Life(Simulator simulator) => _simulator = simulator;

    public Simulator Simulator => _simulator;

    public static Task<Life> StartAsync(Workload workload, Func<SimulatorOptions, SimulatorOptions>? change = null) => StartAsync(workload.Yaml, change);

    public static async Task<Life> StartAsync(string manifest, Func<SimulatorOptions, SimulatorOptions>? change = null)
    {
        await Executables.RequireContainersAsync();
        var options = new SimulatorOptions
        {
            Executables = new Dictionary<string, string> { ["/proa"] = Executables.Proa },
            TimeScale = 20,
            StatusLag = TimeSpan.Zero,
            AllowPodAccess = true,
        };
        return new(await Simulator.StartAsync(manifest, change?.Invoke(options) ?? options));
    }

    /// <summary>Waits for a line that proa logs, by a part of its message.</summary>
    public Task<OutputLine> LogAsync(string part) =>
        _simulator.WaitForOutputAsync("main", line => MessageOf(line)?.Contains(part, StringComparison.Ordinal) == true, TestContext.Current.CancellationToken);

    /// <summary>Waits for a line that a container writes.</summary>
    public Task<OutputLine> OutputAsync(string container, string line) =>
        _simulator.WaitForOutputAsync(container, text => text == line, TestContext.Current.CancellationToken);

    /// <summary>The messages that proa has logged, in order.</summary>
    public string[] Messages =>
        [.. _simulator.Output.Where(line => line is { Container: "main", IsError: true }).Select(line => MessageOf(line.Text)).OfType<string>()];

    public Task<JobOutcome> EndAsync() => _simulator.Completion.WaitAsync(TestContext.Current.CancellationToken);

    public Task MakeSidecarReadyAsync() => _simulator.ExecAsync("sidecar", ["touch", "/tmp/ready"], TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    private static string? MessageOf(string line)
    {
        if (!line.StartsWith('{')) return null;
        using var json = JsonDocument.Parse(line);
        return json.RootElement.TryGetProperty("msg", out var message) ? message.GetString() : null;
    }
}
