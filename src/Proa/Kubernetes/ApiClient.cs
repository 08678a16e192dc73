using System.Net.Sockets;
using System.Text;
using Proa.Http;
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
    private const int Ok = 200;
    private const int Unauthorized = 401;

    private readonly ClusterAccess _access;
    private readonly TimeProvider _time;
    private HttpOrigin _server;
    private byte[]? _token;
    private byte[]? _authority;
    private long _credentialsReadAt;

    /// <exception cref="CannotRunException">The credentials cannot be read.</exception>
    public ApiClient(ClusterAccess access, TimeProvider time)
    {
        _access = access;
        _time = time;
        ReadCredentials();
        _server = Server();
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
                return new OpenWatch(response, Deadline(WatchDuration + _watchMargin, cancellation));
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
        catch (Exception e) when (e is IOException or InvalidDataException or SocketException)
        {
            throw new ApiException(Explain(e));
        }
    }

    private async Task<HttpResponse> SendAsync(string path, CancellationToken cancellation)
    {
        if (_time.GetElapsedTime(_credentialsReadAt) > _credentialAge) RenewCredentials();
        var response = await SendOnceAsync(path, cancellation).ConfigureAwait(false);
        if (response.Head.Status == Unauthorized && RenewCredentials())
        {
            response.Dispose();
            response = await SendOnceAsync(path, cancellation).ConfigureAwait(false);
        }

        if (response.Head.Status == Ok) return response;
        using (response) throw new ApiException(await RefusalAsync(response, cancellation).ConfigureAwait(false));
    }

    private async Task<HttpResponse> SendOnceAsync(string path, CancellationToken cancellation)
    {
        var fields = new List<(string, string)> { ("Accept", "application/json"), ("User-Agent", UserAgent.Value) };
        if (Token is { Length: > 0 } token) fields.Add(("Authorization", "Bearer " + token));
        var request = RequestText.Write("GET", _access.Server, _access.Server.AbsolutePath.TrimEnd('/') + path, [.. fields]);
        return await _server.SendAsync(request, cancellation).ConfigureAwait(false);
    }

    private async Task<ApiFailure> RefusalAsync(HttpResponse response, CancellationToken cancellation)
    {
        var body = await BodyAsync(response, cancellation).ConfigureAwait(false);
        PodReader.TryReadStatus(body.Span, out var status);
        return ApiFailure.OfStatus(response.Head.Status, status?.Message, response.Head.RetryIn(_time.GetUtcNow()) ?? status?.RetryAfter);
    }

    private static async Task<ReadOnlyMemory<byte>> BodyAsync(HttpResponse response, CancellationToken cancellation)
    {
        var body = new byte[Math.Clamp(response.Head.Length + 1, FirstBody, LargestBody + 1)];
        var length = 0;
        // One byte more than fits tells the end from an answer that goes on.
        for (int read; (read = await response.ReadAsync(body.AsMemory(length), cancellation).ConfigureAwait(false)) > 0;)
        {
            length += read;
            if (length > LargestBody) throw new InvalidDataException($"the API server's answer is longer than {LargestBody} bytes");
            if (length == body.Length) Array.Resize(ref body, Math.Min(2 * length, LargestBody + 1));
        }

        return body.AsMemory(0, length);
    }

    private ApiFailure Explain(Exception e)
    {
        switch (e)
        {
            case TlsException { Verification: not 0 } refused:
                (var problem, TrustHint) = ServerTrust.Refusal(refused);
                // The CA may have been replaced along with the server's certificate.
                RenewCredentials();
                return new(ApiFailureKind.Untrusted, $"the API server's certificate is not trusted: {problem}");

            case TlsException:
                return new(ApiFailureKind.Transient, $"TLS with the API server {_access.Server.Authority} failed: {Wording.WithSmallInitial(e.Message)}");

            case EndOfStreamException:
                return new(ApiFailureKind.Transient, $"the API server {_access.Server.Authority} closed the connection");

            case { InnerException: SocketException inner }:
                return Explain(inner);

            case SocketException socket:
                return new(
                    ApiFailureKind.Transient,
                    $"cannot reach the API server {_access.Server.Authority}: {Wording.WithSmallInitial(new SocketException(socket.ErrorCode).Message)}")
                {
                    // Whoever resets a connection has accepted it.
                    IsUnreachable = socket.SocketErrorCode is not (SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown),
                };

            case InvalidDataException:
                return new(ApiFailureKind.Transient, $"cannot read the answer of the API server {_access.Server.Authority}: {e.Message}");

            default:
                return new(ApiFailureKind.Transient, $"the API server {_access.Server.Authority} broke the connection: {Wording.WithSmallInitial(e.Message)}");
        }
    }

    /// <summary>Reads the token and the CA again. True if one of them has changed; what cannot be read or used now has not.</summary>
    private bool RenewCredentials()
    {
        var (token, authority) = (_token, _authority);
        try
        {
            ReadCredentials();
            if (Same(authority, _authority)) return !Same(token, _token);
            var server = Server();
            _server.Dispose();
            _server = server;
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

    private HttpOrigin Server() => new(_access.Server, _access.Tls(_authority), _access.ServerName, _connectTimeout);

    private static CancellationTokenSource Deadline(TimeSpan duration, CancellationToken cancellation)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(duration);
        return deadline;
    }

    public void Dispose() => _server.Dispose();
}
