using System.Collections.Immutable;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Ending;

/// <param name="Ends">Each regular sidecar and its end, in words: <c>proxy 0, logger 143 (Error)</c>.</param>
/// <param name="Failing">The sidecars whose exit code makes the Pod Failed.</param>
/// <param name="Restarting">The sidecars that the kubelet starts again, so that the Pod does not complete.</param>
/// <param name="IsBySignal">Whether one of the failing ones was ended by SIGTERM.</param>
internal sealed record ShutdownReport(string Ends, ImmutableArray<string> Failing, ImmutableArray<string> Restarting, bool IsBySignal)
{
    /// <summary>Judges the Pod as it was last seen.</summary>
    public static ShutdownReport Of(Pod pod, string self, ImmutableArray<string> ignore)
    {
        var regular = Sidecar.Of(pod, self, ignore).Where(s => s.Kind == SidecarKind.Regular).ToImmutable();
        var failing = regular.Where(s => s.HasEnded(pod) && EndOf(s) is { ExitCode: not 0 }).ToImmutable();
        return new(
            string.Join(", ", regular.Select(End)),
            [.. failing.Select(s => s.Name)],
            [.. regular.Where(s => IsStartedAgain(pod, s)).Select(s => s.Name)],
            failing.Any(s => EndOf(s)!.ExitCode == ExitCodes.OfSignal(Signals.Terminate)));
    }

    private static bool IsStartedAgain(Pod pod, Sidecar sidecar) =>
        EndOf(sidecar) is { } end
            ? Restart.After(pod, sidecar.Container, end.ExitCode).Will
            : sidecar.Status is { State.Waiting: not null, LastState.Terminated: { } last } && Restart.After(pod, sidecar.Container, last.ExitCode).Will;

    private static TerminatedState? EndOf(Sidecar sidecar) => sidecar.Status?.State.Terminated;

    private static string End(Sidecar sidecar) =>
        sidecar.Name + " "
            + (EndOf(sidecar) is { } end ? Sidecar.Ended(end) : sidecar.Status?.State.Running is not null ? "still running" : sidecar.Describe());
}
