using System.Text;

namespace Proa.Checking.Manifests;

/// <summary>Each problem as GitHub shows it at its line ("Workflow commands for GitHub Actions").</summary>
internal static class GitHubAnnotations
{
    public static string Write(TemplateReport template)
    {
        var text = new StringBuilder();
        foreach (var (line, what, remedy) in template.Problems)
        {
            var place = template.File == ManifestNames.Input ? "" : FormattableString.Invariant($"file={Property(template.File)},line={line},");
            text.Append("::error ").Append(place).Append("title=").Append(Property($"{template.Kind} {template.Name}"))
                .Append("::").Append(Escape(Printable.Line(what) + (remedy.Length > 0 ? "\n" + Printable.Line(remedy) : ""))).Append('\n');
        }

        return text.ToString();
    }

    private static string Property(string text) =>
        Escape(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);

    private static string Escape(string text) => text
        .Replace("%", "%25", StringComparison.Ordinal)
        .Replace("\r", "%0D", StringComparison.Ordinal)
        .Replace("\n", "%0A", StringComparison.Ordinal);
}

internal static class ManifestNames
{
    /// <summary>What stands for standard input, as for kubectl.</summary>
    public const string Input = "-";
}
