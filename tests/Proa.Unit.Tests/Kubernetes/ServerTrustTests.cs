using System.Net.Security;
using Proa.Kubernetes;

namespace Proa.Unit.Tests.Kubernetes;

public sealed class ServerTrustTests
{
    [Theory]
    [InlineData(SslPolicyErrors.RemoteCertificateNotAvailable, "it has none")]
    [InlineData(SslPolicyErrors.RemoteCertificateNameMismatch, "it is for another name or address")]
    [InlineData(SslPolicyErrors.RemoteCertificateChainErrors, "it is not from the cluster's CA (NoError)")]
    [InlineData(SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch, "it is not from the cluster's CA (NoError)")]
    public void A_certificate_that_is_not_trusted_is_refused_with_the_reason(SslPolicyErrors errors, string problem)
    {
        var trust = new ServerTrust(null, skipVerification: false);
        Assert.False(trust.Validate(this, null, null, errors));
        Assert.Equal(problem, trust.Refusal?.Problem);
        Assert.NotEqual("", trust.Refusal?.Hint);
    }

    [Fact]
    public void What_was_refused_before_is_forgotten_when_another_is_trusted()
    {
        var trust = new ServerTrust(null, skipVerification: false);
        trust.Validate(this, null, null, SslPolicyErrors.RemoteCertificateNotAvailable);
        Assert.True(trust.Validate(this, null, null, SslPolicyErrors.None));
        Assert.Null(trust.Refusal);
    }

    [Fact]
    public void Any_certificate_is_trusted_where_none_is_to_be_verified() =>
        Assert.True(new ServerTrust(null, skipVerification: true).Validate(this, null, null, SslPolicyErrors.RemoteCertificateChainErrors));

    [Fact]
    public void Nothing_is_fetched_to_verify_one()
    {
        var policy = new ServerTrust([], skipVerification: false).Policy();
        Assert.True(policy.DisableCertificateDownloads);
        Assert.Equal(System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck, policy.RevocationMode);
        Assert.Equal(System.Security.Cryptography.X509Certificates.X509ChainTrustMode.CustomRootTrust, policy.TrustMode);
    }
}
