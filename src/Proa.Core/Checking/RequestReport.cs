using System.Collections.Immutable;
using System.Globalization;
using Proa.Ending;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Checking;

/// <param name="Sidecar">Which sidecar it reaches; null where that is not known.</param>
/// <param name="Why">Why it is that one, or why it is not known.</param>
/// <param name="Request">The request, or null where it is a signal.</param>
internal sealed record RequestReport(string What, string? Sidecar, string Why, ShutdownRequest? Request)
{
    private const string CannotTell = "proa cannot tell which sidecar it reaches: ";

    public Listening Listening { get; init; }

    /// <summary>
    /// All that would be sent, and to whom. A URL names no container: the ports tell that the sidecars declare, that their probes ask, and
    /// that the known ones have. What is left over is for the sidecar that is left over, if that is one.
    /// </summary>
    /// <param name="sidecars">Its sidecars that could be meant: regular ones that are not ignored.</param>
    public static ImmutableArray<RequestReport> Of(CheckFindings findings, Pod? pod, ImmutableArray<Sidecar> sidecars)
    {
        ImmutableArray<RequestReport> all =
        [
            .. findings.Options.ShutdownRequests.Select(request => OfRequest(request, pod is null, sidecars) with
            {
                Listening = findings.Tried.FirstOrDefault(t => t.Request == request)?.Met ?? Listening.Untried,
            }),
            .. OfSignals(findings, pod),
        ];
        var left = sidecars.Where(s => !all.Any(r => r.Sidecar == s.Name)).ToArray();
        if (left is not [var only]) return all;
        var why = sidecars.Length == 1 ? "the only sidecar" : "the only sidecar that is left";
        return [.. all.Select(r => r.Sidecar is null && IsLocal(r) ? r with { Sidecar = only.Name, Why = why } : r)];
    }

    private static RequestReport OfRequest(ShutdownRequest request, bool isPodUnknown, ImmutableArray<Sidecar> sidecars)
    {
        RequestReport report = new(request.Describe(), null, "", request);
        if (isPodUnknown) return report;
        if (sidecars.IsEmpty) return report with { Why = "there is no regular sidecar to reach" };
        if (!request.Url.IsLoopback) return report with { Why = CannotTell + request.Url.Host + " is not localhost" };
        var port = FormattableString.Invariant($"port {request.Url.Port}");
        foreach (var sidecar in sidecars)
        {
            if (WhyListens(sidecar.Container, request.Url.Port) is not { Length: > 0 } why) continue;
            if (report.Sidecar is not null) return report with { Sidecar = null, Why = CannotTell + "several sidecars declare " + port };
            report = report with { Sidecar = sidecar.Name, Why = why };
        }

        return report.Sidecar is null ? report with { Why = CannotTell + "no sidecar declares " + port } : report;
    }

    /// <summary>Why the container listens at this port; empty where nothing tells that it does.</summary>
    private static string WhyListens(Container container, int port)
    {
        if (container.Ports.Any(p => p.Number == port)) return "it declares the port";
        if (Probes(container).Any(p => PortOf(container, p) == port)) return "its probe asks there";
        return KnownSidecars.Named(container.Name)?.Port == port ? "it is its usual port" : "";
    }

    private static IEnumerable<ProbeAction> Probes(Container container) =>
        ((Probe?[])[container.ReadinessProbe, container.StartupProbe])
            .SelectMany(probe => (ProbeAction?[])[probe?.HttpGet, probe?.TcpSocket]).OfType<ProbeAction>();

    private static int? PortOf(Container container, ProbeAction probe) =>
        int.TryParse(probe.Port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : Array.Find(container.Ports, p => p.Name == probe.Port)?.Number;

    private static IEnumerable<RequestReport> OfSignals(CheckFindings findings, Pod? pod)
    {
        var selection = EndingRule.Of(findings.Options).Processes;
        if (selection.IsEmpty || SidecarProcesses.WhyNone(findings.Processes, findings.Supervisor, pod) is not null) yield break;
        var signal = Signals.Of(selection.Signal);
        var found = SidecarProcesses.Choose(findings.Processes, findings.Supervisor, pod, findings.Container?.Name, selection);
        foreach (var process in found.Chosen)
            yield return new($"{signal} to {process.Describe()}", process.Container, process.Container is null ? "" : "it is its process", null);
        foreach (var missing in found.Missing)
            yield return new(
                $"{signal} to {missing}, of which there is no process now",
                missing.Container,
                missing.Container is null ? "" : "--kill names it",
                null);
    }

    private static bool IsLocal(RequestReport report) => report.Request?.Url.IsLoopback is not false;
}
