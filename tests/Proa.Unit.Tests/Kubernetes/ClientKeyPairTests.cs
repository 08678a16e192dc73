using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Proa.Kubernetes;

namespace Proa.Unit.Tests.Kubernetes;

public sealed class ClientKeyPairTests : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void What_else_is_in_the_key_file_is_passed_over()
    {
        var parameters = PemEncoding.WriteString("EC PARAMETERS", [6, 8, 42, 134, 72, 206, 61, 3, 1, 7]);
        var file = $"# of the cluster\n{parameters}\n{_key.ExportECPrivateKeyPem()}\n{_key.ExportSubjectPublicKeyInfoPem()}";
        using var pair = ClientKeyPair.Read(Certificate(), file);
        Assert.True(pair.HasPrivateKey);
    }

    [Fact]
    public void A_key_of_another_certificate_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal("the key is not the certificate's", Refusal(Certificate(), other.ExportPkcs8PrivateKeyPem()));
    }

    [Fact]
    public void A_key_that_is_encrypted_or_of_another_kind_is_none()
    {
        using var rsa = RSA.Create(2048);
        const string None = "the key file has neither a PRIVATE KEY nor an EC PRIVATE KEY";
        Assert.Equal(None, Refusal(Certificate(), rsa.ExportRSAPrivateKeyPem()));
        var encryption = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
        Assert.Equal(None, Refusal(Certificate(), _key.ExportEncryptedPkcs8PrivateKeyPem("secret", encryption)));
    }

    private static string Refusal(string certificate, string key) => Assert.Throws<CryptographicException>(() => ClientKeyPair.Read(certificate, key)).Message;

    private string Certificate()
    {
        using var certificate = new CertificateRequest("CN=watcher", _key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return certificate.ExportCertificatePem();
    }
}
