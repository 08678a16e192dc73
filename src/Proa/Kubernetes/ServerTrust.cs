using System.Globalization;
using Proa.Net;

namespace Proa.Kubernetes;

/// <summary>What is said of an API server's certificate that is not trusted.</summary>
internal static class ServerTrust
{
    // OpenSSL's numbers: openssl-verification-options(1) has their names.
    private const int NotYetValid = 9;
    private const int HasExpired = 10;
    private const int AddressMismatch = 64;
    private const int KeyTooWeak = 66;
    private const int CaKeyTooWeak = 67;
    private const int DigestTooWeak = 68;

    /// <summary>The problem, and the remedy.</summary>
    public static (string Problem, string Hint) Refusal(TlsException e) => e.Verification switch
    {
        NotYetValid or HasExpired => (
            $"it is valid from {Date(e.ValidFrom)} to {Date(e.ValidUntil)}, and it is {DateTimeOffset.UtcNow:yyyy-MM-dd}",
            "renew it, or correct the node's clock"),
        TlsException.NameMismatch or AddressMismatch => (
            "it is for another name or address",
            "its subject alternative names must include the name or address that proa uses, or set tls-server-name in the kubeconfig"),
        KeyTooWeak or CaKeyTooWeak or DigestTooWeak => (
            $"it, or the CA's, is too weak ({e.Message})",
            "replace it: the key must be ECDSA, or RSA with 2048 bits or more, and the signature not be by MD5 or SHA-1"),
        _ => ($"it is not from the cluster's CA ({e.Message})", "the CA file and the API server do not belong together"),
    };

    private static string Date(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
