using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Proa.Checking;
using Proa.Net;

namespace Proa.Commands;

/// <summary>Connects to where requests would go, sends nothing, and closes the connection.</summary>
internal static class ListenProbe
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    /// <summary>Tries all of them at once.</summary>
    public static async Task<ImmutableArray<TriedRequest>> TryAsync(IEnumerable<ShutdownRequest> requests)
    {
        using var deadline = new CancellationTokenSource(_patience);
        return [.. await Task.WhenAll(requests.Distinct().Select(request => TryAsync(request, deadline.Token))).ConfigureAwait(false)];
    }

    private static async Task<TriedRequest> TryAsync(ShutdownRequest request, CancellationToken deadline)
    {
        var met = Listening.NoAnswer;
        try
        {
            foreach (var address in await TcpConnector.AddressesAsync(request.Url.IdnHost, deadline).ConfigureAwait(false))
            {
                using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await socket.ConnectAsync(new IPEndPoint(address, request.Url.Port), deadline).ConfigureAwait(false);
                    return new(request, Listening.Yes);
                }
                catch (SocketException e)
                {
                    if (e.SocketErrorCode == SocketError.ConnectionRefused) met = Listening.No;
                }
            }
        }
        catch (SocketException e)
        {
            if (e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData) met = Listening.NoSuchHost;
        }
        catch (OperationCanceledException)
        {
        }

        return new(request, met);
    }
}
