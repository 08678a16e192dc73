using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Proa.Net;
using Proa.Waiting;

namespace Proa.Workers;

/// <summary>The URL answers GET with 2xx.</summary>
internal sealed class HttpCondition(string what, Uri url, TimeProvider time, ILogger log) : PolledCondition(what, NetworkLook.None, time, log)
{
    private readonly HttpClient _http = PlainHttp.Client();

    protected override async Task<Look> TryAsync(CancellationToken deadline) => NetworkLook.OfHttp(await AskAsync(deadline).ConfigureAwait(false));

    /// <summary>The status of an answer that comes in this time; else 0.</summary>
    public async Task<int> StatusAsync(TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        return (await AskAsync(deadline.Token).ConfigureAwait(false)).Status;
    }

    private async Task<NetworkAttempt> AskAsync(CancellationToken deadline)
    {
        try
        {
            using var message = PlainHttp.Message(HttpMethod.Get, url);
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, deadline).ConfigureAwait(false);
            return new(Contact.Made, (int)response.StatusCode);
        }
        catch (OperationCanceledException)
        {
            return new(Contact.Silent);
        }
        catch (HttpRequestException e)
        {
            return e.InnerException is SocketException failure ? TcpCondition.Failed(failure) : new(e.HttpRequestError switch
            {
                HttpRequestError.ResponseEnded => Contact.Closed,
                HttpRequestError.InvalidResponse => Contact.NoHttp,
                _ => Contact.Failed,
            }, Detail: PlainHttp.Reason(e));
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _http.Dispose();
    }
}
