using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Proa.Logging;
using Proa.Net;
using Proa.Pods;
using Proa.Watching;

namespace Proa.Kubernetes;

/// <summary>The two requests that proa makes of the API server: get one Pod, and watch it.</summary>
internal sealed class ApiClient : IDisposable
{
    /// <summary>How long the server is asked to keep a watch open.</summary>
    public static readonly TimeSpan WatchDuration = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan _watchMargin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _answerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _connectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _credentialAge = TimeSpan.FromMinutes(1);
    private const int LargestBody = LineSplitter.LongestEvent;
    private const int FirstBody = 16 * 1024;

    private readonly ClusterAccess _access;
    private readonly TimeProvider _time;
    private HttpClient _http;
    private ServerTrust _trust;
    private byte[]? _token;
    private byte[]? _authority;
    private long _credentialsReadAt;

    /// <exception cref="CannotRunException">The credentials cannot be read.</exception>
    public ApiClient(ClusterAccess access, TimeProvider time)
    {
        _access = access;
        _time = time;
        ReadCredentials();
        (_http, _trust) = Connect();
    }

    /// <summary>The token that requests are made with, or null.</summary>
    public string? Token => _token is null ? null : Encoding.ASCII.GetString(_token).Trim();

    /// <summary>What to do about a certificate that was not trusted.</summary>
    public string TrustHint { get; private set; } = "";

    /// <exception cref="ApiException">It fails.</exception>
    public async Task<Pod> GetPodAsync(string podNamespace, string name, CancellationToken cancellation)
    {
        using var deadline = Deadline(_answerTimeout, cancellation);
        var path = $"/api/v1/namespaces/{Uri.EscapeDataString(podNamespace)}/pods/{Uri.EscapeDataString(name)}";
        return await AttemptAsync(
            async () =>
            {
                using var response = await SendAsync(path, deadline.Token).ConfigureAwait(false);
                var body = await BodyAsync(response, deadline.Token).ConfigureAwait(false);
                return PodReader.TryReadPod(body.Span, out var pod) && pod.Metadata.Name.Length > 0
                    ? pod
                    : throw new ApiException(new(ApiFailureKind.Transient, "the API server's answer is not a Pod, or takes too much memory"));
            },
            cancellation).ConfigureAwait(false);
    }

    /// <exception cref="ApiException">It fails.</exception>
    public async Task<OpenWatch> WatchPodAsync(string podNamespace, string name, string? resourceVersion, CancellationToken cancellation)
    {
        var path = $"/api/v1/namespaces/{Uri.EscapeDataString(podNamespace)}/pods?watch=1&allowWatchBookmarks=true"
            + $"&fieldSelector=metadata.name%3D{Uri.EscapeDataString(name)}"
            + (resourceVersion is null ? "" : "&resourceVersion=" + Uri.EscapeDataString(resourceVersion))
            + $"&timeoutSeconds={(int)WatchDuration.TotalSeconds}";
        using var answer = Deadline(_answerTimeout, cancellation);
        return await AttemptAsync(
            async () =>
            {
                var response = await SendAsync(path, answer.Token).ConfigureAwait(false);
                var stream = await response.Content.ReadAsStreamAsync(answer.Token).ConfigureAwait(false);
                return new OpenWatch(response, stream, Deadline(WatchDuration + _watchMargin, cancellation));
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Turns every way in which a request can fail into an <see cref="ApiException"/>.</summary>
    public async Task<T> AttemptAsync<T>(Func<Task<T>> request, CancellationToken cancellation)
    {
        try
        {
            return await request().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ApiException(new(ApiFailureKind.Transient, $"the API server {_access.Server.Authority} does not answer") { IsUnreachable = true });
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or SocketException)
        {
            throw new ApiException(Explain(e));
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string path, CancellationToken cancellation)
    {
        if (_time.GetElapsedTime(_credentialsReadAt) > _credentialAge) RenewCredentials();
        var response = await SendOnceAsync(path, cancellation).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.Unauthorized && RenewCredentials())
        {
            response.Dispose();
            response = await SendOnceAsync(path, cancellation).ConfigureAwait(false);
        }

        if (response.StatusCode == HttpStatusCode.OK) return response;
        using (response) throw new ApiException(await RefusalAsync(response, cancellation).ConfigureAwait(false));
    }

    private async Task<HttpResponseMessage> SendOnceAsync(string path, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_access.Server, _access.Server.AbsolutePath.TrimEnd('/') + path));
        request.Headers.Accept.Add(new("application/json"));
        request.Headers.UserAgent.Add(UserAgent.Value);
        if (Token is { Length: > 0 } token) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
    }

    private async Task<ApiFailure> RefusalAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var body = await BodyAsync(response, cancellation).ConfigureAwait(false);
        PodReader.TryReadStatus(body.Span, out var status);
        return ApiFailure.OfStatus((int)response.StatusCode, status?.Message, Wanted(response.Headers.RetryAfter) ?? status?.RetryAfter);
    }

