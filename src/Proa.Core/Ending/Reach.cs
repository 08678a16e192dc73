using System.Collections.Immutable;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Ending;

/// <summary>
/// Which sidecar a request ends. A URL names no container: the ports tell that the sidecars declare, that their probes ask, and that the
/// known ones have.
/// </summary>
/// <param name="Sidecar">Its name; null where that is not known.</param>
/// <param name="Why">Why it is that one, or why it is not known.</param>
internal sealed record Reach(string? Sidecar, string Why)
{
    private const string CannotTell = "proa cannot tell which sidecar it reaches: ";

    /// <param name="sidecars">Those that could be meant: regular ones that are not ignored.</param>
    public static Reach Of(ShutdownRequest request, Pod pod, ImmutableArray<Sidecar> sidecars)
    {
        if (sidecars.IsEmpty) return new(null, "there is no regular sidecar to reach");
        if (!request.Url.IsLoopback) return new(null, CannotTell + request.Url.Host + " is not localhost");
        var port = FormattableString.Invariant($"port {request.Url.Port}");
        List<Reach> found = [];
        foreach (var sidecar in sidecars)
        {
            if (WhyListens(pod, sidecar.Container, request.Url.Port) is not { Length: > 0 } why) continue;
            found.Add(new(sidecar.Name, why));
        }

        return found switch
        {
            [var only] => only,
            [] => new(null, CannotTell + "no sidecar declares " + port),
            _ => new(null, $"{CannotTell}{port} may belong to {string.Join(" or ", found.Select(f => f.Sidecar))}"),
        };
    }

    /// <summary>The native sidecar whose endpoint this is known to be, or null: ended by us, the kubelet would start it again.</summary>
    public static string? NativeAt(ShutdownRequest request, Pod pod, IEnumerable<Sidecar> sidecars) => !request.Url.IsLoopback ? null :
        sidecars.FirstOrDefault(s => s.Kind == SidecarKind.Native && IsKnownPort(pod, s.Container, request.Url.Port))?.Name;

    /// <summary>Why the container listens at this port; empty where nothing tells that it does.</summary>
    private static string WhyListens(Pod pod, Container container, int port)
    {
        if (container.Ports.Any(p => p.Number == port)) return "it declares the port";
        if (Probes(container).Any(p => container.PortOf(p) == port)) return "its probe uses this port";
        return IsKnownPort(pod, container, port) ? "it is its default port" : "";
    }

    private static bool IsKnownPort(Pod pod, Container container, int port) =>
        KnownSidecars.Recognise(container)?.Sidecar.Quit?.PortIn(new(pod, container)) == port;

    private static IEnumerable<ProbeAction> Probes(Container container) =>
        new[] { container.ReadinessProbe, container.StartupProbe }.SelectMany(p => new[] { p?.HttpGet, p?.TcpSocket }).OfType<ProbeAction>();
}
