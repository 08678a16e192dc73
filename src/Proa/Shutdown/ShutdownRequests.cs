using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Proa.CommandLine;
using Proa.Http;
using Proa.Logging;

namespace Proa.Shutdown;

/// <summary>Asks the sidecars to stop, all at the same time.</summary>
internal sealed class ShutdownRequests : IDisposable
{
    private static readonly TimeSpan _answerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _firstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(4);

    private readonly HttpClient _http;
    private readonly ILogger _log;

    public ShutdownRequests(ILogger log)
    {
        _log = log;
        _http = new(new SocketsHttpHandler
        {
            ConnectCallback = Connector.ConnectAsync,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            SslOptions = new()
            {
                CertificateChainPolicy = new() { RevocationMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
                // What stays in the Pod needs no CA: nobody else can listen there.
                RemoteCertificateValidationCallback = (connection, _, _, errors) =>
                    errors == System.Net.Security.SslPolicyErrors.None
                    || (connection is System.Net.Security.SslStream { TargetHostName: var host } && Connector.IsLoopback(host)),
            },
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Sends all of them once.</summary>
    /// <returns>Those that failed in a way that may pass.</returns>
    public async Task<ShutdownRequest[]> AskAsync(IEnumerable<ShutdownRequest> requests, CancellationToken budget)
    {
        var outcomes = await Task.WhenAll(requests.Select(async request => (request, isDone: await SendAsync(request, budget).ConfigureAwait(false)))).ConfigureAwait(false);
        return [.. outcomes.Where(o => !o.isDone).Select(o => o.request)];
    }

    /// <summary>Sends them again until they succeed or the budget is used up.</summary>
    public Task RetryAsync(IEnumerable<ShutdownRequest> requests, CancellationToken budget) =>
        Task.WhenAll(requests.Select(request => RetryAsync(request, budget)));

    /// <summary>Whether every one of them would now be refused: who has been asked to stop and listens no more has stopped.</summary>
    public static async Task<bool> NobodyListensAsync(IReadOnlyCollection<ShutdownRequest> requests, CancellationToken cancellation)
    {
        foreach (var request in requests)
        {
            if (await Connector.IsListeningAsync(request.Url.IdnHost, request.Url.Port, cancellation).ConfigureAwait(false)) return false;
        }

        return requests.Count > 0;
    }

    private async Task RetryAsync(ShutdownRequest request, CancellationToken budget)
    {
        for (var delay = _firstDelay; ; delay = delay < _longestDelay ? 2 * delay : _longestDelay)
        {
            try
            {
                await Task.Delay(delay, budget).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (await SendAsync(request, budget).ConfigureAwait(false)) return;
        }
    }

    /// <summary>True if there is nothing more to try.</summary>
    private async Task<bool> SendAsync(ShutdownRequest request, CancellationToken budget)
    {
        var (problem, isFinal) = await TryAsync(request, budget).ConfigureAwait(false);
        if (problem is not null)
            _log.ShutdownRequestFailed(Method(request), request.LoggableUrl, problem, isFinal || budget.IsCancellationRequested ? "" : "; trying again", ShutdownHint.For(request, problem));
        return isFinal;
    }

    private async Task<(string? Problem, bool IsFinal)> TryAsync(ShutdownRequest request, CancellationToken budget)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(budget);
        deadline.CancelAfter(_answerTimeout);
        try
        {
            using var message = new HttpRequestMessage(request.Method == ShutdownMethod.Get ? HttpMethod.Get : HttpMethod.Post, request.Url);
            if (request.Method == ShutdownMethod.Post) message.Content = new ByteArrayContent([]);
            if (request.Url.UserInfo.Length > 0)
                message.Headers.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Uri.UnescapeDataString(request.Url.UserInfo))));
            message.Headers.ConnectionClose = true;
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                _log.ShutdownRequested(Method(request), request.LoggableUrl, (int)response.StatusCode);
                return (null, true);
            }

            var passes = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)response.StatusCode >= 500;
            return ($"it answered {(int)response.StatusCode}", !passes);
        }
        catch (OperationCanceledException)
        {
            return ("it did not answer", false);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            _log.AlreadyGone(request.LoggableUrl);
            return (null, true);
        }
        catch (HttpRequestException e)
        {
            return (e.InnerException?.Message ?? e.Message, false);
        }
    }

    private static string Method(ShutdownRequest request) => request.Method == ShutdownMethod.Get ? "GET" : "POST";

    public void Dispose() => _http.Dispose();
}
