using System.Text;
using Proa.CommandLine;
using Proa.Lifecycle;

namespace Proa.Checking;

/// <summary>The report for people.</summary>
public static class CheckText
{
    private const int LabelWidth = 13;

    /// <summary>The whole text, ending with a newline.</summary>
    public static string Write(CheckReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder();
        var findings = report.Findings;
        Line(text, "options", findings.OptionsFrom);
        if (findings.ApiServer is var (url, from)) Line(text, "API server", $"{url}, from {from}");
        if (findings.Identity is { } identity) Line(text, "Pod", $"{(findings.Pod is { Metadata: { } pod } ? $"{pod.Namespace}/{pod.Name}" : $"{identity.Namespace}/{string.Join(" or ", identity.Names.AsEnumerable())}")}, by {identity.Source}");
        if (findings.Container is { } container) Line(text, "container", $"{container.Name}, by {container.Source}");
        if (findings.Permissions is { } permissions)
        {
            Line(text, "get pods", permissions.Get ?? "allowed");
            Line(text, "watch pods", permissions.Watch ?? "allowed");
        }

        foreach (var sidecar in report.Sidecars)
        {
            text.Append('\n');
            Line(text, "sidecar", $"{sidecar.Name} ({(sidecar.Kind == SidecarKind.Native ? "native" : "regular")})");
            Line(text, "  state", sidecar.State);
            Line(text, "  probe", sidecar.Probe);
            Line(text, "  waited for", YesOrNo(sidecar.WaitedFor));
            Line(text, "  asked", YesOrNo(sidecar.Asked));
            Line(text, "  awaited", YesOrNo(sidecar.Awaited));
        }

        if (!report.Exits.IsEmpty) text.Append('\n');
        foreach (var exit in report.Exits) Line(text, exit.ExitCode == 0 ? "on success" : "on failure", Describe(exit));
        text.Append('\n');
        Line(text, "main", report.Start.Does ? "could be started now" : (report.ExitCode == ExitCodes.NotReadyInTime ? "could not be started yet: " : "could not be started: ") + report.Start.Why);
        foreach (var remark in report.Remarks) Line(text, "note", remark);
        if (report.Hint.Length > 0) Line(text, "hint", report.Hint);
        return text.ToString();
    }

    private static string Describe(ExitReport exit)
    {
        if (!exit.Ask.Does) return "the sidecars are left running: " + exit.Ask.Why;
        var what = exit.Requests.IsEmpty ? "nobody is asked" : string.Join(", ", exit.Requests);
        return what + (exit.Awaited.IsEmpty ? "; nobody's end is awaited" : $"; the end of {string.Join(", ", exit.Awaited)} is awaited for {Duration.Format(exit.Budget)} at most");
    }

    private static string YesOrNo(Decision decision) => (decision.Does ? "yes" : "no") + (decision.Why.Length > 0 ? ", " + decision.Why : "");

    private static void Line(StringBuilder text, string label, string content) =>
        text.Append(label.PadRight(LabelWidth)).Append(content.Replace("\n", "\n" + new string(' ', LabelWidth), StringComparison.Ordinal)).Append('\n');
}
