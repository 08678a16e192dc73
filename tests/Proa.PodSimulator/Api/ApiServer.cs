using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Proa.PodSimulator;

/// <summary>The part of a Kubernetes API server that a Pod's own processes see, over TLS on loopback, with faults on demand.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CertificateAuthority _authority = new();
    private readonly ServiceAccountTokens _tokens = new();
    private readonly Connections _connections = new();
    private readonly WatchHandler _watches;
    private readonly WebApplication _application;

    private ApiServer(ApiServerOptions options)
    {
        var listeners = new ControllableListenerFactory();
        Faults = new Faults(listeners, _connections);
        _connections.NextFault = Faults.TakeForConnection;
        Rbac.Enabled = options.Rbac;
        _watches = new WatchHandler(Store, options.BookmarkInterval);
        var handler = new RequestHandler(Store, _tokens, Rbac, Faults, Requests, _watches, _stopping.Token);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IConnectionListenerFactory>(listeners);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Configure(kestrel, options));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        _application = builder.Build();
        _application.Run(handler.HandleAsync);
    }

    /// <summary>The Pods.</summary>
    public Store Store { get; } = new();

    /// <summary>Who may do what.</summary>
    public Rbac Rbac { get; } = new();

    /// <summary>What goes wrong.</summary>
    public Faults Faults { get; }

    /// <summary>Every request so far.</summary>
    public RequestLog Requests { get; } = [];

    /// <summary>The TCP port, on 127.0.0.1 (and ::1 if asked for).</summary>
    public int Port { get; private set; }

    /// <summary>https://127.0.0.1:PORT</summary>
    public Uri Url => new($"https://127.0.0.1:{Port}");

    /// <summary>What ca.crt has in it.</summary>
    public string CertificateAuthorityPem => _authority.Pem;

    /// <summary>TCP connections open now.</summary>
    public int OpenConnections => _connections.Open;

    /// <summary>TCP connections accepted so far.</summary>
    public int AcceptedConnections => _connections.Accepted;

    /// <summary>Watches open now.</summary>
    public int OpenWatches => _watches.Open;

    /// <summary>Starts a server on a free port.</summary>
    public static async Task<ApiServer> StartAsync(ApiServerOptions? options = null)
    {
        options ??= new ApiServerOptions();
        var server = new ApiServer(options);
        await server._application.StartAsync().ConfigureAwait(false);
        server.Port = new Uri(server._application.Urls.First()).Port;
        return server;
    }

    /// <summary>Issues a token, bound to a Pod if one is named. Several may be valid at a time.</summary>
    public string IssueToken(string @namespace, string serviceAccount = "default", string? podName = null, string? podUid = null, TimeSpan? lifetime = null) =>
        _tokens.Issue(@namespace, serviceAccount, podName, podUid, lifetime ?? TimeSpan.FromDays(365));

    /// <summary>The token is answered with 401 from now on.</summary>
    /// <returns>False if it was not valid before.</returns>
    public bool RevokeToken(string token) => _tokens.Revoke(token);

    /// <summary>
    /// Writes token, ca.crt and namespace into a directory, linked as the kubelet links them, and replaces them in one step if they are
    /// there.
    /// </summary>
    public void WriteServiceAccountFiles(string directory, string token, string @namespace) =>
        AtomicDirectory.Write(directory, new Dictionary<string, AtomicDirectory.Content>
        {
            ["token"] = AtomicDirectory.Content.Of(token),
            ["ca.crt"] = AtomicDirectory.Content.Of(CertificateAuthorityPem),
            ["namespace"] = AtomicDirectory.Content.Of(@namespace),
        });

    /// <summary>Writes a kubeconfig for this server; the file names no other file.</summary>
    public void WriteKubeconfig(string path, string token, string @namespace)
    {
        var authority = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(CertificateAuthorityPem));
        File.WriteAllText(path, $"""
            apiVersion: v1
            kind: Config
            current-context: simulated
            clusters:
            - name: simulated
              cluster:
                server: https://127.0.0.1:{Port}
                certificate-authority-data: {authority}
            contexts:
            - name: simulated
              context:
                cluster: simulated
                user: simulated
                namespace: {@namespace}
            users:
            - name: simulated
              user:
                token: {token}

            """);
    }

    /// <summary>Waits for a request, logged already or to come; see <see cref="RequestLog.WaitForAsync"/>.</summary>
    public Task<ApiRequest> WaitForRequestAsync(Func<ApiRequest, bool> predicate, int since = 0, CancellationToken cancellationToken = default) =>
        Requests.WaitForAsync(predicate, since, cancellationToken);

    /// <summary>Waits until at least that many watches are open.</summary>
    public Task WaitForWatchersAsync(int count, CancellationToken cancellationToken = default) => _watches.WaitForOpenAsync(count, cancellationToken);

    /// <summary>Waits until the number of open TCP connections is as wanted.</summary>
    public Task WaitForOpenConnectionsAsync(Func<int, bool> predicate, CancellationToken cancellationToken = default) =>
        _connections.WaitForOpenAsync(predicate, cancellationToken);

    /// <summary>Waits until at least that many TCP connections have been accepted.</summary>
    public Task WaitForAcceptedConnectionsAsync(int count, CancellationToken cancellationToken = default) =>
        _connections.WaitForAcceptedAsync(count, cancellationToken);

    /// <summary>Applies a Role, ClusterRole, RoleBinding or ClusterRoleBinding; see <see cref="Proa.PodSimulator.Rbac.Apply"/>.</summary>
    public void Apply(JsonObject roleOrBinding) => Rbac.Apply(roleOrBinding);

    /// <summary>Ends all connections and the server.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Faults.Clear();
        _connections.ResetAll();
        await _application.StopAsync().ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        _authority.Dispose();
        _stopping.Dispose();
    }

    private void Configure(KestrelServerOptions kestrel, ApiServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(IPAddress.Loopback, 0, Secure);
        // The listener factory gives it the port of the first.
        if (options.ListenOnIPv6) kestrel.Listen(IPAddress.IPv6Loopback, 0, Secure);

        void Secure(ListenOptions listen)
        {
            listen.Protocols = options.Http1Only ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            listen.Use(next => connection => _connections.RunAsync(connection, () => next(connection)));
            using var stranger = options.Certificate == ServerCertificateKind.UnknownAuthority ? new CertificateAuthority() : null;
            listen.UseHttps((stranger ?? _authority).IssueServerCertificate(
                options.Certificate == ServerCertificateKind.Expired, options.Certificate == ServerCertificateKind.WrongName));
        }
    }
}
