using Microsoft.Extensions.Logging;
using Proa.Identity;
using Proa.Logging;
using Proa.Pods;
using Proa.Watching;

namespace Proa.Kubernetes;

/// <summary>
/// Our Pod's states, one after the other, for as long as they are read: get it, watch it from there, and begin again where the
/// watch cannot go on (Kubernetes API Concepts, "Efficient detection of changes"). Each state stands for itself.
/// </summary>
internal sealed class PodWatch(ApiClient api, PodIdentity identity, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan _pollInterval = TimeSpan.FromSeconds(1.5);
    private const int PollsBetweenWatches = 40;
    private static readonly TimeSpan _shortWatch = TimeSpan.FromSeconds(1);

    private readonly Patience _patience = new();
    private int _nameIndex;
    private string _uid = identity.Uid;
    private string? _resourceVersion;
    private OpenWatch? _open;
    private readonly long _begunAt = time.GetTimestamp();
    private long _openedAt;
    private int? _pollsLeft;
    private bool _hasWatched;
    private bool _isRefused;
    private ApiFailure? _gone;
    private bool _isTooOld;
    private string _lastLogged = "";

    private string Name => identity.Names[_nameIndex];

    /// <summary>Why there is no state, in words; empty if there is.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>
    /// One step: the Pod now, and then whenever it has changed; null where the step gave nothing, after the delay that is due. A Pod
    /// that is gone is given once more, as one that is being deleted.
    /// </summary>
    /// <exception cref="CannotRunException">The API server refuses, and has for 30 s.</exception>
    public async Task<Pod?> NextAsync(CancellationToken cancellation)
    {
        try
        {
            if (_resourceVersion is null || _pollsLeft > 0) return await GetAsync(cancellation).ConfigureAwait(false);
            _open ??= await OpenAsync(cancellation).ConfigureAwait(false);
            return await ReadAsync(cancellation).ConfigureAwait(false);
        }
        catch (ApiException e)
        {
            await RecoverAsync(e.Failure, cancellation).ConfigureAwait(false);
            return null;
        }
    }

    private async Task<Pod?> GetAsync(CancellationToken cancellation)
    {
        if (_pollsLeft > 0)
        {
            await Task.Delay(_pollInterval, time, cancellation).ConfigureAwait(false);
            _pollsLeft--;
        }

        var pod = await api.GetPodAsync(identity.Namespace, Name, cancellation).ConfigureAwait(false);
        if (!IsOurs(pod)) throw new ApiException(ApiFailure.OfAnotherPod(pod, _uid));
        return Seen(pod);
    }

    private async Task<OpenWatch> OpenAsync(CancellationToken cancellation)
    {
        _openedAt = time.GetTimestamp();
        // Without a version the watch begins with the Pod as it is: its own version may be older than what the server remembers,
        // for a Pod may not change for hours.
        var open = await api.WatchPodAsync(identity.Namespace, Name, _isTooOld ? null : _resourceVersion, cancellation).ConfigureAwait(false);
        (_hasWatched, _isRefused) = (true, false);
        return open;
    }

    private async Task<Pod?> ReadAsync(CancellationToken cancellation)
    {
        var next = await api.AttemptAsync(() => _open!.NextAsync(), cancellation).ConfigureAwait(false);
        switch (next)
        {
            case null: // the server has ended it, as it does after a while
                if (!HasLasted()) throw new ApiException(new(ApiFailureKind.Transient, "the API server ends the watch at once"));
                Recovered();
                Close();
                return null;
            case { Kind: WatchEventKind.Bookmark }:
                _isTooOld = false;
                Seen(next.ResourceVersion);
                return null;
            case { Kind: WatchEventKind.Changed, Pod: { } pod } when IsOurs(pod): return Seen(pod);
            case { Kind: WatchEventKind.Deleted, Pod: { } pod } when IsOurs(pod):
                Seen(pod);
                _resourceVersion = null;
                Close();
                return pod.IsBeingDeleted ? pod : pod with { Metadata = pod.Metadata with { DeletionTimestamp = "gone" } };
            case { Kind: WatchEventKind.Changed or WatchEventKind.Deleted }: // another Pod of the same name
                Seen(next.ResourceVersion);
                return null;
            case { Kind: WatchEventKind.Error, Status: { } status }:
                throw new ApiException(ApiFailure.OfStatus(status.Code, status.Message, status.RetryAfter));
            default:
                _resourceVersion = null;
                throw new ApiException(new(ApiFailureKind.Transient, "the API server sent what is no watch event"));
        }
    }

    private bool IsOurs(Pod pod) => _uid.Length == 0 || pod.Metadata.Uid == _uid;

    private Pod Seen(Pod pod)
    {
        _uid = pod.Metadata.Uid;
        Seen(pod.Metadata.ResourceVersion);
        return pod;
    }

    private void Seen(string resourceVersion)
    {
        if (resourceVersion.Length > 0) _resourceVersion = resourceVersion;
        _patience.Answered();
        (Problem, _gone) = ("", null);
        // A watch that breaks off as soon as it has begun is a problem that goes on, however often it begins.
        if (_pollsLeft > 0 || HasLasted()) Recovered();
    }

    private bool HasLasted() => _open is not null && time.GetElapsedTime(_openedAt) >= _shortWatch;

    private void Recovered()
    {
        _patience.Succeeded();
        _lastLogged = "";
    }

    private async Task RecoverAsync(ApiFailure failure, CancellationToken cancellation)
    {
        var watchWasRefused = failure.Kind == ApiFailureKind.Forbidden && _resourceVersion is not null && _pollsLeft is null or 0;
        Close();
        if (failure.Kind == ApiFailureKind.NotFound && _nameIndex + 1 < identity.Names.Length && _resourceVersion is null)
        {
            _nameIndex++;
            return;
        }

        var next = _patience.Failed(failure, time.GetElapsedTime(_begunAt), Random.Shared.NextDouble());
        // A server that has just started refuses what it will allow: once is not enough, and where it was allowed before, a while is not.
        if (watchWasRefused && (_hasWatched ? next.GiveUp : _isRefused || _pollsLeft is 0))
        {
            // Getting is allowed, or there would be no resourceVersion. Somebody may mend the Role meanwhile.
            if (_pollsLeft is null) log.Polling(failure.Message, _pollInterval.TotalSeconds, AccessHint.Role(identity));
            (_pollsLeft, _hasWatched) = (PollsBetweenWatches, false);
            return;
        }

        _isRefused = watchWasRefused;
        if (next.StartOver) _resourceVersion = null;
        if (failure.Kind == ApiFailureKind.NotFound) _gone = failure;
        if (next.GiveUp)
        {
            // A Pod's token ends soon after the Pod.
            var cause = failure.Kind == ApiFailureKind.Unauthorized ? _gone ?? failure : failure;
            throw new CannotRunException("cannot watch the Pod: " + cause.Message, AccessHint.For(cause, identity, api.TrustHint));
        }

        if (failure.Kind == ApiFailureKind.Expired) _isTooOld = true;
        else if (failure.Message != _lastLogged && (_hasWatched || !watchWasRefused)) log.ApiProblem(failure.Message);
        _lastLogged = Problem = failure.Message;
        await Task.Delay(next.Delay, time, cancellation).ConfigureAwait(false);
    }

    private void Close()
    {
        _open?.Dispose();
        _open = null;
    }

    public void Dispose() => Close();
}
