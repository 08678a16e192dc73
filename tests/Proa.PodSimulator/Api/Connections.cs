using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Proa.PodSimulator;

/// <summary>The open TCP connections: counts them, applies faults before and during TLS, resets them.</summary>
internal sealed class Connections
{
    private readonly ConcurrentDictionary<string, Socket> _open = new(StringComparer.Ordinal);
    private readonly ChangeSignal _changed = new();
    private int _accepted;

    public Func<Fault?> NextFault { get; set; } = () => null;

    public int Open => _open.Count;

    public int Accepted => Volatile.Read(ref _accepted);

    public Task WaitForOpenAsync(Func<int, bool> predicate, CancellationToken cancellationToken) =>
        _changed.WaitUntilAsync(() => predicate(Open), cancellationToken);

    public Task WaitForAcceptedAsync(int count, CancellationToken cancellationToken) => _changed.WaitUntilAsync(() => Accepted >= count, cancellationToken);

    /// <summary>Runs in front of TLS for the whole life of a connection.</summary>
    public async Task RunAsync(ConnectionContext connection, Func<Task> next)
    {
        var socket = connection.Features.Get<IConnectionSocketFeature>()!.Socket;
        socket.NoDelay = true;
        _open[connection.ConnectionId] = socket;
        Interlocked.Increment(ref _accepted);
        _changed.Pulse();
        try
        {
            if (NextFault() is { } fault)
            {
                if (fault.Action.Kind == FaultKind.ResetOnAccept)
                {
                    Reset(socket);
                    return;
                }

                await StallAsync(connection, fault).ConfigureAwait(false);
                if (connection.ConnectionClosed.IsCancellationRequested) return;
            }

            await next().ConfigureAwait(false);
        }
        finally
        {
            _open.TryRemove(connection.ConnectionId, out _);
            _changed.Pulse();
        }
    }

    public bool Reset(string connectionId)
    {
        if (!_open.TryGetValue(connectionId, out var socket)) return false;
        Reset(socket);
        return true;
    }

    public int ResetAll() => _open.Keys.Count(Reset);

    private static async Task StallAsync(ConnectionContext connection, Fault fault)
    {
        if (fault.Action.Kind == FaultKind.StallDuringTls)
        {
            // Wait for the hello without taking it: TLS reads it after the release.
            var hello = await connection.Transport.Input.ReadAsync().ConfigureAwait(false);
            connection.Transport.Input.AdvanceTo(hello.Buffer.Start);
            if (hello.IsCompleted) return;
        }

        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = connection.ConnectionClosed.Register(closed.SetResult).ConfigureAwait(false);
        await Task.WhenAny(fault.Released, closed.Task).ConfigureAwait(false);
    }

    private static void Reset(Socket socket)
    {
        try
        {
            // Closing with a linger time of zero sends RST in place of FIN.
            socket.LingerState = new LingerOption(true, 0);
            socket.Close(0);
        }
        catch (Exception error) when (error is ObjectDisposedException or SocketException)
        {
            // It has closed by itself, which is as good.
        }
    }
}
