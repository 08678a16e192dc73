using System.Text;

namespace Proa.Checking.Manifests;

/// <summary>The report for people: a Pod template, and FILE:LINE of each problem.</summary>
internal static class ManifestText
{
    private const string Margin = "  ";

    public static string Write(TemplateReport template)
    {
        var text = new StringBuilder();
        text.Append(Printable.Line(FormattableString.Invariant($"{template.File}:{template.Line}: {template.Kind} {template.Name}"))).Append('\n');
        foreach (var life in template.Lives) Write(text, life);
        foreach (var note in template.Notes) Line(text, "note", note);
        foreach (var (line, what, remedy) in template.Problems)
        {
            Line(text, "problem", FormattableString.Invariant($"{template.File}:{line}: {what}"));
            if (remedy.Length > 0) Line(text, "  remedy", remedy);
        }

        return text.Append('\n').ToString();
    }

    private static void Write(StringBuilder text, LifeReport life)
    {
        Line(text, "main", $"{life.Container}, by {life.From}");
        foreach (var what in life.Conditions) Line(text, "wait for", what);
        if (life.Sidecars.IsEmpty) Line(text, "sidecars", "none");
        foreach (var sidecar in life.Sidecars) CheckText.Write(text, sidecar, Margin, state: null);
        foreach (var exit in life.Exits) CheckText.Write(text, exit, Margin, life.Delay, life.Sidecars.IsEmpty);
    }

    private static void Line(StringBuilder text, string label, string content) => CheckText.Line(text, label, content, Margin);
}
