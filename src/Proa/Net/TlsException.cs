namespace Proa.Net;

/// <summary>TLS with a server has failed.</summary>
/// <param name="verification">OpenSSL's X509_V_ERR_* (openssl-verification-options(1)); 0 where the certificate is not the reason.</param>
/// <param name="text">OpenSSL's words for it.</param>
/// <param name="validFrom">When the certificate begins to be valid that is not trusted.</param>
/// <param name="validUntil">And ends to be.</param>
internal sealed class TlsException(int verification, string text, DateTimeOffset validFrom, DateTimeOffset validUntil) : IOException(text)
{
    /// <summary>The certificate is for another name.</summary>
    public const int NameMismatch = 62;

    public int Verification { get; } = verification;

    public DateTimeOffset ValidFrom { get; } = validFrom;

    public DateTimeOffset ValidUntil { get; } = validUntil;
}
