using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Proa.PodSimulator;

/// <summary>Kestrel's socket transport, with listeners that can stop listening and start again on the same port.</summary>
internal sealed class ControllableListenerFactory : IConnectionListenerFactory
{
    private readonly List<Listener> _listeners = [];
    private readonly SocketTransportFactory _sockets = new(
        Options.Create(new SocketTransportOptions { CreateBoundListenSocket = Bind }),
        NullLoggerFactory.Instance);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (endpoint is IPEndPoint { Port: 0 } any && _listeners is [{ EndPoint: IPEndPoint first }, ..]) endpoint = new IPEndPoint(any.Address, first.Port);
        var listener = new Listener(_sockets, await _sockets.BindAsync(endpoint, cancellationToken).ConfigureAwait(false));
        _listeners.Add(listener);
        return listener;
    }

    public Task StopListeningAsync() => Task.WhenAll(_listeners.Select(listener => listener.StopAsync()));

    public Task ListenAgainAsync() => Task.WhenAll(_listeners.Select(listener => listener.StartAsync()));

    private static Socket Bind(EndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        // Connections in TIME_WAIT must not keep us from the port when we listen again.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        if (endpoint.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = false;
        socket.Bind(endpoint);
        return socket;
    }

    private sealed class Listener(SocketTransportFactory sockets, IConnectionListener first) : IConnectionListener
    {
        private readonly ChangeSignal _changed = new();
        private readonly SemaphoreSlim _switching = new(1);
        private IConnectionListener? _current = first;
        private bool _unbound;

        public EndPoint EndPoint { get; } = first.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                await _changed.WaitUntilAsync(() => _unbound || _current is not null, cancellationToken).ConfigureAwait(false);
                if (_unbound) return null;
                // Null from the inner listener means that it was stopped, by us or by Kestrel; the loop tells which.
                if (_current is { } current && await current.AcceptAsync(cancellationToken).ConfigureAwait(false) is { } connection) return connection;
            }
        }

        public async Task StopAsync()
        {
            await _switching.WaitAsync().ConfigureAwait(false);
            try
            {
                var current = _current;
                _current = null;
                if (current is not null) await current.UnbindAsync().ConfigureAwait(false);
            }
            finally
            {
                _switching.Release();
            }
        }

        public async Task StartAsync()
        {
            await _switching.WaitAsync().ConfigureAwait(false);
            try
            {
                if (!_unbound) _current ??= await sockets.BindAsync(EndPoint).ConfigureAwait(false);
            }
            finally
            {
                _switching.Release();
                _changed.Pulse();
            }
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _unbound = true;
            await StopAsync().ConfigureAwait(false);
            _changed.Pulse();
        }

        public async ValueTask DisposeAsync()
        {
            await UnbindAsync().ConfigureAwait(false);
        }
    }
}
