using System.Text.Json;
using System.Text.Json.Nodes;
using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Faults;

/// <summary>A Job in the simulator whose main is under proa, with sidecars that are shell scripts.</summary>
internal sealed class PodLife : IAsyncDisposable
{
    /// <summary>A sidecar without faults.</summary>
    public const string ReadyForEver = "touch /tmp/ready; exec sleep 1000";

    private PodLife(Simulator simulator) => Simulator = simulator;

    public Simulator Simulator { get; }

    /// <summary>The messages that proa has logged, in order.</summary>
    public string[] Messages =>
        [.. Simulator.Output.Where(line => line is { Container: "main", IsError: true }).Select(line => MessageOf(line.Text)).OfType<string>()];

    public static Task<PodLife> StartAsync(PodSketch sketch, Func<SimulatorOptions, SimulatorOptions>? change = null) => StartYamlAsync(sketch.Yaml, change);

    public static async Task<PodLife> StartYamlAsync(string yaml, Func<SimulatorOptions, SimulatorOptions>? change = null)
    {
        var options = new SimulatorOptions
        {
            Executables = new Dictionary<string, string> { ["/proa"] = Executables.Proa },
            TimeScale = 20,
            StatusLag = TimeSpan.Zero,
            AllowPodAccess = true,
            MissingImages = ["missing"],
        };
        await Executables.RequireContainersAsync();
        return new(await Simulator.StartAsync(yaml, change?.Invoke(options) ?? options));
    }

    /// <summary>A script that ends with this exit code in its first lives, once <see cref="LetSidecarFailAsync"/> lets it, and is ready in the next.</summary>
    public static string FailingFirst(int lives, int exitCode) =>
        "until [ -f /state/go ]; do sleep 0.05; done; lives=0; [ -f /state/lives ] && read lives < /state/lives; echo $((lives + 1)) > "
            + $"/state/lives; [ $lives -ge {lives} ] || exit {exitCode}; {ReadyForEver}";

    /// <summary>Waits for a line that proa logs, by a part of its message.</summary>
    public async Task LogAsync(string part)
    {
        try
        {
            await Simulator.WaitForOutputAsync("main", line => MessageOf(line)?.Contains(part, StringComparison.Ordinal) == true, Ordeal.Cancellation);
        }
        catch (OperationCanceledException e)
        {
            throw new InvalidOperationException($"\"{part}\" was not logged, but: {string.Join("; ", Messages)}", e);
        }
    }

    /// <summary>Waits for a line that a container writes.</summary>
    public Task<OutputLine> OutputAsync(string container, string line) =>
        Simulator.WaitForOutputAsync(container, text => text == line, Ordeal.Cancellation);

    public Task<JobOutcome> EndAsync() => Simulator.Completion.WaitAsync(Ordeal.Cancellation);

    /// <summary>Waits until a container has ended with this exit code, now or in its life before.</summary>
    /// <returns>Its termination message.</returns>
    public async Task<string?> EndOfAsync(string container, int exitCode)
    {
        JsonNode? end = null;
        await Simulator.WaitForPodAsync(
            pod =>
            {
                var status = pod["status"]?["containerStatuses"]?.AsArray().FirstOrDefault(s => s!["name"]!.ToString() == container);
                end = new[] { status?["state"]?["terminated"], status?["lastState"]?["terminated"] }.FirstOrDefault(t => (int?)t?["exitCode"] == exitCode);
                return end is not null;
            },
            Ordeal.Cancellation);
        return end!["message"]?.ToString();
    }

    /// <summary>Once proa waits for it, so that it sees every change.</summary>
    public async Task LetSidecarFailAsync()
    {
        await LogAsync("running, not ready");
        await Simulator.ExecAsync("sidecar", ["touch", "/state/go"], Ordeal.Cancellation);
    }

    public Task MakeSidecarReadyAsync() => Simulator.ExecAsync("sidecar", ["touch", "/tmp/ready"], Ordeal.Cancellation);

    public ValueTask DisposeAsync() => Simulator.DisposeAsync();

    private static string? MessageOf(string line)
    {
        if (!line.StartsWith('{')) return null;
        using var json = JsonDocument.Parse(line);
        return json.RootElement.TryGetProperty("msg", out var message) ? message.GetString() : null;
    }
}

/// <summary>A sidecar: ready when the file /tmp/ready is there; /state outlives it.</summary>
internal sealed record SidecarSketch
{
    public string Name { get; init; } = "sidecar";

    public string Image { get; init; } = "sidecar";

    public required string Script { get; init; }

    /// <summary>More lines of the container.</summary>
    public string[] More { get; init; } = [];
}

/// <summary>The Pod of a Job that is not tried again.</summary>
internal sealed record PodSketch
{
    public string RestartPolicy { get; init; } = "Never";

    public string[] Options { get; init; } = [];

    public string Main { get; init; } = "echo main runs";

    /// <summary>More lines of main's container.</summary>
    public string[] MainMore { get; init; } = [];

    public required SidecarSketch[] Sidecars { get; init; }

    public string Yaml => string.Join('\n',
    [
        "apiVersion: batch/v1",
        "kind: Job",
        "metadata: {name: ordeal}",
        "spec:",
        $"  backoffLimit: {(RestartPolicy == "Never" ? 0 : 6)}",
        "  template:",
        "    spec:",
        $"      restartPolicy: {RestartPolicy}",
        "      volumes: [{name: state, emptyDir: {}}]",
        "      containers:",
        "      - name: main",
        "        image: main",
        "        command: [/proa]",
        $"        args: {JsonSerializer.Serialize((string[])[.. Options, "--", "sh", "-c", Main])}",
        .. MainMore.Select(line => "        " + line),
        .. Sidecars.SelectMany(Lines),
    ]);

    private static IEnumerable<string> Lines(SidecarSketch sidecar) =>
    [
        $"      - name: {sidecar.Name}",
        $"        image: {sidecar.Image}",
        "        command: [sh, -c]",
        $"        args: {JsonSerializer.Serialize((string[])[sidecar.Script])}",
        "        volumeMounts: [{name: state, mountPath: /state}]",
        "        readinessProbe: {periodSeconds: 1, failureThreshold: 1, exec: {command: [test, -f, /tmp/ready]}}",
        .. sidecar.More.Select(line => "        " + line),
    ];
}
