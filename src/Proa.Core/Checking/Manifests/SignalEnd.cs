using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Checking.Manifests;

/// <summary>What a program exits with when a signal tells it to end, by its source.</summary>
internal static class SignalEnd
{
    private const int EndpointsProxy = 1;

    private static readonly string[] _withoutHandler = ["sleep", "tail", "cat"];

    /// <returns>The code, and whether it is known; else it is that of a program that does not handle the signal.</returns>
    public static (int Code, bool IsKnown) Of(Pod pod, Container container, int signal)
    {
        var code = ExitCodes.OfSignal(signal);
        if (signal == Signals.Kill) return (code, true);
        if (signal != Signals.Terminate) return (code, StartsWithoutHandler(container));
        return KnownSidecars.Recognise(container) switch
        {
            { Sidecar: var known } when known.Signal == Signals.Terminate && known.EndsOnSignal(new(pod, container)) => (0, true),
            { Sidecar.Kind: "istio" or "vault-agent" or "consul" or "statsd-exporter" or "gcsfuse" } => (0, true),
            { Sidecar.Kind: "cloud-sql" or "alloydb" or "git-sync" } => (code, true),
            { Sidecar.Kind: "espv2" } => (EndpointsProxy, true),
            _ => (code, StartsWithoutHandler(container)),
        };
    }

    private static bool StartsWithoutHandler(Container container) =>
        container.Command is [var first, ..] && _withoutHandler.Contains(first[(first.LastIndexOf('/') + 1)..]);
}
