using Proa.Identity;
using Proa.Kubernetes;
using Proa.Logging;
using Proa.Pods;
using Proa.Watching;

namespace Proa.Workers;

/// <summary>The Pod as it was last seen, by the worker "wait" or since: the API server is asked only when its state now is wanted.</summary>
internal sealed class PodView(Handover? handover, Options options, TimeProvider time, Log log) : IDisposable
{
    private PodConnection? _session;
    private PodWatch? _watch;
    private bool _looksSingly;

    /// <summary>What is known, or null.</summary>
    public Handover? Known { get; private set; } = handover;

    /// <summary>Why there is no newer state; null if there is.</summary>
    public ApiFailure? Failure => _watch?.Failure;

    /// <summary>One step of the watch, see <see cref="PodWatch.NextAsync"/>: a state is known from then on.</summary>
    /// <exception cref="CannotRunException">There is no API server to ask, or it refuses.</exception>
    public async Task<Pod?> NextAsync(CancellationToken cancellation)
    {
        _session ??= new PodConnection(options, time);
        _watch ??= new PodWatch(_session.Api, _session.Identity, time, log);
        if (await _watch.NextAsync(cancellation).ConfigureAwait(false) is not { } pod) return null;
        Known = new(_session.Identity, Known?.Container ?? _session.Container.Decide(pod, out _), pod);
        if (_looksSingly) Close();
        return pod;
    }

    /// <summary>From now on each state is asked for on a connection of its own, which is closed at once: there is no watch.</summary>
    public void LookSingly()
    {
        _looksSingly = true;
        Close();
    }

    /// <summary>Closes the connections to the API server; the next step begins anew.</summary>
    public void Close()
    {
        _watch?.Dispose();
        _session?.Dispose();
        (_watch, _session) = (null, null);
    }

    public void Dispose() => Close();
}
