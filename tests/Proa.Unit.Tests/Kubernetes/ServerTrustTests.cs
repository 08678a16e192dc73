using Proa.Kubernetes;

namespace Proa.Unit.Tests.Kubernetes;

public sealed class ServerTrustTests
{
    // OpenSSL's X509_V_ERR_*
    [Theory]
    [InlineData(9, "it is valid from 2026-01-02 03:04 to 2027-01-02 03:04, and it is ")]
    [InlineData(10, "it is valid from 2026-01-02 03:04 to 2027-01-02 03:04, and it is ")]
    [InlineData(62, "it is for another name or address")]
    [InlineData(64, "it is for another name or address")]
    [InlineData(66, "it, or the CA's, is too weak (as OpenSSL says)")]
    [InlineData(67, "it, or the CA's, is too weak (as OpenSSL says)")]
    [InlineData(68, "it, or the CA's, is too weak (as OpenSSL says)")]
    [InlineData(20, "it is not from the cluster's CA (as OpenSSL says)")]
    [InlineData(7, "it is not from the cluster's CA (as OpenSSL says)")]
    public void A_certificate_that_is_not_trusted_is_refused_with_the_reason_and_the_remedy(int verification, string problem)
    {
        var from = new DateTimeOffset(2026, 1, 2, 3, 4, 0, TimeSpan.Zero);
        var refusal = ServerTrust.Refusal(new(verification, "as OpenSSL says", from, from.AddYears(1)));
        Assert.StartsWith(problem, refusal.Problem, StringComparison.Ordinal);
        Assert.NotEqual("", refusal.Hint);
    }
}
