namespace Proa.PodSimulator;

/// <summary>One rule of <see cref="Faults"/>: disposing it takes it out and releases what it holds up.</summary>
public sealed class Fault : IDisposable
{
    private readonly TaskCompletionSource<ApiRequest?> _hit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChangeSignal _changed = new();
    private readonly Func<ApiRequest, bool>? _when;
    private int _left;
    private int _hits;

    internal Fault(FaultAction action, Func<ApiRequest, bool>? when, int times)
    {
        Action = action;
        _when = when;
        _left = times;
    }

    /// <summary>What it does.</summary>
    public FaultAction Action { get; }

    /// <summary>Completes at the first hit, with the request (null for a fault of the connection).</summary>
    public Task<ApiRequest?> Hit => _hit.Task;

    /// <summary>How often it was applied.</summary>
    public int Hits => Volatile.Read(ref _hits);

    internal Task Released => _released.Task;

    /// <summary>Waits until it has been applied that often.</summary>
    public Task WaitForHitsAsync(int hits, CancellationToken cancellationToken = default) => _changed.WaitUntilAsync(() => Hits >= hits, cancellationToken);

    /// <summary>Lets go on what it holds up, now and later.</summary>
    public void Release() => _released.TrySetResult();

    /// <summary>Is not applied any more. What it holds up stays so.</summary>
    public void Remove() => Volatile.Write(ref _left, 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        Remove();
        Release();
    }

    // Called under the lock of Faults.
    internal bool TryTake(ApiRequest? request)
    {
        if (_left <= 0 || (request is not null && _when is not null && !_when(request))) return false;
        if (_left != int.MaxValue) _left--;
        Interlocked.Increment(ref _hits);
        return true;
    }

    internal void Announce(ApiRequest? request)
    {
        _hit.TrySetResult(request);
        _changed.Pulse();
    }
}
