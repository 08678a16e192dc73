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
    /// <param name="requests">The requests.</param>
    /// <param name="mayListenLater">Whether a sidecar runs that may not listen yet, as where main was never started.</param>
    /// <param name="budget">When to give up.</param>
    /// <returns>Those that failed in a way that may pass.</returns>
    public async Task<ShutdownRequest[]> AskAsync(IEnumerable<ShutdownRequest> requests, bool mayListenLater, CancellationToken budget)
    {
        var outcomes = await Task.WhenAll(requests.Select(async request => (request, isDone: await FirstAsync(request, mayListenLater, budget).ConfigureAwait(false)))).ConfigureAwait(false);
        return [.. outcomes.Where(o => !o.isDone).Select(o => o.request)];
    }

    private async Task<bool> FirstAsync(ShutdownRequest request, bool mayListenLater, CancellationToken budget)
    {
        var answer = await TryAsync(request, budget).ConfigureAwait(false);
        switch (answer.Outcome)
        {
            case Outcome.Refused:
                _log.NobodyListens(request.LoggableUrl, mayListenLater ? "the sidecar is gone, or does not listen yet" : "the sidecar is already gone");
                return !mayListenLater;
            case Outcome.Failed when !budget.IsCancellationRequested:
                _log.ShutdownRequestRetried(request.MethodName, request.LoggableUrl, answer.Problem, ShutdownHint.For(request, answer.Problem));
                return false;
            case Outcome.Failed or Outcome.FailedForGood:
                _log.ShutdownRequestFailed(request.MethodName, request.LoggableUrl, answer.Problem, ShutdownHint.For(request, answer.Problem));
                break;
            case Outcome.Done: break;
        }

        return true;
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

            var answer = await TryAsync(request, budget).ConfigureAwait(false);
            if (answer.Outcome == Outcome.FailedForGood) _log.ShutdownRequestFailed(request.MethodName, request.LoggableUrl, answer.Problem, ShutdownHint.For(request, answer.Problem));
            if (answer.Outcome is Outcome.Done or Outcome.FailedForGood) return;
        }
    }

    private async Task<(Outcome Outcome, string Problem)> TryAsync(ShutdownRequest request, CancellationToken budget)
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
                _log.ShutdownRequested(request.MethodName, request.LoggableUrl, (int)response.StatusCode);
                return (Outcome.Done, "");
            }

            var passes = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)response.StatusCode >= 500;
            return (passes ? Outcome.Failed : Outcome.FailedForGood, $"it answered {(int)response.StatusCode}");
        }
        catch (OperationCanceledException)
        {
            return (Outcome.Failed, "it did not answer in time");
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return (Outcome.Refused, "");
        }
        catch (HttpRequestException e)
        {
            return (Outcome.Failed, Reason(e));
        }
    }

    private static string Reason(HttpRequestException e) => e.InnerException switch
    {
        HttpIOException => "it closed the connection without an answer",
        SocketException { SocketErrorCode: SocketError.TryAgain } => "its host name cannot be looked up now",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => "there is no such host name",
        { } inner => Wording.WithSmallInitial(inner.Message),
        null => Wording.WithSmallInitial(e.Message),
    };

    private enum Outcome
    {
        Done,
        Refused,
        Failed,
        FailedForGood,
    }

    public void Dispose() => _http.Dispose();
}
