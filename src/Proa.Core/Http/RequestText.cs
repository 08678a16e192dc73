using System.Text;

namespace Proa.Http;

/// <summary>Writes requests without a body (RFC 9112).</summary>
internal static class RequestText
{
    /// <param name="method">GET or POST.</param>
    /// <param name="url">Its host is the request's, whatever it is connected to.</param>
    /// <param name="target">The path and the query, percent-encoded.</param>
    /// <param name="fields">More fields, with values that have no line break.</param>
    public static byte[] Write(string method, Uri url, string target, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var text = new StringBuilder().Append($"{method} {target} HTTP/1.1\r\nHost: {Host(url)}\r\n");
        foreach (var (name, value) in fields) text.Append($"{name}: {value}\r\n");
        if (method == "POST") text.Append("Content-Length: 0\r\n");
        return Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());
    }

    private static string Host(Uri url)
    {
        // Host has the brackets of an IPv6 address, and not its zone, which is nobody else's business (RFC 6874 section 4).
        var host = url.HostNameType == UriHostNameType.IPv6 ? url.Host : url.IdnHost;
        return url.IsDefaultPort ? host : $"{host}:{url.Port}";
    }
}
