using System.Text.Json;
using System.Text.Json.Nodes;
using Proa.EndToEnd.Faults;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Lives;

/// <summary>A container beside main.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Command">Its command, which says "ready", and maybe its process ID, when it is where the test wants it.</param>
internal sealed record Companion(string Name, params string[] Command)
{
    /// <summary>A companion that says each signal and ends with 0 on this one.</summary>
    public static Companion Puppet(string name, int until = Signal.TERM) => new(name, "/puppet", "signals", $"{until}");

    /// <summary>A companion that is a shell script.</summary>
    public static Companion Shell(string name, string script) => new(name, "sh", "-c", script);

    /// <summary>Whether it is an init container with restartPolicy Always.</summary>
    public bool IsNative { get; init; }

    /// <summary>More lines of the container.</summary>
    public string[] More { get; init; } = [];
}

/// <summary>A Pod whose containers see each other's processes, with main under proa until the test ends it.</summary>
internal sealed record SharedPod
{
    /// <summary>proa's options.</summary>
    public string[] Options { get; init; } = [];

    /// <summary>What main does before it says that it runs.</summary>
    public string BeforeMain { get; init; } = "";

    public int MainsExitCode { get; init; }

    public required Companion[] Companions { get; init; }

    public string RestartPolicy { get; init; } = "Never";

    /// <summary>How the Pod's processes are shared.</summary>
    public string Sharing { get; init; } = "shareProcessNamespace: true";

    /// <summary>More lines of main's container.</summary>
    public string[] MoreOfMain { get; init; } = [];

    /// <summary>Starts it in the simulator.</summary>
    public async Task<SharedLife> StartAsync() => new(await PodLife.StartYamlAsync(Yaml, options => options with
    {
        Executables = new Dictionary<string, string> { ["/proa"] = Executables.Proa, ["/puppet"] = Executables.Puppet },
    }));

    private string Main => $"{BeforeMain}\nmkfifo /tmp/end; echo main runs; read -r line < /tmp/end; exit {MainsExitCode}";

    private string Yaml => string.Join('\n',
    [
        "apiVersion: v1",
        "kind: Pod",
        "metadata: {name: shared}",
        "spec:",
        $"  restartPolicy: {RestartPolicy}",
        "  " + Sharing,
        "  containers:",
        .. Lines("main", ["/proa", .. Options, "--", "sh", "-c", Main], MoreOfMain),
        .. Companions.Where(companion => !companion.IsNative).SelectMany(companion => Lines(companion.Name, companion.Command, companion.More)),
        .. Companions.Where(companion => companion.IsNative)
            .SelectMany(
                companion => (string[])["  initContainers:", .. Lines(companion.Name, companion.Command, ["restartPolicy: Always", .. companion.More])]),
    ]);

    // JSON is YAML, and $(NAME) is not for the kubelet.
    private static IEnumerable<string> Lines(string name, string[] command, string[] more) =>
    [
        $"  - name: {name}",
        $"    image: {name}",
        $"    command: {JsonSerializer.Serialize(command.Select(word => word.Replace("$", "$$", StringComparison.Ordinal)))}",
        .. more.Select(line => "    " + line),
    ];
}

/// <summary>Such a Pod in the simulator.</summary>
internal sealed class SharedLife(PodLife life) : IAsyncDisposable
{
    public PodSimulator.Simulator Simulator => life.Simulator;

    /// <summary>The messages that proa has logged, in order.</summary>
    public string[] Messages => life.Messages;

    /// <summary>Waits for a line that proa logs, by a part of its message.</summary>
    public Task LogAsync(string part) => life.LogAsync(part);

    /// <summary>Waits until a container's program, or another than that, is where the test wants it.</summary>
    /// <returns>Its process ID in the Pod's PID namespace, if it says it.</returns>
    public async Task<int> ReadyAsync(string container, int other = 0)
    {
        var line = await Simulator.WaitForOutputAsync(
            container,
            text => text.StartsWith("ready", StringComparison.Ordinal) && text != $"ready {other}",
            Ordeal.Cancellation);
        return int.TryParse(line.Text["ready".Length..], System.Globalization.CultureInfo.InvariantCulture, out var id) ? id : 0;
    }

    /// <summary>Waits for a line that a container writes.</summary>
    public Task OutputAsync(string container, string line) => life.OutputAsync(container, line);

    /// <summary>Waits until main runs.</summary>
    public Task MainRunsAsync() => OutputAsync("main", "main runs");

    /// <summary>Lets main end, which may end the shell that says so.</summary>
    public Task EndMainAsync() => Simulator.ExecAsync("main", ["sh", "-c", "echo > /tmp/end"], Ordeal.Cancellation);

    public async Task<string> ExecAsync(string container, params string[] command)
    {
        var result = await Simulator.ExecAsync(container, command, Ordeal.Cancellation);
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        return result.Output;
    }

    /// <summary>What a container has written to stdout.</summary>
    public string[] Said(string container) => [.. Simulator.Output.Where(line => line.Container == container && !line.IsError).Select(line => line.Text)];

    /// <summary>Checks that a container's puppet has not got a signal so far, by sending it the one that the kernel delivers after all others.</summary>
    public async Task IsUntouchedAsync(string container, int signal = Signal.TERM)
    {
        Assert.True(Simulator.SignalContainer(container, Signal.Last));
        await OutputAsync(container, $"signal {Signal.Last}");
        Assert.DoesNotContain($"signal {signal}", Said(container));
    }

    public Task<PodSimulator.JobOutcome> EndAsync() => life.EndAsync();

    /// <summary>Waits until a container has ended with this exit code.</summary>
    public Task<string?> EndOfAsync(string container, int exitCode) => life.EndOfAsync(container, exitCode);

    public ValueTask DisposeAsync() => life.DisposeAsync();
}
