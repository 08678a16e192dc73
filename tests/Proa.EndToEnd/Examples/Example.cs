using System.Reflection;
using Proa.EndToEnd.Processes;
using Proa.PodSimulator;
using Xunit.v3;

namespace Proa.EndToEnd.Examples;

/// <summary>The example that a test runs, by its path in examples/, and what else there the test covers.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RunsAttribute(string path, params string[] covered) : Attribute
{
    public string Path => path;

    /// <summary>Whether the test covers a file: it is one of those named, or in a directory that is.</summary>
    public bool Covers(string file) => covered.Prepend(path).Any(named => file == named || file.StartsWith(named + '/', StringComparison.Ordinal));
}

/// <summary>An example in the simulator, with no more rights than its own Role gives.</summary>
internal sealed class Example : IAsyncDisposable
{
    /// <summary>Only a test that has failed already waits as long.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryDirectory? _programs;

    private Example(Simulator simulator, TemporaryDirectory? programs) => (Simulator, _programs) = (simulator, programs);

    public Simulator Simulator { get; }

    /// <summary>Where the examples are.</summary>
    public static string Root { get; } = Path.Combine(AppContext.BaseDirectory, "examples");

    /// <summary>The path of what the present test <see cref="RunsAttribute">runs</see>.</summary>
    public static string PresentPath =>
        Path.Combine(Root, ((IXunitTestMethod)TestContext.Current.TestMethod!).Method.GetCustomAttribute<RunsAttribute>()!.Path);

    /// <summary>The text of the file that the present test runs.</summary>
    public static string PresentText => File.ReadAllText(PresentPath);

    /// <summary>Starts a manifest, in most cases <see cref="PresentText"/>.</summary>
    /// <param name="yaml">The manifest.</param>
    /// <param name="standIn">What is there for an image that is not here.</param>
    /// <param name="change">Changes the simulator's options.</param>
    public static async Task<Example> StartAsync(string yaml, StandIn? standIn = null, Func<SimulatorOptions, SimulatorOptions>? change = null)
    {
        await Executables.RequireContainersAsync();
        var programs = standIn is null ? null : new TemporaryDirectory();
        var options = new SimulatorOptions
        {
            Executables = new Dictionary<string, string> { ["/proa"] = Executables.Proa },
            EnvironmentOverrides = new Dictionary<string, string> { ["sidecar:SLEEP_SECONDS"] = "0.5" },
            TimeScale = 20,
            StatusLag = TimeSpan.Zero,
        };
        if (standIn is not null)
        {
            var program = $"/stand-in/{standIn.Name}";
            options = options with
            {
                Executables = new Dictionary<string, string>(options.Executables) { [program] = programs!.WriteProgram(standIn.Name, standIn.Program) },
                ImageEntrypoints = new Dictionary<string, IReadOnlyList<string>> { [standIn.Image] = [program] },
            };
        }

        return new(await Simulator.StartAsync(yaml, change?.Invoke(options) ?? options), programs);
    }

    /// <summary>
    /// Lets the stand-in be ready when that is waited for: by proa, whose main would find it not ready, or by the kubelet, which starts main's
    /// container when a native sidecar's startup probe has succeeded.
    /// </summary>
    public async Task BecomesReadyAsync(StandIn standIn, bool native = false)
    {
        await WritesAsync(line => native
            ? line.Container == standIn.Name && line.Text.EndsWith(" 503", StringComparison.Ordinal)
            : line.Container == "main"
                && line.Text.Contains(standIn.Name, StringComparison.Ordinal)
                && line.Text.Contains("running, not ready", StringComparison.Ordinal));
        await MakeReadyAsync(standIn.Name);
    }

    /// <summary>Puts the file there that makes a container ready.</summary>
    public Task MakeReadyAsync(string container) => Simulator.ExecAsync(container, ["touch", StandIn.ReadyFile], TestContext.Current.CancellationToken);

    /// <summary>Waits until the API server answers a request so, or has done so.</summary>
    public Task AnswersAsync(Func<ApiRequest, bool> request) => WaitAsync(Simulator.Api.WaitForRequestAsync(request));

    /// <summary>Waits for a line of output, written already or to come.</summary>
    public Task WritesAsync(Func<OutputLine, bool> line) => WaitAsync(Simulator.Output.WaitForAsync(line));

    /// <summary>Waits for the end, which must be a success.</summary>
    public async Task<JobOutcome> SucceedsAsync()
    {
        var outcome = await EndsAsync();
        Assert.True(outcome.Succeeded, $"{outcome.Reason}:\n{AllOutput}");
        return outcome;
    }

    /// <summary>Waits for the end, whatever it is.</summary>
    public async Task<JobOutcome> EndsAsync()
    {
        await WaitAsync(Simulator.Completion);
        return await Simulator.Completion;
    }

    /// <summary>What a container's own program has written; proa's log is JSON.</summary>
    public IEnumerable<string> Said(string container) => Simulator.Output.Of(container).Where(line => !line.StartsWith('{'));

    private string AllOutput => string.Join('\n', Simulator.Output.Select(line => $"{line.Container} | {line.Text}"));

    private async Task WaitAsync(Task task)
    {
        try
        {
            await task.WaitAsync(_patience, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"it did not come:\n{AllOutput}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Simulator.DisposeAsync();
        _programs?.Dispose();
    }
}
