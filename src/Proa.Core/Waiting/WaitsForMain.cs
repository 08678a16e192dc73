using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Waiting;

/// <summary>Why a sidecar waits for main, and what to do.</summary>
internal sealed record CircularWait(string Why, string Remedy)
{
    public override string ToString() => $"{Why}: {Remedy}";
}

/// <summary>Whether a sidecar's readiness depends on main, which waits for that readiness: neither then ever starts.</summary>
internal static class WaitsForMain
{
    /// <summary>Why it seems to; null where nothing tells so.</summary>
    /// <param name="main">Our own container; null where it is not known.</param>
    public static CircularWait? Why(Sidecar sidecar, Container? main)
    {
        if (sidecar.Container.ReadinessProbe is not { } probe) return null;
        var remedy = $"leave it out of the wait with --ignore {sidecar.Name}, or start main at once with --no-wait";
        if (sidecar.Known?.Sidecar.Ready is { ProbeWaits.Length: > 0 } known) return new(known.ProbeWaits, remedy);
        return (probe.HttpGet ?? probe.TcpSocket) is { } action
            && sidecar.Container.PortOf(action) is { } port
            && main is not null
            && Array.Exists(main.Ports, p => p.Number == port)
            && !Array.Exists(sidecar.Container.Ports, p => p.Number == port)
                ? new(FormattableString.Invariant($"the readinessProbe of {sidecar.Name} asks port {port}, which belongs to main"), remedy)
                : null;
    }
}
