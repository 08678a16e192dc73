namespace Proa.PodSimulator;

/// <summary>What goes wrong, on demand. Rules are tried in the order they were added; the first that matches is applied.</summary>
public sealed class Faults
{
    private readonly Lock _lock = new();
    private readonly List<Fault> _rules = [];
    private readonly ControllableListenerFactory _listeners;
    private readonly Connections _connections;

    internal Faults(ControllableListenerFactory listeners, Connections connections)
    {
        _listeners = listeners;
        _connections = connections;
    }

    /// <summary>Adds a rule.</summary>
    /// <param name="action">What happens.</param>
    /// <param name="when">For which requests; null: for all. Faults of the connection come before any request and do not ask it.</param>
    /// <param name="times">How often at most; <see cref="int.MaxValue"/>: until removed.</param>
    public Fault Add(FaultAction action, Func<ApiRequest, bool>? when = null, int times = 1)
    {
        ArgumentNullException.ThrowIfNull(action);
        var fault = new Fault(action, when, times);
        lock (_lock) _rules.Add(fault);
        return fault;
    }

    /// <summary>Takes out all rules and releases what they hold up.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            foreach (var rule in _rules) rule.Dispose();
            _rules.Clear();
        }
    }

    /// <summary>Stops listening: new connections are refused, open ones live on.</summary>
    public Task RefuseConnectionsAsync() => _listeners.StopListeningAsync();

    /// <summary>Listens again, on the same port.</summary>
    public Task AcceptConnectionsAsync() => _listeners.ListenAgainAsync();

    /// <summary>Resets (RST) every open connection.</summary>
    /// <returns>How many there were.</returns>
    public int ResetConnections() => _connections.ResetAll();

    internal Fault? TakeForConnection() => Take(null);

    internal Fault? TakeForRequest(ApiRequest request) => Take(request);

    internal bool ResetConnection(string connectionId) => _connections.Reset(connectionId);

    private Fault? Take(ApiRequest? request)
    {
        Fault? taken;
        lock (_lock) taken = _rules.FirstOrDefault(rule => rule.Action.IsForConnection == (request is null) && rule.TryTake(request));
        if (taken is not null && request is not null) request.Fault = taken;
        taken?.Announce(request);
        return taken;
    }
}
