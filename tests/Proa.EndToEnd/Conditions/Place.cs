using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Proa.EndToEnd.Conditions;

/// <summary>A port on loopback that nobody else has: somebody listens there when the test says so, and answers each request with the same status.</summary>
internal sealed class Place : IDisposable
{
    private readonly Socket _reservation;
    private readonly X509Certificate2? _certificate;
    private TcpListener? _listener;

    public Place(bool listens = true, IPAddress? address = null, bool hasTls = false)
    {
        Address = address ?? IPAddress.Loopback;
        _reservation = new(Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _reservation.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _reservation.Bind(new IPEndPoint(Address, 0));
        if (hasTls) _certificate = MakeCertificate();
        if (listens) Open();
    }

    /// <summary>What a request is answered with.</summary>
    public int Status { get; set; } = 200;

    /// <summary>What the answer has in it.</summary>
    public string Body { get; set; } = "";

    /// <summary>The heads of the requests so far.</summary>
    public ConcurrentQueue<string> Heads { get; } = [];

    public int Port => ((IPEndPoint)_reservation.LocalEndPoint!).Port;

    /// <summary>As <c>--wait-tcp</c> takes it.</summary>
    public string Endpoint => $"{(Address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Address}]" : Address)}:{Port}";

    private IPAddress Address { get; }

    public string Url(string host) => $"{(_certificate is null ? "http" : "https")}://{host}:{Port}/ready";

    public void Open()
    {
        _listener = new(Address, Port);
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start();
        _ = ServeAsync(_listener);
    }

    public void Close() => _listener?.Dispose();

    public void Dispose()
    {
        Close();
        _reservation.Dispose();
        _certificate?.Dispose();
    }

    private async Task ServeAsync(TcpListener listener)
    {
        try
        {
            while (true) _ = AnswerAsync(await listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            await using var stream = await StreamOfAsync(connection);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            var head = new StringBuilder();
            while (await reader.ReadLineAsync() is { Length: > 0 } line) head.Append(line).Append('\n');
            if (head.Length == 0) return;
            Heads.Enqueue(head.ToString());
            var answer = $"HTTP/1.1 {Status} Status\r\nLocation: {Url("localhost")}/elsewhere\r\nContent-Length: {Body.Length}\r\n\r\n{Body}";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
        }
        catch (IOException)
        {
            // Who has connected only wanted to see whether that is possible.
        }
    }

    private async Task<Stream> StreamOfAsync(TcpClient client)
    {
        if (_certificate is null) return client.GetStream();
        var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsServerAsync(_certificate);
        return stream;
    }

    /// <summary>One that nobody has signed, and not for localhost.</summary>
    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=elsewhere.example", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
