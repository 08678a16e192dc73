using System.Net.Sockets;
using System.Text;
using Proa.Http;
using Proa.Logging;

namespace Proa.Net;

/// <summary>HTTP with whoever else than the API server: no proxy, no cookies, no redirects, and a connection for each request.</summary>
internal static class PlainHttp
{
    // What stays in the Pod needs no CA: nobody else can listen there.
    private static readonly Lazy<TlsContext> _anyone = new(TlsContext.OfAnyone);
    private static readonly Lazy<TlsContext> _system = new(TlsContext.OfSystem);

    /// <summary>Sends a request that says who asks, and, where the URL has a user, as whom.</summary>
    /// <param name="method">GET or POST.</param>
    /// <param name="connected">Is called when the connection is made.</param>
    /// <param name="field">A field more, or null.</param>
    /// <exception cref="SocketException">No connection can be made.</exception>
    /// <exception cref="IOException">The connection has failed; as <see cref="EndOfStreamException"/>: the server has closed it.</exception>
    /// <exception cref="InvalidDataException">It is no response that proa understands.</exception>
    public static async Task<HttpResponse> SendAsync(
        string method, Uri url, (string Name, string Value)? field = null, Action? connected = null, CancellationToken cancellation = default)
    {
        var fields = new List<(string, string)> { ("User-Agent", UserAgent.Value), ("Connection", "close") };
        if (url.UserInfo.Length > 0)
            fields.Add(("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo)))));
        if (field is not null) fields.Add(field.Value);
        var request = RequestText.Write(method, url, url.PathAndQuery, [.. fields]);
        var tls = url.Scheme != Uri.UriSchemeHttps ? null : TcpConnector.IsLoopback(url.IdnHost) ? _anyone.Value : _system.Value;
        var connection = await HttpOrigin.ConnectAsync(url, tls, serverName: null, connected, cancellation).ConfigureAwait(false);
        return await connection.SendAsync(request, keep: null, cancellation).ConfigureAwait(false);
    }

    /// <summary>Why a request has failed, in words.</summary>
    public static string Reason(Exception e) => e switch
    {
        EndOfStreamException => "it closed the connection without an answer",
        SocketException { SocketErrorCode: SocketError.TryAgain } => "its host name cannot be looked up now",
        TlsException => "TLS failed: " + Wording.WithSmallInitial(e.Message),
        IOException { InnerException: SocketException socket } => Wording.WithSmallInitial(socket.Message),
        _ => Wording.WithSmallInitial(e.Message),
    };
}
