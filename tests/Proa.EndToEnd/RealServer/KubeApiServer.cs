using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Proa.EndToEnd.RealServer;

/// <summary>A kube-apiserver on loopback, and what an administrator asks of it.</summary>
internal sealed class KubeApiServer : IAsyncDisposable
{
    private readonly ControlPlane _plane;
    private readonly HttpClient _http;
    private readonly string[] _options;
    private ServerProcess? _process;

    private KubeApiServer(ControlPlane plane, string[] options)
    {
        (_plane, _options) = (plane, options);
        Port = ControlPlane.FreePort();
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) =>
            X509CertificateLoader.LoadCertificateFromFile(CertificateFile).Equals(shown);
        _http = new(handler) { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(30) };
    }

    public int Port { get; }

    public Uri Url => new($"https://127.0.0.1:{Port}");

    /// <summary>The requests for Pods so far.</summary>
    public AuditLog Audit { get; } = new();

    /// <summary>The server's own certificate and the CA that it has made for it.</summary>
    public string CertificateAuthorityPem => File.ReadAllText(CertificateFile);

    private string CertificateFile => _plane.Files["certificates/apiserver.crt"];

    /// <summary>Starts one on the cluster's etcd, and waits until it is ready.</summary>
    /// <param name="plane">The cluster.</param>
    /// <param name="options">More of kube-apiserver's options.</param>
    public static async Task<KubeApiServer> StartAsync(ControlPlane plane, params string[] options)
    {
        var server = new KubeApiServer(plane, options);
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, after <see cref="KillAsync"/> again, on the same port.</summary>
    public async Task StartAgainAsync()
    {
        var process = _process = ServerProcess.Start(
            [
                Path.Combine(ControlPlane.Assets!, "kube-apiserver"),
                $"--etcd-servers={_plane.EtcdUrl}",
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--endpoint-reconciler-type=none", // which would not have a loopback address
                $"--secure-port={Port}",
                $"--cert-dir={_plane.Files["certificates"]}",
                $"--token-auth-file={_plane.Files["tokens.csv"]}",
                "--service-account-issuer=https://kubernetes.default.svc",
                $"--service-account-key-file={_plane.Files["service-accounts.key"]}",
                $"--service-account-signing-key-file={_plane.Files["service-accounts.key"]}",
                "--service-cluster-ip-range=10.0.0.0/24",
                "--authorization-mode=RBAC",
                "--disable-admission-plugins=ServiceAccount", // which would wait for what controllers make
                $"--audit-policy-file={_plane.Files["audit.yaml"]}",
                "--audit-log-path=-",
                .. _options,
            ],
            Audit.Add);
        await UntilAsync(() =>
        {
            _plane.Etcd.MustRun();
            process.MustRun();
            return IsReadyAsync();
        });
    }

    /// <summary>Ends it at once, as a crash does.</summary>
    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
        Audit.AllAreOver();
    }

    /// <summary>Creates an object.</summary>
    /// <returns>What the server has made of it.</returns>
    public Task<JsonObject> CreateAsync(string path, JsonObject body) => SendAsync(HttpMethod.Post, path, body, "application/json");

    /// <summary>Applies a JSON patch.</summary>
    public Task PatchAsync(string path, JsonArray patch) => SendAsync(HttpMethod.Patch, path, patch, "application/json-patch+json");

    /// <summary>Deletes an object, with its own grace period or another one.</summary>
    public Task DeleteAsync(string path, int? gracePeriodSeconds = null) =>
        SendAsync(HttpMethod.Delete, path, new JsonObject { ["gracePeriodSeconds"] = gracePeriodSeconds }, "application/json");

    /// <summary>Gets an object.</summary>
    public Task<JsonObject> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null, "");

    /// <summary>The requests for Pods of a namespace so far, in order.</summary>
    public async Task<AuditedRequest[]> RequestsAsync(string podNamespace)
    {
        // A request without a token: it is refused and logged, and what came before it is in the log before it.
        var mark = Guid.NewGuid().ToString();
        using var response = await _http.GetAsync(
            new Uri($"/api/v1/namespaces/{podNamespace}/pods/{mark}", UriKind.Relative),
            TestContext.Current.CancellationToken);
        return await Audit.UpToMarkAsync(podNamespace, mark);
    }

    /// <summary>Asks time and again until the answer is yes, where no event says so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var end = DateTime.UtcNow.AddMinutes(2); !await condition(); await Task.Delay(50))
            Assert.True(DateTime.UtcNow < end, "it has not come about");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _http.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await _http.GetAsync(new Uri("/readyz", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // nobody listens yet
        }
    }

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, JsonNode? body, string mediaType)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _plane.AdministratorsToken);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, mediaType);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"{method} {path}: {await response.Content.ReadAsStringAsync()}");
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }
}