    /// <summary>Retry-After is a delay or, from some proxies, a date (RFC 9110).</summary>
    private TimeSpan? Wanted(RetryConditionHeaderValue? header) => header?.Delta ?? header?.Date - _time.GetUtcNow();

    private static async Task<ReadOnlyMemory<byte>> BodyAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var body = new byte[Math.Clamp(response.Content.Headers.ContentLength + 1 ?? FirstBody, 1, LargestBody + 1)];
        var length = 0;
        // One byte more than fits tells the end from an answer that goes on.
        for (int read; (read = await stream.ReadAsync(body.AsMemory(length), cancellation).ConfigureAwait(false)) > 0;)
        {
            length += read;
            if (length > LargestBody) throw new InvalidDataException($"the API server's answer is longer than {LargestBody} bytes");
            if (length == body.Length) Array.Resize(ref body, Math.Min(2 * length, LargestBody + 1));
        }

        return body.AsMemory(0, length);
    }

    private ApiFailure Explain(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is AuthenticationException && _trust.Refusal is var (problem, hint))
            {
                TrustHint = hint;
                // The CA may have been replaced along with the server's certificate.
                RenewCredentials();
                return new(ApiFailureKind.Untrusted, $"the API server's certificate is not trusted: {problem}");
            }

            if (inner is HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded })
                return new(ApiFailureKind.Transient, $"the API server {_access.Server.Authority} closed the connection");

            if (inner is SocketException socket)
            {
                return new(
                    ApiFailureKind.Transient,
                    $"cannot reach the API server {_access.Server.Authority}: {Wording.WithSmallInitial(new SocketException(socket.ErrorCode).Message)}")
                {
                    // Whoever resets a connection has accepted it.
                    IsUnreachable = socket.SocketErrorCode is not (SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown),
                };
            }
        }

        return new(
            ApiFailureKind.Transient,
            $"the API server {_access.Server.Authority} broke the connection: {Wording.WithSmallInitial(e.InnerException?.Message ?? e.Message)}");
    }

    /// <summary>Reads the token and the CA again. True if one of them has changed; what cannot be read or used now has not.</summary>
    private bool RenewCredentials()
    {
        var (token, authority) = (_token, _authority);
        try
        {
            ReadCredentials();
            if (Same(authority, _authority)) return !Same(token, _token);
            var (http, trust) = Connect();
            _http.Dispose();
            (_http, _trust) = (http, trust);
            return true;
        }
        catch (CannotRunException)
        {
            (_token, _authority) = (token, authority);
            return false;
        }

        static bool Same(byte[]? a, byte[]? b) => a.AsSpan().SequenceEqual(b);
    }

    private void ReadCredentials()
    {
        _credentialsReadAt = _time.GetTimestamp();
        _token = _access.Token?.Read("the service account token");
        if (Token?.AsSpan().ContainsAnyExceptInRange('!', '~') is true)
            throw new CannotRunException(
                $"the token {_access.Token!.Path ?? "in " + _access.Source} contains a space or a line break",
                "it must be the token alone, on one line");
        _authority = _access.Authority?.Read("the API server's CA");
    }

    private (HttpClient Http, ServerTrust Trust) Connect()
    {
        var trust = new ServerTrust(_access.Certificates(_authority), _access.SkipVerification);
        var tls = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = trust.Policy(),
            RemoteCertificateValidationCallback = trust.Validate,
        };
        if (_access.ServerName is not null) tls.TargetHost = _access.ServerName;
        if (_access.ReadClientCertificate() is { } certificate)
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = TcpConnector.ConnectAsync,
            ConnectTimeout = _connectTimeout,
            SslOptions = tls,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            MaxResponseHeadersLength = 64,
        };
        return (new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan }, trust);
    }

    private static CancellationTokenSource Deadline(TimeSpan duration, CancellationToken cancellation)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(duration);
        return deadline;
    }

    public void Dispose() => _http.Dispose();
}
