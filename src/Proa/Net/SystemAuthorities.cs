using Proa.Linux;

namespace Proa.Net;

/// <summary>The CAs of the image.</summary>
internal static class SystemAuthorities
{
    /// <summary>
    /// .NET reads the whole certificate store of the image, some 40 ms of work, before it builds a chain that ends elsewhere. This
    /// process is a worker: nobody inherits its environment.
    /// </summary>
    public static unsafe void LeaveUnlessNeeded(Options options)
    {
        if (options.ShutdownRequests.Select(r => r.Url).Concat(options.WaitHttp).Any(NeedsThem)) return;
        fixed (byte* nowhere = "/dev/null/none\0"u8, directory = "SSL_CERT_DIR\0"u8, file = "SSL_CERT_FILE\0"u8)
        {
            _ = Libc.setenv(directory, nowhere, 1);
            _ = Libc.setenv(file, nowhere, 1);
        }
    }

    /// <summary>What stays in the Pod needs no CA.</summary>
    private static bool NeedsThem(Uri url) => url.Scheme == Uri.UriSchemeHttps && !TcpConnector.IsLoopback(url.IdnHost);
}
