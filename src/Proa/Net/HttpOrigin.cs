using System.Net.Sockets;

namespace Proa.Net;

/// <summary>A server that is asked again and again: what its last connection has left goes first.</summary>
/// <param name="url">Its scheme, host and port.</param>
/// <param name="tls">For https: whom to trust.</param>
/// <param name="serverName">The name that its certificate must have; null: the URL's host.</param>
/// <param name="connectTimeout">How long a connection may take to be made, TLS included.</param>
internal sealed class HttpOrigin(Uri url, TlsContext? tls, string? serverName, TimeSpan connectTimeout) : IDisposable
{
    private HttpConnection? _idle;
    private volatile bool _isDisposed;

    /// <summary>Sends a GET request: one that a server may have got is sent again if the connection was an older one.</summary>
    /// <exception cref="SocketException">No connection can be made.</exception>
    /// <exception cref="IOException">The connection has failed; as <see cref="EndOfStreamException"/>: the server has closed it.</exception>
    /// <exception cref="InvalidDataException">It is no response that proa understands.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, or no connection was made in time.</exception>
    public async Task<HttpResponse> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _idle, null) is { } idle)
        {
            try
            {
                if (!idle.IsStale) return await idle.SendAsync(request, Keep, cancellation).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // The server may have closed it just now.
            }

            idle.Dispose();
        }

        var connection = await ConnectAsync(cancellation).ConfigureAwait(false);
        return await connection.SendAsync(request, Keep, cancellation).ConfigureAwait(false);
    }

    /// <summary>Connects to the server of a URL.</summary>
    /// <param name="tls">Whom to trust; null: without TLS.</param>
    /// <param name="connected">Is called when the connection is made, before TLS.</param>
    public static async Task<HttpConnection> ConnectAsync(
        Uri url, TlsContext? tls, string? serverName, Action? connected, CancellationToken cancellation)
    {
        var socket = await TcpConnector.ConnectAsync(url.IdnHost, url.Port, cancellation).ConfigureAwait(false);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        connected?.Invoke();
        return new(tls is null ? stream : await TlsStream.OpenAsync(stream, tls, serverName ?? url.IdnHost, cancellation).ConfigureAwait(false), socket);
    }

    private async Task<HttpConnection> ConnectAsync(CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(connectTimeout);
        return await ConnectAsync(url, tls, serverName, connected: null, deadline.Token).ConfigureAwait(false);
    }

    private void Keep(HttpConnection connection)
    {
        Interlocked.Exchange(ref _idle, connection)?.Dispose();
        if (_isDisposed) Dispose();
    }

    public void Dispose()
    {
        _isDisposed = true;
        Interlocked.Exchange(ref _idle, null)?.Dispose();
    }
}
