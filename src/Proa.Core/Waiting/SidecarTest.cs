using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Waiting;

/// <summary>A sidecar that main waits for by a test on localhost, rather than by the Pod's status.</summary>
internal sealed class SidecarTest(Sidecar sidecar, ReadyTest test, bool isReadyByProbe)
{
    /// <summary>The sidecar as it was last seen.</summary>
    public Sidecar Sidecar { get; } = sidecar;

    public ReadyTest Test { get; } = test;

    /// <summary>Whether its own readinessProbe says that it is ready, which is as good.</summary>
    public bool IsReadyByProbe { get; } = isReadyByProbe;

    /// <summary>What is waited for, in words.</summary>
    public string What => $"{Sidecar.Name} ({Test})";

    /// <param name="isBelieved">Whether the Pod's status is of the present life.</param>
    public static SidecarTest? Of(Pod pod, Sidecar sidecar, bool isBelieved) => KnownSidecars.TestOf(pod, sidecar) is { } test
        ? new(sidecar, test, isBelieved && sidecar is { IsReady: true, Container.ReadinessProbe: not null })
        : null;

    /// <summary>What is known by the last look.</summary>
    public ConditionState StateOf(Look look)
    {
        if (IsReadyByProbe || look.Readiness == Readiness.Start) return new(Readiness.Start, "", "", "");
        var hint = string.Join("; ", new[] { Sidecar.Hint(), Sidecar.Known?.Sidecar.Ready?.Hint ?? "", look.Hint }.Where(h => h.Length > 0));
        var state = Sidecar.Status?.State.Running is null ? $", {Sidecar.Describe()}" : "";
        return new(look.Readiness, $"{What} {look.Outcome}{state}", hint, hint);
    }
}
