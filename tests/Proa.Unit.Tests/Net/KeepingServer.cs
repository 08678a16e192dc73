using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Proa.Tests.Http;

namespace Proa.Unit.Tests.Net;

/// <summary>A server that gives the answers of a list, byte for byte, to whatever is asked on any connection, and keeps it. Null: it closes it.</summary>
internal sealed class KeepingServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Connection> _connections = [];
    private readonly Queue<string?> _answers;
    private readonly Task _served;
    private int _requests;

    public KeepingServer(params string?[] answers)
    {
        _answers = new(answers);
        _listener.Start();
        Url = new($"http://{_listener.LocalEndpoint}/");
        _served = ServeAsync();
    }

    public Uri Url { get; }

    /// <summary>How many there have been.</summary>
    public int Connections
    {
        get { lock (_connections) return _connections.Count; }
    }

    /// <summary>How many there have been.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Says something that was not asked for, which has arrived when this returns.</summary>
    public Task SayAsync(int connection, string text) => this[connection].SendAsync(text);

    /// <summary>Closes its side, which is known on the other one when this returns.</summary>
    public Task CloseAsync(int connection) => this[connection].CloseAsync();

    /// <summary>Waits until the other side has closed it.</summary>
    public Task ClosedAsync(int connection) => this[connection].Served;

    private Connection this[int connection]
    {
        get { lock (_connections) return _connections[connection]; }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var connection = new Connection(await _listener.AcceptSocketAsync());
                lock (_connections) _connections.Add(connection);
                connection.Serve(NextAnswer);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed.
        }
    }

    private string? NextAnswer()
    {
        Interlocked.Increment(ref _requests);
        lock (_answers) return _answers.Dequeue();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _served;
        foreach (var connection in _connections) await connection.DisposeAsync();
    }

    private sealed class Connection(Socket socket) : IAsyncDisposable
    {
        private const int Tcp = 6;
        private const int TcpInfo = 11;
        private const int Unacknowledged = 24; // tcpi_unacked

        public Task Served { get; private set; } = Task.CompletedTask;

        public void Serve(Func<string?> next) => Served = ServeAsync(next);

        private async Task ServeAsync(Func<string?> next)
        {
            try
            {
                var reader = new StreamReader(new NetworkStream(socket), Encoding.ASCII);
                while (await reader.ReadLineAsync() is { } line)
                {
                    if (line.Length > 0) continue;
                    if (next() is { } answer) await socket.SendAsync(RawResponses.Bytes(answer));
                    else socket.Shutdown(SocketShutdown.Both);
                }
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                // The other side has left something unread.
            }
        }

        public async Task SendAsync(string text)
        {
            await socket.SendAsync(RawResponses.Bytes(text));
            await ArrivedAsync();
        }

        public Task CloseAsync()
        {
            socket.Shutdown(SocketShutdown.Send);
            return ArrivedAsync();
        }

        private async Task ArrivedAsync()
        {
            var info = new byte[Unacknowledged + sizeof(int)];
            do
            {
                await Task.Delay(1);
                socket.GetRawSocketOption(Tcp, TcpInfo, info);
            }
            while (BinaryPrimitives.ReadInt32LittleEndian(info.AsSpan(Unacknowledged)) > 0);
        }

        public async ValueTask DisposeAsync()
        {
            socket.Dispose();
            await Served;
        }
    }
}
