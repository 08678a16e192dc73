using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Proa.Net;
using Proa.Waiting;

namespace Proa.Workers;

/// <summary>The URL answers GET with 2xx, and where it is Envoy's /server_info, says that Envoy is live.</summary>
internal sealed class HttpCondition(string what, Uri url, TimeProvider time, ILogger log) : PolledCondition(what, NetworkLook.None, time, log)
{
    private const int LargestAnswer = 64 * 1024;

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
            var state = url.AbsolutePath.EndsWith(Envoy.ServerInfo, StringComparison.Ordinal) && response.IsSuccessStatusCode
                ? Envoy.State(await ReadAsync(response, deadline).ConfigureAwait(false))
                : null;
            return new(Contact.Made, (int)response.StatusCode, EnvoyState: state);
        }
        catch (OperationCanceledException)
        {
            return new(Contact.Silent);
        }
        catch (IOException)
        {
            return new(Contact.Closed);
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

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken deadline)
    {
        var answer = new byte[LargestAnswer];
        await using var stream = await response.Content.ReadAsStreamAsync(deadline).ConfigureAwait(false);
        return answer[..await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, deadline).ConfigureAwait(false)];
    }

    public override void Dispose()
    {
        base.Dispose();
        _http.Dispose();
    }
}
