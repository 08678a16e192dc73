using System.Net;
using System.Net.Sockets;

namespace Proa.Bench;

/// <summary>Passes TCP connections on and counts them and their bytes, as they are on the wire: TLS and all.</summary>
internal sealed class Relay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private long _up;
    private long _down;
    private int _connections;

    public Relay(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public (int Connections, long Up, long Down) Counts => (Volatile.Read(ref _connections), Interlocked.Read(ref _up), Interlocked.Read(ref _down));

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = PassAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task PassAsync(Socket client)
    {
        Interlocked.Increment(ref _connections);
        using (client)
        using (var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAll(CopyAsync(client, server, n => Interlocked.Add(ref _up, n)), CopyAsync(server, client, n => Interlocked.Add(ref _down, n)));
        }
    }

    private static async Task CopyAsync(Socket from, Socket to, Action<int> count)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int length; (length = await from.ReceiveAsync(buffer)) > 0;)
            {
                count(length);
                await to.SendAsync(buffer.AsMemory(0, length));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            to.Close();
        }
    }

    public void Dispose() => _listener.Dispose();
}
