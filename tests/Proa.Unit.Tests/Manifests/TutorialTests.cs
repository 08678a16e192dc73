using System.Text;
using System.Text.RegularExpressions;
using Proa.Checking.Manifests;
using Proa.Manifests;

namespace Proa.Unit.Tests.Manifests;

/// <summary>What the tutorial shows of <c>--check -f</c> is what it prints of the example with the tutorial's sidecar in it.</summary>
public sealed partial class TutorialTests
{
    private const string Name = "my-job.yaml";
    private const string Volumes = "      volumes:\n";

    private static readonly string _tutorial = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "tutorial.md"));

    [Fact]
    public void The_report_is_as_it_is_printed() => Assert.Equal(Report().Match(_tutorial).Groups["text"].Value, Check(WithOwnSidecar()));

    [Fact]
    public void With_what_it_says_to_add_there_is_no_problem()
    {
        string[] added = ["shareProcessNamespace: true", "\"--kill\", \"container/files\", \"--kill-signal\", \"INT\","];
        Assert.All(added, text => Assert.Contains($"`{text}`", _tutorial, StringComparison.Ordinal));
        var manifest = WithOwnSidecar()
            .Replace("      restartPolicy: Never\n", $"      restartPolicy: Never\n      {added[0]}\n", StringComparison.Ordinal)
            .Replace("\"--\"]", added[1] + " \"--\"]", StringComparison.Ordinal);
        Assert.EndsWith("1 Pod template, 0 problems\n", Check(manifest), StringComparison.Ordinal);
    }

    private static string WithOwnSidecar()
    {
        var example = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "examples", "job.yaml"));
        Assert.Contains(Volumes, example, StringComparison.Ordinal);
        return example.Replace(Volumes, OwnSidecar().Match(_tutorial).Groups["yaml"].Value + Volumes, StringComparison.Ordinal);
    }

    private static string Check(string manifest)
    {
        var text = new StringBuilder();
        var check = new ManifestCheck(report => text.Append(ManifestText.Write(report)));
        foreach (var root in Manifest.Objects(manifest)) check.Add(new(Name, root));
        return text.Append(check.End().Text).ToString();
    }

    [GeneratedRegex(@"<!-- check -->\n```text\n\$ \S+ --check -f my-job\.yaml\n(?<text>.*?)```\n", RegexOptions.Singleline)]
    private static partial Regex Report();

    [GeneratedRegex(@"<!-- own sidecar -->\n```yaml\n(?<yaml>.*?)```\n", RegexOptions.Singleline)]
    private static partial Regex OwnSidecar();
}
