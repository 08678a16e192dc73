using System.Text.Json.Nodes;

namespace Proa.PodSimulator.Tests;

/// <summary>Manifests for the tests, and a look at the states a Pod went through.</summary>
internal static class Pods
{
    public static SimulatorOptions Fast { get; } = new() { TimeScale = 50, StatusLag = TimeSpan.Zero, AllowPodAccess = true };

    public static CancellationToken Cancelled => Deadline.Token;

    public static Task<Simulator> StartAsync(string spec, SimulatorOptions? options = null, string more = "") => StartManifestAsync($"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: test-pod
          labels: {"{"}app: test{"}"}
        spec:
        {Indent(spec, 2)}
        {more}
        """, options ?? Fast);

    /// <summary>Starts a whole manifest; skips the test where no containers can be made.</summary>
    public static async Task<Simulator> StartManifestAsync(string manifest, SimulatorOptions options)
    {
        var whyNot = await Namespaces.WhyNotAsync();
        Assert.SkipWhen(whyNot is not null, whyNot ?? "");
        return await Simulator.StartAsync(manifest, options);
    }

    public static async Task<JobOutcome> EndAsync(this Simulator simulator) => await simulator.Completion.WaitAsync(Cancelled);

    /// <summary>Waits until each of these containers has written "up".</summary>
    public static async Task UpAsync(this Simulator simulator, params string[] containers)
    {
        foreach (var container in containers) await simulator.WaitForOutputAsync(container, line => line == "up", Cancelled);
    }

    /// <summary>The different states of each container in the order they were shown, such as "running ready" or "terminated 1 Error".</summary>
    public static Dictionary<string, List<string>> States(IEnumerable<JsonObject> pods)
    {
        var states = new Dictionary<string, List<string>>();
        foreach (var pod in pods)
        {
            foreach (var status in Statuses(pod))
            {
                var list = states.TryGetValue(status["name"]!.ToString(), out var known) ? known : states[status["name"]!.ToString()] = [];
                var state = State(status);
                if (list.Count == 0 || list[^1] != state) list.Add(state);
            }
        }

        return states;
    }

    public static List<string> Phases(IEnumerable<JsonObject> pods)
    {
        var phases = new List<string>();
        foreach (var phase in pods.Select(pod => pod["status"]!["phase"]!.ToString()).Where(phase => phases.Count == 0 || phases[^1] != phase))
            phases.Add(phase);
        return phases;
    }

    public static JsonObject Status(JsonObject pod, string container) => Statuses(pod).Single(status => status["name"]!.ToString() == container);

    public static string State(JsonObject status)
    {
        var (name, detail) = status["state"]!.AsObject().Single();
        var ready = status["ready"]!.GetValue<bool>() ? " ready" : "";
        return name switch
        {
            "waiting" => $"waiting {detail!["reason"]}{ready}",
            "terminated" => $"terminated {detail!["exitCode"]} {detail["reason"]}{ready}",
            _ => $"running{ready} #{status["restartCount"]}",
        };
    }

    private static IEnumerable<JsonObject> Statuses(JsonObject pod) =>
        ((string[])["initContainerStatuses", "containerStatuses"]).SelectMany(list => pod["status"]?[list]?.AsArray() ?? []).OfType<JsonObject>();

    private static string Indent(string text, int by) => string.Join('\n', text.Split('\n').Select(line => new string(' ', by) + line));
}
