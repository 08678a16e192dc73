using System.Net;
using System.Text;
using Proa.Linux;

namespace Proa.Net;

/// <summary>What TLS sessions begin with: whom to trust, and as whom to appear. TLS 1.2 and 1.3, by OpenSSL.</summary>
internal sealed unsafe class TlsContext : IDisposable
{
    /// <summary>The longest name that TLS sends, in bytes (RFC 6066 section 3, by RFC 1034).</summary>
    private const int LongestName = 255;

    private nint _context;

    private TlsContext(bool verifies)
    {
        _context = NativeTls.proa_tls_context(verifies ? 1 : 0);
        if (_context == 0) throw new InsufficientMemoryException();
    }

    /// <summary>Trusts whoever answers.</summary>
    public static TlsContext OfAnyone() => new(verifies: false);

    /// <summary>Trusts the CAs of the image.</summary>
    public static TlsContext OfSystem()
    {
        var context = new TlsContext(verifies: true);
        NativeTls.proa_tls_trust_system(context._context);
        return context;
    }

    /// <summary>Trusts these certificates, and those that they have signed.</summary>
    /// <param name="pem">They, in PEM form.</param>
    /// <returns>Null where there is none that can be read.</returns>
    public static TlsContext? Of(ReadOnlySpan<byte> pem)
    {
        var context = new TlsContext(verifies: true);
        fixed (byte* bytes = pem)
            if (NativeTls.proa_tls_trust(context._context, bytes, pem.Length) > 0) return context;
        context.Dispose();
        return null;
    }

    /// <summary>Gives the server this certificate where it asks for one. Both are in PEM form.</summary>
    /// <returns>What is wrong with them; null: nothing.</returns>
    public string? Present(ReadOnlySpan<byte> certificate, ReadOnlySpan<byte> key)
    {
        fixed (byte* certificateBytes = certificate, keyBytes = key)
        {
            return NativeTls.proa_tls_present(_context, certificateBytes, certificate.Length, keyBytes, key.Length) switch
            {
                NativeTls.PresentProblem.None => null,
                NativeTls.PresentProblem.NoCertificate => "there is no certificate in it",
                NativeTls.PresentProblem.NoKey => "there is no private key that proa can read; it must be RSA or ECDSA, and not be encrypted",
                NativeTls.PresentProblem.OtherKey => "the key is not the certificate's",
                _ => "its key must be RSA or ECDSA, and of a usual length",
            };
        }
    }

    /// <summary>A session with the server that has this name or address.</summary>
    /// <exception cref="TlsException">No certificate can have such a name.</exception>
    public nint Open(string server)
    {
        // OpenSSL reads addresses in their usual form only, and no zone: what is on a link is nobody else's business.
        var address = IPAddress.TryParse(server, out var parsed) ? new IPAddress(parsed.GetAddressBytes()) : null;
        var name = Encoding.UTF8.GetBytes(address?.ToString() ?? server.TrimEnd('.'));
        // OpenSSL takes an empty name for any.
        if (name.Length is 0 or > LongestName || name.Contains((byte)0))
            throw new TlsException(TlsException.NameMismatch, "no certificate can have such a name", default, default);
        fixed (byte* text = (byte[])[.. name, 0])
        {
            return NativeTls.proa_tls_open(_context, text, address is null ? 0 : 1) is not 0 and var session
                ? session
                : throw new InsufficientMemoryException();
        }
    }

    /// <summary>Sessions that are open stay so.</summary>
    public void Dispose()
    {
        NativeTls.proa_tls_free_context(_context);
        _context = 0;
    }
}
