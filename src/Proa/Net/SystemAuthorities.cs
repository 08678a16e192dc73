using Proa.Linux;

namespace Proa.Net;

/// <summary>The CAs of the image.</summary>
internal static class SystemAuthorities
{
    /// <summary>
    /// .NET reads the whole certificate store of the image, some 40 ms of work, before it builds a chain that ends elsewhere.
    /// </summary>
    public static void LeaveUnlessNeeded(Options options)
    {
        if (!options.ShutdownRequests.Select(r => r.Url).Concat(options.WaitHttp).Any(NeedsThem)) Libc.proa_leave_system_authorities();
    }

    /// <summary>What stays in the Pod needs no CA.</summary>
    private static bool NeedsThem(Uri url) => url.Scheme == Uri.UriSchemeHttps && !TcpConnector.IsLoopback(url.IdnHost);
}
