using System.Collections.Immutable;
using Proa.Ending;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Checking;

/// <param name="Sidecar">Which sidecar it reaches; null where that is not known.</param>
/// <param name="Why">Why it is that one, or why it is not known.</param>
/// <param name="Request">The request, or null where it is a signal.</param>
internal sealed record RequestReport(string What, string? Sidecar, string Why, ShutdownRequest? Request)
{
    public Listening Listening { get; init; }

    /// <summary>The signal that a manifest's sidecar is sent; 0 where it is a request, or none is known.</summary>
    public int Signal { get; init; }

    /// <summary>All that would be sent, and to whom. What is left over is for the sidecar that is left over, if that is one.</summary>
    /// <param name="sidecars">Its sidecars that could be meant: regular ones that are not ignored.</param>
    public static ImmutableArray<RequestReport> Of(CheckFindings findings, Pod? pod, ImmutableArray<Sidecar> sidecars, BothPlans plans)
    {
        ImmutableArray<RequestReport> all =
        [
            .. plans.Requests.Select(request => OfRequest(findings, request, pod, sidecars, plans)),
            .. plans.Processes.SelectMany(selection => findings.IsOnPaper
                ? OnPaper(findings, pod, sidecars, selection)
                : OfSignals(findings, pod, selection)),
        ];
        if (sidecars.Where(s => !all.Any(r => r.Sidecar == s.Name)).ToArray() is not [var only]) return all;
        var why = sidecars.Length == 1 ? "the only sidecar" : "the only sidecar that is left";
        return [.. all.Select(r => r.Sidecar is null && IsLocal(r) ? r with { Sidecar = only.Name, Why = why } : r)];
    }

    private static RequestReport OfRequest(
        CheckFindings findings, ShutdownRequest request, Pod? pod, ImmutableArray<Sidecar> sidecars, BothPlans plans)
    {
        var (sidecar, why) = pod is null ? new(null, "") : Reach.Of(request, pod, sidecars);
        if (sidecar is null && plans.KnownTarget(request) is { } known) (sidecar, why) = (known, "it is its endpoint");
        return new(request.Describe(), sidecar, why, request)
        {
            Listening = findings.Tried.FirstOrDefault(t => t.Request == request)?.Met ?? Listening.Untried,
        };
    }

    private static IEnumerable<RequestReport> OfSignals(CheckFindings findings, Pod? pod, ProcessSelection selection)
    {
        if (selection.IsEmpty || SidecarProcesses.WhyNone(findings.Processes, findings.Supervisor, pod) is not null) yield break;
        var signal = Signals.Of(selection.Signal);
        var found = SidecarProcesses.Choose(findings.Processes, findings.Supervisor, pod, findings.Container?.Name, selection);
        foreach (var process in found.Chosen)
            yield return new($"{signal} to {process.Describe()}", process.Container, process.Container is null ? "" : "it is one of its processes", null);
        foreach (var missing in found.Missing)
            yield return new(
                $"{signal} to {missing}, but no such process runs now",
                missing.Container,
                missing.Container is null ? "" : "--kill names it",
                null);
    }

    /// <summary>Whom the signals reach, where no process can tell: by the names of containers, and of the programs that they say they start.</summary>
    private static IEnumerable<RequestReport> OnPaper(
        CheckFindings findings, Pod? pod, ImmutableArray<Sidecar> sidecars, ProcessSelection selection)
    {
        if (selection.IsEmpty || SidecarProcesses.WhyNone([], findings.Supervisor, pod) is not null) return [];
        var signal = Signals.Of(selection.Signal);
        return selection.All
            ? sidecars.Select(s => new RequestReport($"{signal} to the processes of {s.Name}", s.Name, "--kill-all", null) { Signal = selection.Signal })
            : selection.Selectors.Select(
                k => new RequestReport($"{signal} to {k}", k.Container ?? WhoStarts(k.Executable!), "", null) { Signal = selection.Signal });

        string? WhoStarts(string program) => sidecars.FirstOrDefault(s => Starts(s.Container, program))?.Name;
    }

    private static bool Starts(Container container, string program) =>
        (container.Command is [var path, ..] ? FileName.Of(path) : KnownSidecars.LastPart(container.Image).ToString()) == program;

    private static bool IsLocal(RequestReport report) => report.Request?.Url.IsLoopback is not false;
}
