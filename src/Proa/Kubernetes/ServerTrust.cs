using System.Globalization;
using Proa.Net;

namespace Proa.Kubernetes;

/// <summary>What is said of an API server's certificate that is not trusted.</summary>
internal static class ServerTrust
{
    // OpenSSL's numbers: openssl-verification-options(1) has their names.
    private const int NotYetValid = 9;
    private const int HasExpired = 10;
    private const int NameMismatch = 62;
    private const int AddressMismatch = 64;

    /// <summary>The problem, and the remedy.</summary>
    public static (string Problem, string Hint) Refusal(TlsException e) => e.Verification switch
    {
        NotYetValid or HasExpired => (
            $"it is valid from {Date(e.ValidFrom)} to {Date(e.ValidUntil)}, and it is {DateTimeOffset.UtcNow:yyyy-MM-dd}",
            "renew it, or correct the node's clock"),
        NameMismatch or AddressMismatch => (
            "it is for another name or address",
            "its subject alternative names must include the name or address that proa uses, or set tls-server-name in the kubeconfig"),
        _ => ($"it is not from the cluster's CA ({e.Message})", "the CA file and the API server do not belong together"),
    };

    private static string Date(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
