using System.Security.Authentication;
using System.Security.Cryptography;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Cluster;

/// <summary>
/// What an API server, or a proxy before it, may offer and a kubeconfig have, is linked in: src/Proa/Linux/crypto.c and build/substitutions.xml
/// leave out what TLS does without.
/// </summary>
public sealed class TlsKinds
{
    [Theory]
    [InlineData("rsa", SslProtocols.Tls12)]
    [InlineData("rsa", SslProtocols.Tls13)]
    [InlineData("pss", SslProtocols.Tls13)]
    [InlineData("nistP256", SslProtocols.Tls12)]
    [InlineData("nistP256", SslProtocols.Tls13)]
    [InlineData("nistP384", SslProtocols.Tls12)]
    [InlineData("nistP521", SslProtocols.Tls13)]
    public async Task A_servers_certificate_and_its_authority_may_be_of_this_kind(string kind, SslProtocols protocol) =>
        await IsAnsweredAsync(new(kind, protocol));

    [Theory]
    [InlineData("nistP256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")]
    [InlineData("nistP256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")]
    [InlineData("nistP256", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256")]
    [InlineData("nistP256", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384")]
    [InlineData("rsa", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")]
    [InlineData("rsa", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")]
    [InlineData("nistP256", "TLS_AES_128_GCM_SHA256")]
    [InlineData("nistP256", "TLS_AES_256_GCM_SHA384")]
    [InlineData("nistP256", "TLS_CHACHA20_POLY1305_SHA256")]
    public async Task A_server_may_offer_this_suite_alone(string kind, string suite)
    {
        var isOfTls12 = suite.Contains("WITH", StringComparison.Ordinal);
        await IsAnsweredAsync(new(kind, isOfTls12 ? SslProtocols.Tls12 : SslProtocols.Tls13, Enum.Parse<System.Net.Security.TlsCipherSuite>(suite)));
    }

    [Theory]
    [InlineData("rsa", "RSA PRIVATE KEY")]
    [InlineData("rsa", "PRIVATE KEY")]
    [InlineData("nistP256", "EC PRIVATE KEY")]
    [InlineData("nistP384", "PRIVATE KEY")]
    [InlineData("nistP521", "PRIVATE KEY")]
    public async Task A_client_key_may_be_of_this_kind_and_form(string kind, string label)
    {
        using var key = TlsServer.MakeKey(kind);
        var der = (label, key) switch
        {
            ("RSA PRIVATE KEY", RSA rsa) => rsa.ExportRSAPrivateKey(),
            ("EC PRIVATE KEY", ECDsa curve) => curve.ExportECPrivateKey(),
            _ => key.ExportPkcs8PrivateKey(),
        };
        await IsAnsweredAsync(new("nistP256", SslProtocols.Tls13, client: (key, PemEncoding.WriteString(label, der))));
    }

    [Fact]
    public async Task A_client_sends_with_its_certificate_what_follows_it_in_the_file()
    {
        using var key = TlsServer.MakeKey("nistP256");
        using var server = new TlsServer("nistP256", SslProtocols.Tls13, client: (key, PemEncoding.WriteString("PRIVATE KEY", key.ExportPkcs8PrivateKey())));
        Assert.Contains(Answered, await CheckAsync(server), StringComparison.Ordinal);
        Assert.Equal(["CN=client", "CN=middle"], server.ClientChain);
    }

    [Fact]
    public async Task What_else_is_in_the_key_file_is_skipped()
    {
        using var key = (ECDsa)TlsServer.MakeKey("nistP256");
        var parameters = PemEncoding.WriteString("EC PARAMETERS", [6, 8, 42, 134, 72, 206, 61, 3, 1, 7]);
        var file = $"# of the cluster\n{parameters}\n{key.ExportECPrivateKeyPem()}\n{key.ExportSubjectPublicKeyInfoPem()}";
        await IsAnsweredAsync(new("nistP256", SslProtocols.Tls13, client: (key, file)));
    }

    [Fact]
    public async Task A_client_key_of_another_certificate_is_refused()
    {
        using var key = TlsServer.MakeKey("nistP256");
        using var other = TlsServer.MakeKey("nistP256");
        await IsRefusedAsync(
            new("nistP256", SslProtocols.Tls13, client: (key, PemEncoding.WriteString("PRIVATE KEY", other.ExportPkcs8PrivateKey()))),
            "the key is not the certificate's");
    }

    [Fact]
    public async Task A_client_key_that_is_encrypted_is_refused_and_no_password_is_asked_for()
    {
        using var key = TlsServer.MakeKey("nistP256");
        var encryption = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
        await IsRefusedAsync(
            new("nistP256", SslProtocols.Tls13, client: (key, key.ExportEncryptedPkcs8PrivateKeyPem("secret", encryption))),
            "there is no private key that proa can read; it must be RSA or ECDSA, and not be encrypted");
    }

    [Fact]
    public async Task Whoever_is_in_the_CA_file_is_trusted_without_the_root_too()
    {
        using var server = new TlsServer("nistP256", SslProtocols.Tls13);
        await File.WriteAllTextAsync(server.AuthorityFile, server.MiddlePem, TestContext.Current.CancellationToken);
        Assert.Contains(Answered, await CheckAsync(server), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_in_the_CA_file_is_skipped()
    {
        const string broken = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n:-)\n-----END CERTIFICATE-----\n";
        using var server = new TlsServer("nistP256", SslProtocols.Tls13);
        var whole = await File.ReadAllTextAsync(server.AuthorityFile, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(server.AuthorityFile, broken + whole + "\n-----BEGIN CERTIFICATE-----", TestContext.Current.CancellationToken);
        Assert.Contains(Answered, await CheckAsync(server), StringComparison.Ordinal);
        await File.WriteAllTextAsync(server.AuthorityFile, broken, TestContext.Current.CancellationToken);
        Assert.Contains($"there is no certificate in the API server's CA {server.AuthorityFile}", await CheckAsync(server), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_common_name_is_not_a_servers_name() =>
        await IsRefusedAsync(new("nistP256", SslProtocols.Tls13, hasAlternativeName: false), "it is for another name or address");

    private const string Answered = "the API server answered 403";

    /// <summary>What the server then says is no longer of TLS.</summary>
    private static Task IsAnsweredAsync(TlsServer server) => IsRefusedAsync(server, Answered);

    private static async Task IsRefusedAsync(TlsServer server, string reason)
    {
        using var disposed = server;
        Assert.Contains(reason, await CheckAsync(server), StringComparison.Ordinal);
    }

    private static async Task<string> CheckAsync(TlsServer server)
    {
        await using var proa = RunningProcess.Start(
            [Executables.Proa, "--check", "--pod", "none", "--container", "main", "true"],
            new Dictionary<string, string?> { ["KUBECONFIG"] = server.Kubeconfig });
        return (await proa.ResultAsync()).Output;
    }
}
