using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Proa.EndToEnd.Cluster;

/// <summary>A server that offers one way to speak TLS and refuses everything, and a kubeconfig for it.</summary>
internal sealed class TlsServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tls-");
    private readonly SslServerAuthenticationOptions _options;

    /// <param name="kind">The kind of the certificate's key, and of its authority's: rsa, pss, or the name of a curve.</param>
    /// <param name="protocol">The one that is offered.</param>
    /// <param name="suite">The one that is offered; null: all.</param>
    /// <param name="client">The client's key and its form, whose certificate is then asked for.</param>
    /// <param name="hasAlternativeName">Whether the address is a subject alternative name of the certificate; else it is its common name.</param>
    public TlsServer(
        string kind, SslProtocols protocol, TlsCipherSuite? suite = null, (AsymmetricAlgorithm Key, string Pem)? client = null, bool hasAlternativeName = true)
    {
        using var authorityKey = MakeKey(kind);
        using var authority = Request("CN=authority", authorityKey, kind, pathLength: 1).CreateSelfSigned(Before, After);
        using var middleKey = MakeKey(kind);
        using var middle = Issue(Request("CN=middle", middleKey, kind, pathLength: 0), authority, authorityKey, kind);
        using var key = MakeKey(kind);
        var server = WithKey(Issue(Request("CN=127.0.0.1", key, kind, hasAlternativeName: hasAlternativeName), middle, middleKey, kind), key);
        _options = new()
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(server, [middle], offline: true),
            EnabledSslProtocols = protocol,
            CipherSuitesPolicy = suite is { } one ? new([one]) : null,
            ClientCertificateRequired = client is not null,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
            {
                // All that the client has sent: its own, and what is between it and the authority.
                ClientChain = chain?.ChainPolicy.ExtraStore.Select(c => c.Subject).Append(certificate?.Subject ?? "").Distinct().Order().ToArray() ?? [];
                return client is null || certificate is not null;
            },
        };
        _listener.Start();
        File.WriteAllText(AuthorityFile, authority.ExportCertificatePem());
        File.WriteAllText(PathOf("middle.crt"), middle.ExportCertificatePem());
        var user = "{token: t}";
        if (client is var (own, pem))
        {
            var certificate = Issue(Request("CN=client", own, kind), middle, middleKey, kind).ExportCertificatePem();
            File.WriteAllText(PathOf("client.crt"), $"{certificate}\n{middle.ExportCertificatePem()}\n");
            File.WriteAllText(PathOf("client.key"), pem);
            user = "{client-certificate: client.crt, client-key: client.key}";
        }

        File.WriteAllText(Kubeconfig, $$"""
            current-context: here
            contexts: [{name: here, context: {cluster: lab, user: watcher, namespace: lab} }]
            clusters: [{name: lab, cluster: {server: "https://127.0.0.1:{{((IPEndPoint)_listener.LocalEndpoint).Port}}", certificate-authority: ca.crt} }]
            users: [{name: watcher, user: {{user}} }]
            """);
        _ = ServeAsync();
    }

    public string Kubeconfig => PathOf("config");

    /// <summary>The root's certificate, in which the kubeconfig trusts.</summary>
    public string AuthorityFile => PathOf("ca.crt");

    /// <summary>The certificate of who has signed the server's, which the server sends too.</summary>
    public string MiddlePem => File.ReadAllText(PathOf("middle.crt"));

    /// <summary>Whose certificates the client has sent.</summary>
    public IReadOnlyList<string> ClientChain { get; private set; } = [];

    private static DateTimeOffset Before => DateTimeOffset.UtcNow.AddDays(-1);
    private static DateTimeOffset After => DateTimeOffset.UtcNow.AddDays(1);

    public static AsymmetricAlgorithm MakeKey(string kind) => kind is "rsa" or "pss" ? RSA.Create(2048) : ECDsa.Create(ECCurve.CreateFromFriendlyName(kind));

    public void Dispose()
    {
        _listener.Dispose();
        _directory.Delete(recursive: true);
    }

    private string PathOf(string file) => Path.Combine(_directory.FullName, file);

    private static CertificateRequest Request(string name, AsymmetricAlgorithm key, string kind, int? pathLength = null, bool hasAlternativeName = true)
    {
        var request = key is RSA rsa
            ? new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, kind == "pss" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1)
            : new CertificateRequest(name, (ECDsa)key, kind == "nistP521" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA384);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        if (hasAlternativeName) request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(pathLength is not null, pathLength is not null, pathLength ?? 0, true));
        return request;
    }

    private static X509Certificate2 Issue(CertificateRequest request, X509Certificate2 authority, AsymmetricAlgorithm key, string kind)
    {
        var signature = key is RSA rsa
            ? X509SignatureGenerator.CreateForRSA(rsa, kind == "pss" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1)
            : X509SignatureGenerator.CreateForECDsa((ECDsa)key);
        return request.Create(authority.SubjectName, signature, Before, After, RandomNumberGenerator.GetBytes(12));
    }

    private static X509Certificate2 WithKey(X509Certificate2 certificate, AsymmetricAlgorithm key)
    {
        using var withKey = key is RSA rsa ? certificate.CopyWithPrivateKey(rsa) : certificate.CopyWithPrivateKey((ECDsa)key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true) _ = AnswerAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            await using var stream = new SslStream(client.GetStream());
            await stream.AuthenticateAsServerAsync(_options);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            while (await reader.ReadLineAsync() is { Length: > 0 })
            {
            }

            const string Status = """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no","reason":"Forbidden","code":403}""";
            var answer = $"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: {Status.Length}\r\n\r\n{Status}";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // The test sees that there is no answer.
        }
    }
}
