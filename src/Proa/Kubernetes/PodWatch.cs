using Proa.Identity;
using Proa.Logging;
using Proa.Pods;
using Proa.Watching;

namespace Proa.Kubernetes;

/// <summary>
/// Our Pod's states, one after the other, for as long as they are read; each stands for itself. <see cref="WatchStep"/> decides:
/// here it is asked, read and waited.
/// </summary>
internal sealed class PodWatch(ApiClient api, PodIdentity identity, TimeProvider time, Log log) : IDisposable
{
    private readonly long _begunAt = time.GetTimestamp();
    private WatchState _state = WatchState.Of(identity);
    private TimeSpan _delay;
    private OpenWatch? _open;

    /// <summary>Why there is no state, in words; empty if there is.</summary>
    public string Problem => _state.Health.Problem;

    /// <summary>How the last step failed; null if it did not.</summary>
    public ApiFailure? Failure { get; private set; }

    /// <summary>
    /// One step: the Pod now, and then whenever it has changed; null where the step gave nothing, after the delay that is due. A Pod
    /// that is gone is given once more, as one that is being deleted.
    /// </summary>
    /// <exception cref="CannotRunException">The API server refuses, and has for 30 s.</exception>
    public async Task<Pod?> NextAsync(CancellationToken cancellation)
    {
        await WaitAsync(cancellation).ConfigureAwait(false);
        var outcome = await AskAsync(cancellation).ConfigureAwait(false);
        var step = WatchStep.After(_state, outcome, time.GetElapsedTime(_begunAt), Random.Shared.NextDouble());
        (_state, _delay, Failure) = (step.State, step.Delay, outcome.Failure);
        if (_state.Place.Phase != WatchPhase.Read) Dispose();
        Say(step);
        if (step.Pod is null) await WaitAsync(cancellation).ConfigureAwait(false);
        return step.Pod;
    }

    private async Task<WatchOutcome> AskAsync(CancellationToken cancellation)
    {
        var (name, from) = (_state.Pod.Name, _state.Pod.From);
        try
        {
            return _state.Place.Phase switch
            {
                WatchPhase.Get or WatchPhase.Look => WatchOutcome.Of(await api.GetPodAsync(identity.Namespace, name, cancellation).ConfigureAwait(false)),
                WatchPhase.Open => Opened(await api.WatchPodAsync(identity.Namespace, name, from, cancellation).ConfigureAwait(false)),
                WatchPhase.Read => WatchOutcome.Of(await api.AttemptAsync(() => _open!.NextAsync(), cancellation).ConfigureAwait(false)),
            };
        }
        catch (ApiException e)
        {
            return WatchOutcome.Of(e.Failure);
        }
    }

    private WatchOutcome Opened(OpenWatch open)
    {
        _open = open;
        return WatchOutcome.Opened;
    }

    private void Say(WatchStep step)
    {
        switch (step.News)
        {
            case WatchNews.None: break;
            case WatchNews.Problem:
                log.ApiProblem(step.Failure!.Message);
                break;
            case WatchNews.Looks:
                log.Polling(step.Failure!.Message, WatchStep.LookInterval.TotalSeconds, AccessHint.Role(identity));
                break;
            case WatchNews.GivesUp:
                var cause = step.Failure!;
                throw new CannotRunException("cannot watch the Pod: " + cause.Message, AccessHint.For(cause, identity, api.TrustHint))
                {
                    IsWithoutAccess = cause.IsOfAccess,
                };
        }
    }

    private async Task WaitAsync(CancellationToken cancellation)
    {
        if (_delay > TimeSpan.Zero) await Task.Delay(_delay, time, cancellation).ConfigureAwait(false);
        _delay = TimeSpan.Zero;
    }

    public void Dispose()
    {
        _open?.Dispose();
        _open = null;
    }
}
