using System.Collections.Immutable;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Ending;

/// <summary>A regular sidecar that nothing stops when main has exited for good, so that the Pod does not complete.</summary>
/// <param name="Why">Why nothing does.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record EndlessSidecar(string Name, string Why, string Remedy)
{
    private const string OfUnknown =
        "stop it with --shutdown-http-post or --kill, or make it a native sidecar; if it ends by itself, leave it out with --ignore";

    /// <param name="plan">What would be done when main exits.</param>
    public static ImmutableArray<EndlessSidecar> Of(Pod pod, ShutdownPlan plan) => pod.IsEnding || plan.IsForRetry ? [] :
    [
        .. plan.Sidecars
            .Where(s => s is { IsIgnored: false, Asked.Does: false } && IsLasting(pod, s.Sidecar))
            .Select(s => new EndlessSidecar(s.Name, s.Asked.Why, s.Remedy.Length > 0 ? s.Remedy : OfUnknown)),
    ];

    /// <summary>Whether it runs for as long as nothing stops it, and keeps the Pod from completing.</summary>
    public static bool IsLasting(Pod pod, Sidecar sidecar) =>
        sidecar.Kind == SidecarKind.Regular
        && !sidecar.HasEnded(pod)
        && !Restart.After(pod, sidecar.Container, 0).Will
        && sidecar.Known is not { Sidecar.EndsAfterMain: true };
}
