using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Proa.Kubernetes;

namespace Proa.Fuzz;

/// <summary>A kubeconfig file.</summary>
internal sealed class KubeconfigTarget : Target
{
    public override string Name => "kubeconfig";

    protected override int MemoryPerByte => 400;

    public override IEnumerable<byte[]> FirstInputs()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=a", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(99));
        var authority = "certificate-authority-data: " + Base64(certificate.ExportCertificatePem());
        var files = (string[])
        [
            File("server: https://10.0.0.1:6443\n    certificate-authority: ca.crt\n    tls-server-name: kubernetes", "token: secret"),
            File(
                "server: https://[::1]\n    " + authority,
                $"client-certificate-data: {Base64(certificate.ExportCertificatePem())}\n    client-key-data: {Base64(key.ExportPkcs8PrivateKeyPem())}"),
            File("server: http://localhost/path\n    insecure-skip-tls-verify: true", "tokenFile: account/token"),
            File("server: https://a", "exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, args: [eks, get-token]}"),
            File("server: https://a", "client-certificate: a.crt\n    client-key: a.key"),
            "{\"current-context\":\"a\",\"contexts\":[{\"name\":\"a\",\"context\":{\"cluster\":\"a\"}}],"
                + "\"clusters\":[{\"name\":\"a\",\"cluster\":{\"server\":\"https://a\"}}]}",
            "%YAML 1.2\n--- &a !!map\ncurrent-context: |+\n  a\n\n? >-\n  contexts\n: [*a, {name: 'it''s', context: \"\\x61\\u0062\"}] # end\n...\n---\nb: ~\n",
            string.Concat(Enumerable.Repeat("- ", 30_000)),
            new('[', 60_000),
            // YamlDotNet has other exceptions than its own for these.
            "a: {b: c\nd: e\n",
            "...\na",
            "!!]",
            "!<> a",
            "%TAG !\t",
            "\"\\UFFFFFFFF\"",
        ];
        foreach (var file in files) yield return Encoding.UTF8.GetBytes(file);
        yield return [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("current-context: a\n")];
    }

    public override IEnumerable<string> Words() =>
    [
        .. ((string[])
        [
            "current-context", "contexts", "context", "clusters", "cluster", "users", "user", "name", "namespace", "server", "certificate-authority",
            "certificate-authority-data", "client-certificate", "client-certificate-data", "client-key", "client-key-data", "token", "tokenFile",
            "tls-server-name", "insecure-skip-tls-verify", "exec", "auth-provider",
        ]).Select(key => key + ": "),
        "https://", "http://[::1]:1/", "true", "\n- ", "\n  ", "? ", ": ", "- ", "[", "]", "{", "}", ", ",
        "&a ", "*a", "!!str ", "!<tag:x> ", "|\n", "|2-\n", ">+\n",
        "'", "\"", "\\", "\\U0010FFFF", "#", "---\n", "...\n", "%YAML 1.2\n", "%TAG ! "
            + "tag:x\n", "\t", "\r", "\u0085", "\u2028", "\ufeff", "\0", "<<", "=", "~", "@", "`",
    ];

    public override void Read(byte[] input)
    {
        if (Bounded(input, Parse) is not { } access) return;
        Require(access.Server is { IsAbsoluteUri: true, Scheme: "https" or "http", Host.Length: > 0 }, $"{access.Server} is no URL to make requests of");
        foreach (var file in (Credential?[])[access.Authority, access.Token, access.ClientCertificate?.Certificate, access.ClientCertificate?.Key])
            Require(
                file is null || (file.Path is null ? file.Inline is { Length: > 0 } : Path.IsPathRooted(file.Path)),
                $"{file} is neither a file nor content");
    }

    /// <summary>As <see cref="Kubeconfig.Read"/>, which takes a file.</summary>
    private static ClusterAccess? Parse(byte[] input)
    {
        using var reader = new StreamReader(new MemoryStream(input), Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
        ClusterAccess? access = null;
        Refusable(() => access = Kubeconfig.Parse(reader.ReadToEnd(), "/nowhere/kubeconfig"));
        return access;
    }

    private static void Refusable(Action read)
    {
        try
        {
            read();
        }
        catch (CannotRunException e)
        {
            Require(e.Message.Length > 0 && e.Hint.Length > 0, "it is refused without a reason or a remedy");
        }
    }

    private static string File(string cluster, string user) => $$"""
        apiVersion: v1
        kind: Config
        current-context: a
        clusters:
        - name: a
          cluster:
            {{cluster}}
        contexts:
        - name: a
          context: {cluster: a, user: a, namespace: lab}
        users:
        - name: a
          user:
            {{user}}

        """;

    private static string Base64(string pem) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));
}
