using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Proa.Bench;

/// <summary>Takes shutdown requests, and notes when the first bytes of one have come.</summary>
internal sealed class Sidecar : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private TaskCompletionSource<long> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Sidecar()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        // A thread of its own: it waits in the kernel, and no pool delays it.
        new Thread(Serve) { IsBackground = true }.Start();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/quit";

    /// <summary>The time of the next request.</summary>
    public Task<long> NextAsync()
    {
        _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return _asked.Task;
    }

    private void Serve()
    {
        var buffer = new byte[4096];
        while (true)
        {
            Socket connection;
            try
            {
                connection = _listener.Accept();
            }
            catch (SocketException)
            {
                return;
            }

            using (connection)
            {
                var length = connection.Receive(buffer);
                var now = Stopwatch.GetTimestamp();
                if (length == 0) continue;
                connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8);
                connection.Shutdown(SocketShutdown.Send);
                while (connection.Receive(buffer) > 0)
                {
                }

                _asked.TrySetResult(now);
            }
        }
    }

    public void Dispose() => _listener.Dispose();
}
