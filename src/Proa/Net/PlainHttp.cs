using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Proa.Logging;

namespace Proa.Net;

/// <summary>HTTP with whoever else than the API server: no proxy, no cookies, no redirects, and a connection for each request.</summary>
internal static class PlainHttp
{
    /// <param name="connected">Is told which request has got its connection.</param>
    public static HttpClient Client(Action<HttpRequestMessage>? connected = null) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellation) =>
        {
            var stream = await TcpConnector.ConnectAsync(context, cancellation).ConfigureAwait(false);
            connected?.Invoke(context.InitialRequestMessage);
            return stream;
        },
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        SslOptions = new()
        {
            CertificateChainPolicy = new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
            // What stays in the Pod needs no CA: nobody else can listen there.
            RemoteCertificateValidationCallback = (connection, _, _, errors) =>
                errors == SslPolicyErrors.None || (connection is SslStream { TargetHostName: var host } && TcpConnector.IsLoopback(host)),
        },
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>A request that says who asks, and, where the URL has a user, as whom.</summary>
    public static HttpRequestMessage Message(HttpMethod method, Uri url)
    {
        var message = new HttpRequestMessage(method, url);
        message.Headers.UserAgent.Add(UserAgent.Value);
        message.Headers.ConnectionClose = true;
        if (url.UserInfo.Length > 0)
            message.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo))));
        return message;
    }

    /// <summary>Why a request has failed, in words.</summary>
    public static string Reason(HttpRequestException e) => e.InnerException switch
    {
        HttpIOException => "it closed the connection without an answer",
        SocketException { SocketErrorCode: SocketError.TryAgain } => "its host name cannot be looked up now",
        { } inner => Wording.WithSmallInitial(inner.Message),
        null => Wording.WithSmallInitial(e.Message),
    };
}
