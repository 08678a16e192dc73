using System.Net.Sockets;
using Proa.Http;
using Proa.Logging;
using Proa.Net;
using Proa.Waiting;

namespace Proa.Workers;

/// <summary>The URL answers GET with 2xx, and where it is Envoy's /server_info, says that Envoy is live.</summary>
internal sealed class HttpCondition(string what, Uri url, TimeProvider time, Log log) : PolledCondition(what, NetworkLook.None, time, log)
{
    private const int LargestAnswer = 64 * 1024;

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
            using var response = await PlainHttp.SendAsync("GET", url, cancellation: deadline).ConfigureAwait(false);
            var state = url.AbsolutePath.EndsWith(Envoy.ServerInfo, StringComparison.Ordinal) && response.IsSuccess
                ? Envoy.State(await ReadAsync(response, deadline).ConfigureAwait(false))
                : null;
            return new(Contact.Made, response.Head.Status, EnvoyState: state);
        }
        catch (OperationCanceledException)
        {
            return new(Contact.Silent);
        }
        catch (SocketException e)
        {
            return TcpCondition.Failed(e);
        }
        catch (EndOfStreamException)
        {
            return new(Contact.Closed);
        }
        catch (InvalidDataException e)
        {
            return e.Message.StartsWith(ResponseHead.NotHttpMessage, StringComparison.Ordinal)
                ? new(Contact.NoHttp)
                : new(Contact.Unreadable, Detail: e.Message);
        }
        catch (IOException e)
        {
            return new(Contact.Failed, Detail: PlainHttp.Reason(e));
        }
    }

    private static async Task<byte[]> ReadAsync(HttpResponse response, CancellationToken deadline)
    {
        var answer = new byte[LargestAnswer];
        var length = 0;
        for (int read; (read = await response.ReadAsync(answer.AsMemory(length), deadline).ConfigureAwait(false)) > 0;) length += read;
        return answer[..length];
    }
}
