using System.Collections.Immutable;
using Proa.Ending;
using Proa.Logging;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Workers;

/// <summary>Logs how the sidecars ended, or that they have not.</summary>
internal sealed class EndReport(ImmutableArray<string> ignore, Log log)
{
    public void Ended(Pod pod, string self)
    {
        var report = ShutdownReport.Of(pod, self, ignore);
        log.SidecarsEnded(report.Ends);
        if (!report.Failing.IsEmpty)
        {
            log.PodWillFail(string.Join(", ", report.Failing), report.IsBySignal
                ? "ask such a sidecar over HTTP instead of a signal, or make it exit with 0 on SIGTERM (the Cloud SQL Auth Proxy: --exit-zero-on-sigterm)"
                : "kubectl logs of such a sidecar shows why it did not exit with 0");
        }

        Restarts(report);
    }

    public void StillRun(Pod pod, string self, ShutdownPlan plan)
    {
        var awaited = Sidecar.Of(pod, self, ignore).Where(s => plan.Awaited.Contains(s.Name));
        log.SidecarsStillRun(
            string.Join(", ", awaited.Select(s => s.Status is { State.Running: not null } ? s.Name : $"{s.Name} ({s.Describe()})")),
            Duration.Format(plan.Budget),
            "does one of the shutdown requests or --kill reach them? If one ends only after main, leave it out with --ignore");
        Restarts(ShutdownReport.Of(pod, self, ignore));
    }

    private void Restarts(ShutdownReport report)
    {
        if (!report.Restarting.IsEmpty)
            log.SidecarsRestart(
                string.Join(", ", report.Restarting),
                "the Pod completes only if they are not restarted: make them native sidecars (init containers with restartPolicy Always)");
    }
}
