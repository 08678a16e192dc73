using System.Collections.Immutable;
using Proa.Ending;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Checking;

/// <summary>What would go wrong, and what to do.</summary>
/// <param name="Remedy">May be empty.</param>
/// <param name="Sidecar">The sidecar that it is about, or null.</param>
internal sealed record CheckWarning(string What, string Remedy, string? Sidecar)
{
    public string Text => Remedy.Length > 0 ? What + ": " + Remedy : What;
}

/// <summary>What would go wrong though main can be started: above all a sidecar that runs on, so that the Pod never completes.</summary>
internal static class CheckWarnings
{
    /// <summary>Where the Pod is not known.</summary>
    public static ImmutableArray<CheckWarning> Of(CheckFindings findings, ImmutableArray<RequestReport> requests) =>
        [.. Signals(findings, null), .. Hosts(requests)];

    /// <param name="regular">Its regular sidecars, less the ignored ones.</param>
    public static ImmutableArray<CheckWarning> Of(
        CheckFindings findings, Pod pod, BothPlans plans, ImmutableArray<Sidecar> regular, ImmutableArray<RequestReport> requests) =>
        [.. Signals(findings, pod), .. Hosts(requests), .. Endless(pod, plans, requests), .. Deaf(findings, regular, requests)];

    private static IEnumerable<CheckWarning> Signals(CheckFindings findings, Pod? pod)
    {
        if (!EndingRule.Of(findings.Options).Processes.IsEmpty && SidecarProcesses.WhyNone(findings.Processes, findings.Supervisor, pod) is var (problem, hint))
            yield return new($"--kill would signal no process: {problem}", hint, null);
    }

    private static IEnumerable<CheckWarning> Hosts(ImmutableArray<RequestReport> requests) =>
        requests.Where(r => r.Listening == Listening.NoSuchHost).Select(r => new CheckWarning($"there is no such host: {r.What}", "", null));

    /// <summary>Sidecars that nobody ends when main has exited for good.</summary>
    private static IEnumerable<CheckWarning> Endless(Pod pod, BothPlans plans, ImmutableArray<RequestReport> requests)
    {
        var (success, failure) = (EndlessSidecar.Of(pod, plans.Success), EndlessSidecar.Of(pod, plans.Failure));
        foreach (
            var sidecar in success.Concat(failure).DistinctBy(s => s.Name)
                .Where(s => !requests.Any(r => r.Sidecar == s.Name) || !plans.Success.Asks || !plans.Failure.Asks))
        {
            var when = !failure.Any(s => s.Name == sidecar.Name)
                ? "when main succeeds"
                : !success.Any(s => s.Name == sidecar.Name)
                ? "when main fails"
                : "when main exits";
            yield return new($"{when}, nothing stops {sidecar.Name} ({sidecar.Why}), so the Pod does not complete", sidecar.Remedy, sidecar.Name);
        }

        var rivals = plans.Success.Sidecars.Where(
            s => s.Asked.Does is null && EndlessSidecar.IsLasting(pod, s.Sidecar) && !requests.Any(r => r.Sidecar == s.Name))
            .Select(s => s.Name)
            .ToArray();
        if (plans.Success.Asks && rivals.Length > requests.Count(r => r.Sidecar is null))
            yield return new(
                $"when main exits, not all of {string.Join(", ", rivals)} are asked to stop, because there are fewer requests than sidecars",
                "the Pod then never completes: ask each one to stop, or if one ends by itself, leave it out with --ignore",
                rivals[0]);
    }

    /// <summary>A sidecar that is ready listens, or the port is wrong or the endpoint is off.</summary>
    private static IEnumerable<CheckWarning> Deaf(CheckFindings findings, ImmutableArray<Sidecar> regular, ImmutableArray<RequestReport> requests)
    {
        if (findings.Main == MainNow.HasEnded || regular.IsEmpty) yield break;
        foreach (var request in requests)
        {
            if (request.Listening != Listening.No || regular.Any(s => !s.IsReady && (request.Sidecar ?? s.Name) == s.Name)) continue;
            var who = request.Sidecar is null ? "the sidecars are" : request.Sidecar + " is";
            yield return new($"nothing listens for {request.What}, although {who} ready", "is the port right, and the endpoint switched on?", request.Sidecar);
        }
    }
}
