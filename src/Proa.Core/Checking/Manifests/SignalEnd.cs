using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Checking.Manifests;

/// <summary>What a program exits with when a signal tells it to end, by its source.</summary>
internal static class SignalEnd
{
    private static readonly string[] _withoutHandler = ["sleep", "tail", "cat"];

    /// <returns>The code, and whether it is known; else it is that of a program that does not handle the signal.</returns>
    public static (int Code, bool IsKnown) Of(Pod pod, Container container, int signal)
    {
        var code = ExitCodes.OfSignal(signal);
        if (signal == Signals.Kill) return (code, true);
        if (signal != Signals.Terminate) return (code, StartsWithoutHandler(container));
        var known = KnownSidecars.Recognise(container)?.Sidecar;
        if (known is { Signal: Signals.Terminate } && known.EndsOnSignal(new(pod, container))) return (0, true);
        return known?.TerminateCode is { } own ? (own, true) : (code, StartsWithoutHandler(container));
    }

    private static bool StartsWithoutHandler(Container container) =>
        container.Command is [var first, ..] && _withoutHandler.Contains(FileName.Of(first));
}
