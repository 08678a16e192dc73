using System.Text;
using Proa.Sidecars;

namespace Proa.Checking;

internal static class CheckText
{
    private const int LabelWidth = 13;

    public static string Write(CheckReport report)
    {
        var text = new StringBuilder();
        var findings = report.Findings;
        Line(text, "options", findings.OptionsFrom);
        if (findings.ApiServer is var (url, from)) Line(text, "API server", $"{url}, from {from}");
        if (findings.Identity is { } identity)
        {
            var name = findings.Pod is { Metadata: { } pod }
                ? $"{pod.Namespace}/{pod.Name}"
                : $"{identity.Namespace}/{string.Join(" or ", identity.Names.AsSpan())}";
            Line(text, "Pod", $"{name}, by {identity.Source}");
        }

        if (findings.Container is { } container) Line(text, "container", $"{container.Name}, by {container.Source}");
        if (findings.Permissions is { } permissions)
        {
            Line(text, "get pods", permissions.Get ?? "allowed");
            Line(text, "watch pods", permissions.Watch ?? "allowed");
        }

        foreach (var (what, look) in findings.Conditions) Line(text, "wait for", $"{what}: {look.Outcome}");
        if (findings.Pod is not null && report.Sidecars.IsEmpty) Line(text, "sidecars", "none");
        foreach (var sidecar in report.Sidecars)
        {
            text.Append('\n');
            Write(text, sidecar, "", sidecar.State);
        }

        if (!report.Requests.IsEmpty) text.Append('\n');
        foreach (var request in report.Requests) Line(text, request.Request is null ? "signal" : "request", Describe(request));
        if (!report.Exits.IsEmpty) text.Append('\n');
        foreach (var exit in report.Exits) Write(text, exit, "", findings.Options.ShutdownDelay, findings.Pod is not null && report.Sidecars.IsEmpty);

        text.Append('\n');
        Line(text, "main", Main(report));
        foreach (var warning in report.Warnings) Line(text, "warning", warning);
        foreach (var remark in report.Remarks) Line(text, "note", remark);
        // To be copied as it is.
        if (report.Hint.Length > 0) text.Append("hint".PadRight(LabelWidth)).Append(Printable.Lines(report.Hint, "  ")).Append('\n');
        return text.ToString();
    }

    /// <param name="margin">Before each line.</param>
    /// <param name="state">What the kubelet says of it; null where there is no kubelet.</param>
    public static void Write(StringBuilder text, SidecarReport sidecar, string margin, string? state)
    {
        Line(text, "sidecar", $"{sidecar.Name} ({(sidecar.Kind == SidecarKind.Native ? "native" : "regular")})", margin);
        if (sidecar.Known.Length > 0) Line(text, "  known", sidecar.Known, margin);
        if (state is not null) Line(text, "  state", state, margin);
        Line(text, "  probe", sidecar.Probe, margin);
        Line(text, "  wait ready", Shown(sidecar.WaitedFor), margin);
        Line(text, "  stop", Shown(sidecar.Asked), margin);
        Line(text, "  wait ended", Shown(sidecar.Awaited), margin);
    }

    /// <param name="margin">Before the line.</param>
    public static void Write(StringBuilder text, ExitReport exit, string margin, TimeSpan delay, bool hasNoSidecars) =>
        Line(text, exit.ExitCode == 0 ? "on success" : "on failure", Describe(exit, delay, hasNoSidecars), margin);

    private static string Main(CheckReport report)
    {
        var isStartable = report.Start.Does is true;
        var why = isStartable ? "" : $"; it could not start now: {report.Start.Why}";
        return report.Findings.Main switch
        {
            MainNow.Runs => FormattableString.Invariant($"runs, as process {report.Findings.MainProcess}") + why,
            MainNow.HasEnded => "has ended; proa is stopping the sidecars",
            _ when isStartable => "can start now",
            _ => (report.ExitCode == ExitCodes.NotReadyInTime ? "cannot start yet: " : "will not start: ") + report.Start.Why,
        };
    }

    private static string Describe(RequestReport request) =>
        request.What
        + (request.Sidecar is null ? request.Why.Length > 0 ? "; " + request.Why : "" : request.Request is null ? "" : $", to {request.Sidecar}: {request.Why}")
        + request.Listening switch
        {
            Listening.Untried => "",
            Listening.Yes => "; something listens there",
            Listening.No => "; nothing listens there now",
            Listening.NoAnswer => "; it does not answer",
            Listening.NoSuchHost => "; there is no such host",
        };

    private static string Describe(ExitReport exit, TimeSpan delay, bool hasNoSidecars)
    {
        if (exit.Ask.Does is false) return hasNoSidecars ? "there are no sidecars to stop" : "the sidecars keep running: " + exit.Ask.Why;
        var after = delay > TimeSpan.Zero ? $"after {Duration.Format(delay)}: " : "";
        var what = exit.Requests.IsEmpty ? "asks no sidecar to stop" : after + string.Join(", ", exit.Requests);
        return what + (exit.Awaited.IsEmpty
            ? "; does not wait for any to end"
            : $"; waits up to {Duration.Format(exit.Budget)} for {string.Join(", ", exit.Awaited)} to end");
    }

    private static string Shown(Decision decision) =>
        (decision.Does switch { true => "yes", false => "no", null => "maybe" }) + (decision.Why.Length > 0 ? ", " + decision.Why : "");

    public static void Line(StringBuilder text, string label, string content, string margin = "") =>
        text.Append(margin).Append(label.PadRight(LabelWidth)).Append(Printable.Line(content)).Append('\n');
}
