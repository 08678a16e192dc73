using System.Text.RegularExpressions;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Examples;

/// <summary>What the README shows of the demo's output, and what the tutorial says to do for a sidecar of one's own.</summary>
[Collection(nameof(Examples))]
public sealed partial class Readme
{
    private const string Volumes = "      volumes:\n";

    private static readonly string _readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));
    private static readonly string _tutorial = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "tutorial.md"));

    [Fact]
    [Runs("job.yaml")]
    public async Task The_demos_output_has_the_lines_that_it_shows()
    {
        await using var example = await StartAsync(Example.PresentText);
        await example.SucceedsAsync();
        // Which states are seen on the way depends on when the kubelet reports.
        var lines = Demo().Match(_readme).Groups["text"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.Contains("sidecar (", StringComparison.Ordinal) && !line.Contains("sidecar: ", StringComparison.Ordinal)).ToArray();
        Assert.True(lines.Length > 4);
        var output = example.Simulator.Output.Select(line => $"{line.Container} | {line.Text}").ToArray();
        Assert.All(lines, line => Assert.Contains(line, output));
    }

    [Fact]
    [Runs("job.yaml")]
    public async Task A_sidecar_of_ones_own_is_waited_for_and_ended()
    {
        Executables.RequireRoot("run containers as another user");
        var manifest = Example.PresentText
            .Replace(Volumes, OwnSidecar().Match(_tutorial).Groups["yaml"].Value + Volumes, StringComparison.Ordinal)
            .Replace("      restartPolicy: Never\n", "      restartPolicy: Never\n      shareProcessNamespace: true\n", StringComparison.Ordinal)
            .Replace("\"--\"]", "\"--kill\", \"container/files\", \"--kill-signal\", \"INT\", \"--\"]", StringComparison.Ordinal);
        await using var example = await StartAsync(manifest);
        await example.SucceedsAsync();
        Assert.Contains("proa: sidecars ended: sidecar 0, files 0", example.Simulator.Output.Of("main"));
        Assert.Contains("`sidecars ended: sidecar 0, files 0`", _tutorial, StringComparison.Ordinal);
    }

    private static Task<Example> StartAsync(string manifest) => Example.StartAsync(
        manifest,
        change: options => options with
        {
            EnvironmentOverrides = new Dictionary<string, string>(options.EnvironmentOverrides) { ["main:PROA_LOG_FORMAT"] = "text" },
        });

    [GeneratedRegex(@"<!-- demo -->\n```text\n(?<text>.*?)```\n", RegexOptions.Singleline)]
    private static partial Regex Demo();

    [GeneratedRegex(@"<!-- own sidecar -->\n```yaml\n(?<yaml>.*?)```\n", RegexOptions.Singleline)]
    private static partial Regex OwnSidecar();
}
