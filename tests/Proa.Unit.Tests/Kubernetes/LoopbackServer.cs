using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Proa.Unit.Tests.Kubernetes;

/// <summary>An API server that gives the answers of a list, byte for byte, each on a connection of its own.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<string> _requests = [];
    private readonly Task _served;

    public LoopbackServer(params byte[][] answers)
    {
        _listener.Start();
        Authority = _listener.LocalEndpoint.ToString()!;
        _served = ServeAsync(answers);
    }

    /// <summary>Its address: <c>127.0.0.1:12345</c>.</summary>
    public string Authority { get; }

    /// <summary>The heads of the requests so far.</summary>
    public IReadOnlyList<string> Requests => _requests;

    /// <summary>An answer with a body, and more headers.</summary>
    public static byte[] Answer(int status, string body, params string[] headers) => Answer(status, Encoding.UTF8.GetBytes(body), headers);

    /// <summary>The body ends with the connection: its length is not said.</summary>
    public static byte[] Answer(int status, byte[] body, params string[] headers) =>
        [.. Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status} Status\r\n{string.Concat(headers.Select(header => header + "\r\n"))}Connection: close\r\n\r\n"), .. body];

    private async Task ServeAsync(byte[][] answers)
    {
        foreach (var answer in answers)
        {
            using var client = await _listener.AcceptTcpClientAsync();
            var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
            var head = new StringBuilder();
            while (await reader.ReadLineAsync() is { Length: > 0 } line) head.Append(line).Append('\n');
            _requests.Add(head.ToString());
            try
            {
                await client.GetStream().WriteAsync(answer);
            }
            catch (IOException)
            {
                // Who asks has read enough.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        try
        {
            await _served;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Not all of the answers were asked for.
        }
    }
}
