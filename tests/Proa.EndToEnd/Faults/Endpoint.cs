using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Proa.EndToEnd.Faults;

/// <summary>A sidecar's shutdown endpoint, which listens when the test says so and answers what it says.</summary>
internal sealed class Endpoint : IDisposable
{
    private readonly IPEndPoint _address;
    private TcpListener? _listener;

    public Endpoint(bool listens)
    {
        // Bound and not listening, a port is nobody else's.
        Reservation = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Reservation.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        Reservation.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _address = (IPEndPoint)Reservation.LocalEndPoint!;
        if (listens) Listen();
    }

    private Socket Reservation { get; }

    public string Url => $"http://127.0.0.1:{_address.Port}/quit";

    /// <summary>Whether somebody has connected who has not been accepted.</summary>
    public bool IsPending => _listener!.Pending();

    public void Listen()
    {
        _listener = new(_address);
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start();
    }

    public void Stop()
    {
        _listener?.Dispose();
        _listener = null;
    }

    /// <summary>The next request, which waits for its answer.</summary>
    public async Task<Exchange> AskedAsync()
    {
        var client = await _listener!.AcceptTcpClientAsync(Ordeal.Cancellation);
        var head = new StringBuilder();
        var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        while (await reader.ReadLineAsync(Ordeal.Cancellation) is { Length: > 0 } line) head.Append(line).Append('\n');
        return new(client, head.ToString());
    }

    /// <summary>The next connection.</summary>
    public async Task<TcpClient> ConnectedAsync() => await _listener!.AcceptTcpClientAsync(Ordeal.Cancellation);

    /// <summary>Answers the next request.</summary>
    /// <returns>The request's head.</returns>
    public async Task<string> AnswerAsync(int status = 200)
    {
        using var exchange = await AskedAsync();
        await exchange.AnswerAsync(status);
        return exchange.Head;
    }

    public void Dispose()
    {
        Stop();
        Reservation.Dispose();
    }
}

/// <summary>A request that has been read; disposed of without an answer, the connection is closed.</summary>
internal sealed record Exchange(TcpClient Client, string Head) : IDisposable
{
    public async Task AnswerAsync(int status) => await Client.GetStream().WriteAsync(
        Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Status\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), Ordeal.Cancellation);

    public void Dispose() => Client.Dispose();
}
