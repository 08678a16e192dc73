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

    /// <summary>What the server then says is no longer of TLS.</summary>
    private static async Task IsAnsweredAsync(TlsServer server)
    {
        using var disposed = server;
        await using var proa = RunningProcess.Start(
            [Executables.Proa, "--check", "--pod", "none", "--container", "main", "true"],
            new Dictionary<string, string?> { ["KUBECONFIG"] = server.Kubeconfig });
        var (_, output, _) = await proa.ResultAsync();
        Assert.Contains("the API server answered 403", output, StringComparison.Ordinal);
    }
}
