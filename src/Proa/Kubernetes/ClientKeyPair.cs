using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Proa.Kubernetes;

/// <summary>
/// A client certificate with its key, both in PEM form. <see cref="X509Certificate2.CreateFromPem(ReadOnlySpan{char}, ReadOnlySpan{char})"/> does
/// the same, also for kinds of keys that OpenSSL 3.0 has no TLS for, and they cost 0.2 MB.
/// </summary>
internal static class ClientKeyPair
{
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string EllipticCurve = "1.2.840.10045.2.1";

    /// <exception cref="CryptographicException">It cannot be read.</exception>
    public static X509Certificate2 Read(string certificate, string key)
    {
        using var alone = X509Certificate2.CreateFromPem(certificate);
        switch (alone.GetKeyAlgorithm())
        {
            case Rsa:
                using (var rsa = RSA.Create())
                {
                    rsa.ImportFromPem(PrivateKey(key, "RSA PRIVATE KEY"));
                    return WithKey(() => alone.CopyWithPrivateKey(rsa));
                }
            case EllipticCurve:
                using (var curve = ECDsa.Create())
                {
                    curve.ImportFromPem(PrivateKey(key, "EC PRIVATE KEY"));
                    return WithKey(() => alone.CopyWithPrivateKey(curve));
                }
            case var other:
                throw new CryptographicException($"its key is of the kind {other}, and must be RSA or ECDSA");
        }
    }

    private static X509Certificate2 WithKey(Func<X509Certificate2> copy)
    {
        try
        {
            return copy();
        }
        catch (ArgumentException e)
        {
            throw new CryptographicException("the key is not the certificate's", e);
        }
    }

    /// <summary>The first private key of the file, which may have EC PARAMETERS and more in it.</summary>
    private static ReadOnlySpan<char> PrivateKey(ReadOnlySpan<char> file, string label)
    {
        for (var rest = file; PemEncoding.TryFind(rest, out var found); rest = rest[found.Location.End..])
            if (rest[found.Label] is var name && (name.SequenceEqual(label) || name is "PRIVATE KEY"))
                return rest[found.Location];
        throw new CryptographicException($"the key file has neither a PRIVATE KEY nor an {label}");
    }
}
