using Proa.Linux;
using Proa.Net;
using Proa.Sidecars;

namespace Proa.Kubernetes;

/// <summary>Something that is read from a file, which may be replaced while we run, or is given inline.</summary>
/// <param name="Path">The file, or null.</param>
/// <param name="Inline">The content, if there is no file.</param>
internal sealed record Credential(string? Path, byte[]? Inline)
{
    public static Credential File(string path) => new(path, null);

    /// <exception cref="CannotRunException">The file cannot be read.</exception>
    public byte[] Read(string what)
    {
        if (Path is null) return Inline ?? [];
        try
        {
            return System.IO.File.ReadAllBytes(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotRunException($"cannot read {what} {Path}: {Reason(e)}", e is UnauthorizedAccessException
                ? "proa must run as a user who may read it: see fsGroup in the Pod's securityContext"
                : "is the service account's token mounted? See automountServiceAccountToken" + KnownSidecarsText.NeedsNone) { IsWithoutAccess = true };
        }
    }

    private static string Reason(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "no such file",
        UnauthorizedAccessException => "permission denied",
        _ => e.Message,
    };
}

/// <summary>Where the API server is, how to know it, and how to be known to it.</summary>
/// <param name="Server">Its URL.</param>
/// <param name="Authority">The CA that its certificate must be from; null: the system's.</param>
/// <param name="Token">The bearer token, or null.</param>
/// <param name="ClientCertificate">The client certificate and its key, or null.</param>
/// <param name="ServerName">The name that its certificate must have, if it is not the URL's.</param>
/// <param name="SkipVerification">Whether its certificate is not verified.</param>
/// <param name="Namespace">The namespace that is given with it, or null.</param>
/// <param name="Source">Where this comes from, for people.</param>
internal sealed record ClusterAccess(
    Uri Server,
    Credential? Authority,
    Credential? Token,
    (Credential Certificate, Credential Key)? ClientCertificate,
    string? ServerName,
    bool SkipVerification,
    string? Namespace,
    string Source)
{
    private const string ServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/";
    private const string ServiceHost = "KUBERNETES_SERVICE_HOST";

    /// <summary>Looks for KUBECONFIG, then for the service account, then for ~/.kube/config.</summary>
    /// <param name="watches">Whether an option needs the API server that nothing else can stand for.</param>
    /// <exception cref="CannotRunException">None of them is there, or the one that is cannot be used.</exception>
    public static ClusterAccess Find(bool watches)
    {
        if (GivenArguments.Variable("KUBECONFIG") is { Length: > 0 } variable)
            return Kubeconfig.Read(variable.Split(':', StringSplitOptions.RemoveEmptyEntries));

        var home = GivenArguments.Variable("HOME") is { Length: > 0 } directory ? directory + "/.kube/config" : null;
        if (GivenArguments.Variable(ServiceHost) is { Length: > 0 } host) return InCluster(host);
        if (home is not null && File.Exists(home)) return Kubeconfig.Read(home);
        throw new CannotRunException(
            $"not in Kubernetes: neither KUBECONFIG nor {ServiceHost} is set, and there is no {home ?? "~/.kube/config"}",
            watches
                ? "run proa in a Pod: --stop-on and --until read its status"
                : "run proa in a Pod, or with --no-wait to start main without asking the API server; "
                    + "with --no-api it waits for --wait-http, --wait-tcp, --wait-file and --known KIND only") { IsWithoutAccess = !watches };
    }

    private static ClusterAccess InCluster(string host)
    {
        var port = GivenArguments.Variable("KUBERNETES_SERVICE_PORT") is { Length: > 0 } given ? given : "443";
        var name = host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host;
        if (!Uri.TryCreate($"https://{name}:{port}", UriKind.Absolute, out var server))
            throw new CannotRunException(
                $"{ServiceHost} \"{host}\" and KUBERNETES_SERVICE_PORT \"{port}\" are not a URL",
                "the kubelet sets them: leave them as they are");
        return new(
            server,
            Credential.File(ServiceAccount + "ca.crt"),
            Credential.File(ServiceAccount + "token"),
            null,
            null,
            SkipVerification: false,
            ReadNamespace(),
            "the service account");
    }

    private static string? ReadNamespace()
    {
        try
        {
            return File.ReadAllText(ServiceAccount + "namespace").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // the token says it too
        }
    }

    /// <summary>Whom to trust as the API server, and as whom to appear there; null for http.</summary>
    /// <param name="authority">What was read from <see cref="Authority"/>, or null.</param>
    /// <exception cref="CannotRunException">The CA, the client certificate or its key cannot be used.</exception>
    public TlsContext? Tls(byte[]? authority)
    {
        if (Server.Scheme != Uri.UriSchemeHttps) return null;
        var context = SkipVerification ? TlsContext.OfAnyone()
            : authority is null ? TlsContext.OfSystem()
            : TlsContext.Of(authority) ?? throw new CannotRunException(
                $"there is no certificate in the API server's CA {Authority?.Path ?? "in " + Source}", "it must be in PEM form");
        if (ClientCertificate is not var (certificate, key)) return context;
        try
        {
            return context.Present(certificate.Read("the client certificate"), key.Read("the client key")) is { } problem
                ? throw new CannotRunException(
                    $"cannot use the client certificate of {Source}: {problem}", "the certificate and its key must be in PEM form, and belong together")
                : context;
        }
        catch (CannotRunException)
        {
            context.Dispose();
            throw;
        }
    }
}
