using System.Net;
using System.Net.Sockets;
using Proa.Linux;

namespace Proa.Net;

/// <summary>
/// Connects without a resolver where none is needed: an address is itself, and localhost is 127.0.0.1 and ::1 by definition
/// (RFC 6761). A static executable's resolver may load modules of the image it is in.
/// </summary>
internal static class TcpConnector
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    /// <summary>The addresses to try for a host, in this order.</summary>
    public static async ValueTask<IPAddress[]> AddressesAsync(string host, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address)) return [address];
        return IsLocalhost(host)
            ? [IPAddress.Loopback, IPAddress.IPv6Loopback]
            : await Resolver.LookUpAsync(host, cancellation).ConfigureAwait(false);
    }

    /// <summary>Whether requests to this host stay in the Pod.</summary>
    public static bool IsLoopback(string host) =>
        IsLocalhost(host) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>Whether anybody accepts connections there; whoever does not refuse them within a second is taken to.</summary>
    public static async ValueTask<bool> IsListeningAsync(string host, int port, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_patience);
        try
        {
            using var socket = await ConnectAsync(host, port, deadline.Token).ConfigureAwait(false);
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode != SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return true;
        }
    }

    public static async ValueTask<Socket> ConnectAsync(string host, int port, CancellationToken cancellation)
    {
        SocketException? failure = null;
        foreach (var address in await AddressesAsync(host, cancellation).ConfigureAwait(false))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellation).ConfigureAwait(false);
                return socket;
            }
            catch (SocketException e)
            {
                socket.Dispose();
                // The first one tells more: ::1 fails where there is no IPv6 at all.
                failure ??= e;
            }
            catch (OutOfMemoryException)
            {
                // What .NET makes of epoll's limit, which all processes of the user on the node share (max_user_watches): it may pass.
                socket.Dispose();
                failure ??= new((int)SocketError.NoBufferSpaceAvailable);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }

    private static bool IsLocalhost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>For the few names that need one.</summary>
    private static class Resolver
    {
        static Resolver() => Libc.proa_use_own_resolver();

        /// <summary>On a thread of its own: libc waits for seconds, and the thread pool has no other.</summary>
        public static async Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellation)
        {
            try
            {
                return await Threads.Try(() => Dns.GetHostAddresses(host)).Within(cancellation).ConfigureAwait(false);
            }
            catch (TaskSchedulerException)
            {
                throw new SocketException((int)SocketError.TryAgain); // there can be no thread now
            }
        }
    }
}
