using System.Collections.Immutable;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Ending;

/// <param name="Why">Why they are not asked, in words; empty if they are.</param>
/// <param name="IsForRetry">Whether they are not asked because main will be started again, which the Pod's deletion would change.</param>
/// <param name="Budget">How long asking and waiting may take together, in a Pod that is not ending: see <see cref="ShutdownBudget"/>.</param>
internal sealed record ShutdownPlan(bool Ask, string Why, bool IsForRetry, ImmutableArray<string> Awaited, TimeSpan Budget)
{
    /// <summary>
    /// Decides by the Pod as it is now and main's exit code. Sidecars stay where the kubelet will start main again, or the retry
    /// would wait for ever for sidecars that have completed. Native sidecars are neither asked for nor awaited: the kubelet ends
    /// them after us.
    /// </summary>
    /// <param name="exitCode">What proa will exit with.</param>
    public static ShutdownPlan Decide(Pod? pod, string? self, int exitCode, Options options)
    {
        var budget = ShutdownBudget.Of(pod, options.ShutdownTimeout);
        if (WhyNotAsk(pod, self, exitCode, options) is var (why, isForRetry)) return new(false, why, isForRetry, [], budget);

        var waits = pod is not null && self is not null && !IsEnding(pod) && budget > TimeSpan.Zero && options.EndsSidecars;
        return new(true, "", false, waits ? [.. Sidecar.Of(pod!, self!, options).Where(s => CanEnd(pod!, s)).Select(s => s.Name)] : [], budget);
    }

    private static (string Why, bool IsForRetry)? WhyNotAsk(Pod? pod, string? self, int exitCode, Options options)
    {
        switch (options.ShutdownWhen)
        {
            case ShutdownWhen.Always: return null;
            case ShutdownWhen.Never: return ("--shutdown-when never", false);
            case ShutdownWhen.Success: return exitCode == 0 ? null : ($"--shutdown-when success, and the exit code is {exitCode}", false);
            case ShutdownWhen.Auto: break;
        }

        if (pod?.Spec.Containers.FirstOrDefault(c => c.Name == self) is not { } own) return null;
        // One manifest then serves sidecars of either kind.
        if (pod.Spec.Containers.Length == 1 && Sidecar.Of(pod, own.Name, options).Any(s => s.Kind == SidecarKind.Native))
            return ("they are native, and the kubelet ends them", false);
        return Restarts.WillRestart(pod, own, exitCode)
            ? ($"the kubelet will start {own.Name} again ({Restarts.Why(pod, own, exitCode)})", true)
            : null;
    }

    /// <summary>The kubelet has told every container to end, and kills us if we stay.</summary>
    private static bool IsEnding(Pod pod) => pod.IsEnding || pod.IsOver;

    /// <summary>
    /// A regular sidecar that the kubelet leaves alone at least when it ends well, and that has not ended for good: one that waits to be
    /// started, for the first time or again, is going to run.
    /// </summary>
    private static bool CanEnd(Pod pod, Sidecar sidecar) =>
        sidecar.Kind == SidecarKind.Regular && !Restarts.WillRestart(pod, sidecar.Container, 0) && !sidecar.HasEnded(pod);
}
