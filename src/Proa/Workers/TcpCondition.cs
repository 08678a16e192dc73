using System.Net.Sockets;
using Proa.Logging;
using Proa.Net;
using Proa.Waiting;

namespace Proa.Workers;

/// <summary>Somebody accepts connections there.</summary>
internal sealed class TcpCondition(string what, TcpEndpoint endpoint, TimeProvider time, Log log) : PolledCondition(what, NetworkLook.None, time, log)
{
    protected override async Task<Look> TryAsync(CancellationToken deadline) => NetworkLook.OfTcp(await ConnectAsync(deadline).ConfigureAwait(false));

    /// <summary>How an attempt ended that failed so.</summary>
    public static NetworkAttempt Failed(SocketException e) => new(e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => Contact.Refused,
        SocketError.HostNotFound or SocketError.NoData => Contact.NoSuchHost,
        SocketError.TryAgain => Contact.NoLookUp,
        _ => Contact.Failed,
    }, Detail: Wording.WithSmallInitial(e.Message));

    private async Task<NetworkAttempt> ConnectAsync(CancellationToken deadline)
    {
        try
        {
            using var socket = await TcpConnector.ConnectAsync(endpoint.Host, endpoint.Port, deadline).ConfigureAwait(false);
            return new(Contact.Made);
        }
        catch (OperationCanceledException)
        {
            return new(Contact.Silent);
        }
        catch (SocketException e)
        {
            return Failed(e);
        }
    }
}
