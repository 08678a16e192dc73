using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Proa.Kubernetes;

/// <summary>Whether a certificate is the API server's: only the cluster's CA is trusted, and the name or address must match.</summary>
/// <param name="authority">The CA's certificates; null: the system's.</param>
/// <param name="skipVerification">Whether any certificate is trusted, as the kubeconfig says with insecure-skip-tls-verify.</param>
internal sealed class ServerTrust(X509Certificate2Collection? authority, bool skipVerification)
{
    /// <summary>Why the last certificate was not trusted, with the remedy; null if it was.</summary>
    public (string Problem, string Hint)? Refusal { get; private set; }

    /// <summary>For <see cref="SslClientAuthenticationOptions.RemoteCertificateValidationCallback"/>.</summary>
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Refusal = null;
        if (errors == SslPolicyErrors.None || skipVerification) return true;
        var problems = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status) ?? X509ChainStatusFlags.NoError;
        Refusal = (errors, problems) switch
        {
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) =>
                ("it has none", "is KUBERNETES_SERVICE_HOST or the kubeconfig's server really an API server?"),
            _ when problems.HasFlag(X509ChainStatusFlags.NotTimeValid) =>
                ($"it is valid from {Date((certificate as X509Certificate2)?.NotBefore)} to {Date((certificate as X509Certificate2)?.NotAfter)}, "
                    + $"and it is {DateTime.UtcNow:yyyy-MM-dd}",
                    "renew it, or correct the node's clock"),
            _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) =>
                ("it is for another name or address",
                    "its subject alternative names must include the name or address that proa uses, or set tls-server-name in the kubeconfig"),
            _ => ($"it is not from the cluster's CA ({problems})", "the CA file and the API server do not belong together"),
        };
        return false;
    }

    /// <summary>How the chain is built: nothing is fetched, and the system's store is left alone where the cluster's CA is known.</summary>
    public X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (authority is null) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authority);
        return policy;
    }

    private static string Date(DateTime? time) => time is { } local ? FormattableString.Invariant($"{local.ToUniversalTime():yyyy-MM-dd HH:mm}") : "?";
}
