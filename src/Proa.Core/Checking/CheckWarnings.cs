using System.Collections.Immutable;
using Proa.Ending;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Checking;

/// <summary>What would go wrong though main can be started: above all a sidecar that runs on, so that the Pod never completes.</summary>
internal static class CheckWarnings
{
    /// <summary>Where the Pod is not known.</summary>
    public static ImmutableArray<string> Of(CheckFindings findings, ImmutableArray<RequestReport> requests) =>
        [.. Signals(findings, null), .. Hosts(requests)];

    /// <param name="regular">Its regular sidecars, less the ignored ones.</param>
    public static ImmutableArray<string> Of(
        CheckFindings findings, Pod pod, BothPlans plans, ImmutableArray<Sidecar> regular, ImmutableArray<RequestReport> requests) =>
        [.. Signals(findings, pod), .. Hosts(requests), .. Endless(pod, plans, regular, requests), .. Deaf(findings, regular, requests)];

    private static IEnumerable<string> Signals(CheckFindings findings, Pod? pod)
    {
        if (!EndingRule.Of(findings.Options).Processes.IsEmpty && SidecarProcesses.WhyNone(findings.Processes, findings.Supervisor, pod) is var (problem, hint))
            yield return $"--kill would signal nobody: {problem}; {hint}";
    }

    private static IEnumerable<string> Hosts(ImmutableArray<RequestReport> requests) =>
        requests.Where(r => r.Listening == Listening.NoSuchHost).Select(r => $"there is no such host: {r.What}");

    /// <summary>Sidecars that nobody ends when main has exited for good.</summary>
    private static IEnumerable<string> Endless(Pod pod, BothPlans plans, ImmutableArray<Sidecar> regular, ImmutableArray<RequestReport> requests)
    {
        ImmutableArray<Sidecar> lasting = [.. regular.Where(s => !s.HasEnded(pod) && !Restart.After(pod, s.Container, 0).Will)];
        if (lasting.IsEmpty || pod.IsEnding) yield break;
        var (success, failure) = plans;
        const string remedy = "the Pod then never completes; ask it to stop, or, if it ends by itself, leave it out with --ignore";
        if (Forsakes(success) || Forsakes(failure))
        {
            var when = !Forsakes(failure) ? "when main succeeds" : !Forsakes(success) ? "when main fails" : "when main exits";
            yield return $"{when}, nobody ends {Names(lasting)} ({(Forsakes(success) ? success : failure).Ask.Why}): {remedy}";
        }

        if (!success.Asks && !failure.Asks) yield break;
        var unasked = lasting.Where(s => !requests.Any(r => r.Sidecar == s.Name)).ToImmutableArray();
        var others = requests.Count(r => r.Sidecar is null);
        if (unasked.Length > others)
        {
            yield return others == 0
                ? $"when main exits, nobody ends {Names(unasked)} ({(requests.IsEmpty ? "no shutdown request is given" : "no request goes there")}): {remedy}"
                : $"when main exits, not all of {Names(unasked)} are asked to stop, as there are fewer requests than sidecars: {remedy}";
        }

        static bool Forsakes(ShutdownPlan plan) => plan is { Asks: false, IsForRetry: false };
    }

    /// <summary>A sidecar that is ready listens, or the port is wrong or the endpoint is off.</summary>
    private static IEnumerable<string> Deaf(CheckFindings findings, ImmutableArray<Sidecar> regular, ImmutableArray<RequestReport> requests)
    {
        if (findings.Main == MainNow.HasEnded || regular.IsEmpty) yield break;
        foreach (var request in requests)
        {
            if (request.Listening != Listening.No || regular.Any(s => !s.IsReady && (request.Sidecar ?? s.Name) == s.Name)) continue;
            var who = request.Sidecar is null ? "the sidecars are" : request.Sidecar + " is";
            yield return $"nobody listens for {request.What}, though {who} ready: is the port right, and the endpoint switched on?";
        }
    }

    private static string Names(ImmutableArray<Sidecar> sidecars) => string.Join(", ", sidecars.Select(s => s.Name));
}
