using System.Collections;

namespace Proa.PodSimulator;

/// <summary>Every request in the order of arrival. Safe to read while requests arrive.</summary>
public sealed class RequestLog : IReadOnlyList<ApiRequest>
{
    private readonly Lock _lock = new();
    private readonly List<ApiRequest> _requests = [];
    private readonly ChangeSignal _changed = new();

    /// <inheritdoc/>
    public int Count
    {
        get
        {
            lock (_lock) return _requests.Count;
        }
    }

    /// <inheritdoc/>
    public ApiRequest this[int index]
    {
        get
        {
            lock (_lock) return _requests[index];
        }
    }

    /// <summary>Waits for a request that matches, among those logged already and those to come. It is asked again when an answer begins and ends.</summary>
    /// <param name="predicate">May look at the status too.</param>
    /// <param name="since">Requests before this index are passed over.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ApiRequest> WaitForAsync(Func<ApiRequest, bool> predicate, int since = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        ApiRequest? found = null;
        await _changed.WaitUntilAsync(() => (found = this.Skip(since).FirstOrDefault(predicate)) is not null, cancellationToken).ConfigureAwait(false);
        return found!;
    }

    /// <inheritdoc/>
    public IEnumerator<ApiRequest> GetEnumerator()
    {
        lock (_lock) return ((IEnumerable<ApiRequest>)[.. _requests]).GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(ApiRequest request)
    {
        lock (_lock)
        {
            request.Index = _requests.Count;
            _requests.Add(request);
        }

        Changed();
    }

    internal void Changed() => _changed.Pulse();
}
