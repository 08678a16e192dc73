using System.Collections.Immutable;
using System.Net.Sockets;
using Proa.Ending;
using Proa.Linux;
using Proa.Logging;
using Proa.Net;

namespace Proa.Workers;

/// <summary>Asks the sidecars to stop by HTTP.</summary>
/// <param name="plan">What is to be done, as it is known now.</param>
/// <param name="log">Where to say it.</param>
internal sealed class ShutdownRequests(Func<ShutdownPlan> plan, Log log)
{
    private static readonly TimeSpan _answerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _firstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(1);
    private const int RequestTimeout = 408;
    private const int TooManyRequests = 429;

    private readonly List<PendingRequest> _all = [];
    private bool _isSaid;
    private bool _isTokenRefused;

    /// <summary>Whether each of them was connected to at some time, and none is to be sent again.</summary>
    public bool AreHeard => _all.Count > 0 && _all.TrueForAll(r => r is { WasConnected: true, IsPending: false });

    /// <summary>Whether each of them was sent in the present lives of the sidecars.</summary>
    public bool AreTried => _all.TrueForAll(r => !r.IsUntried);

    /// <summary>Sends those once that have not been sent.</summary>
    public Task AskUntriedAsync(CancellationToken cancellation) =>
        Task.WhenAll(_all.Where(r => r.IsUntried).Select(request => AskAsync(request, cancellation)));

    /// <summary>Sends those that are pending again until there is none or the budget is used up.</summary>
    public Task RetryAsync(CancellationToken budget) => Task.WhenAll(_all.Select(request => RetryAsync(request, budget)));

    public bool IsNew(PlannedRequest request) => _all.TrueForAll(r => r.Request != request.Request);

    public void Add(IEnumerable<PlannedRequest> requests)
    {
        foreach (var request in requests.Where(IsNew)) _all.Add(new(request));
    }

    /// <summary>Those are pending again that end one of these sidecars, or may: nothing is known of a new life.</summary>
    public void Renew(ImmutableArray<string> sidecars)
    {
        // Where nothing listens has been said, and in a later life is no news.
        _isSaid = true;
        foreach (var request in _all.Where(r => r.Sidecar is null || sidecars.Contains(r.Sidecar))) request.Renew();
    }

    /// <summary>The time is up: says which of them have not been answered.</summary>
    public void GiveUp()
    {
        foreach (var request in _all.Where(r => r is { IsPending: true, IsUntried: false } or { IsInDoubt: true }))
        {
            // Where the Pod is not known, who listens no more may have ended.
            if (request.Problem.Length == 0 && request.Sidecar is not null) request.Problem = "nothing listens there";
            if (request.Problem.Length > 0) ReportFailure(request);
        }
    }

    /// <summary>How many of them would now not be refused.</summary>
    public async Task<int> CountListeningAsync(CancellationToken cancellation)
    {
        var count = 0;
        foreach (var request in _all)
        {
            if (await TcpConnector.IsListeningAsync(request.Request.Url.IdnHost, request.Request.Url.Port, cancellation).ConfigureAwait(false)) count++;
        }

        return count;
    }

    private async Task RetryAsync(PendingRequest request, CancellationToken budget)
    {
        try
        {
            for (var delay = request.IsUntried ? TimeSpan.Zero : _firstDelay;
                request.IsPending;
                delay = delay < _firstDelay ? _firstDelay : delay < _longestDelay ? 2 * delay : _longestDelay)
            {
                await Task.Delay(delay, budget).ConfigureAwait(false);
                await AskAsync(request, budget).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task AskAsync(PendingRequest request, CancellationToken cancellation)
    {
        var attempt = await TryAsync(request, cancellation).ConfigureAwait(false);
        var next = request.Tried(attempt, plan().ExpectationOf(request.Sidecar), plan().HasEnded(request.Sidecar));
        switch (next)
        {
            case NextAttempt.Asked:
                log.ShutdownRequested(request.Request.MethodName, request.Request.LoggableUrl, request.Status!.Value);
                break;
            case NextAttempt.Over: break;
            case NextAttempt.Impossible:
                ReportFailure(request);
                break;
            case NextAttempt.Gone:
                log.NobodyListens(
                    request.Request.LoggableUrl,
                    request.HasConnected ? "the sidecar has quit" : request.IsReported ? "assuming that the sidecar is gone" : "the sidecar is already gone");
                break;
            case NextAttempt.Again when request.IsReported || cancellation.IsCancellationRequested: break;
            case NextAttempt.Again:
                request.IsReported = true;
                if (attempt == Attempt.Refused) ReportRefusal(request);
                else log.ShutdownRequestRetried(
                    request.Request.MethodName, request.Request.LoggableUrl, request.Problem, HintFor(request));
                break;
        }
    }

    private void ReportRefusal(PendingRequest request)
    {
        if (_isSaid) return;
        var patience = plan().ExpectationOf(request.Sidecar) == Expectation.Possible
            ? $"; retrying for {Duration.Format(Asking.Patience)}, or for --shutdown-timeout"
            : "; retrying";
        log.NobodyListens(request.Request.LoggableUrl, "the sidecar is gone, or does not listen yet" + patience);
    }

    private void ReportFailure(PendingRequest request) =>
        log.ShutdownRequestFailed(request.Request.MethodName, request.Request.LoggableUrl, request.Problem, HintFor(request));

    private static string HintFor(PendingRequest request) => ShutdownHint.For(request.Planned, request.Status, request.HasConnected);

    private async Task<Attempt> TryAsync(PendingRequest request, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_answerTimeout);
        var problem = request.Problem;
        request.Begin();
        try
        {
            using var response = await PlainHttp.SendAsync(
                request.Request.MethodName, request.Request.Url, Token(request), () => request.IsConnected = true, deadline.Token).ConfigureAwait(false);
            request.Status = response.Head.Status;
            if (response.IsSuccess) return Attempt.Accepted;
            request.Problem = $"it answered {request.Status}";
            return request.Status is TooManyRequests or RequestTimeout or >= 500 ? Attempt.Failed : Attempt.Rejected;
        }
        catch (OperationCanceledException)
        {
            request.Problem = problem.Length > 0 && cancellation.IsCancellationRequested ? problem : "it did not answer in time";
            return cancellation.IsCancellationRequested ? Attempt.Interrupted : request.IsConnected ? Attempt.Failed : Attempt.Unreached;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return Attempt.Refused;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            request.Problem = "there is no such host name";
            return Attempt.NoSuchHost;
        }
        catch (Exception e) when (e is SocketException or IOException or InvalidDataException)
        {
            request.Problem = PlainHttp.Reason(e);
            return request.IsConnected ? Attempt.Failed : Attempt.Unreached;
        }
    }

    private (string Name, string Value)? Token(PendingRequest request)
    {
        if (request.Request.TokenVariable is not { } variable || GivenArguments.Variable(variable) is not { Length: > 0 } token) return null;
        if (HeaderValue.Of(token) is { } value) return (request.Request.TokenHeader, value);
        if (!_isTokenRefused) log.TokenNotSent(variable, "correct the Secret that it is from");
        _isTokenRefused = true;
        return null;
    }
}
