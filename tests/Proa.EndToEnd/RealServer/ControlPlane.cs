using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Proa.EndToEnd.Processes;
using Proa.EndToEnd.RealServer;

[assembly: AssemblyFixture(typeof(ControlPlane))]

namespace Proa.EndToEnd.RealServer;

/// <summary>
/// etcd and kube-apiserver from the folder that KUBEBUILDER_ASSETS names, as for controller-runtime's envtest: started when the first
/// test asks for them, for all tests of a run.
/// </summary>
public sealed class ControlPlane : IAsyncDisposable
{
    private static readonly string? _given = Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is { Length: > 0 } given ? given : null;

    // xunit does not give an assembly's fixture to those of a collection.
    private static ControlPlane? _plane;

    private readonly Lazy<Task<KubeApiServer>> _shared;

    public ControlPlane() => (_shared, _plane) = (new(StartAsync), this);

    /// <summary>The folder, or null.</summary>
    internal static string? Assets { get; } = FindAssets();

    /// <summary>What all servers of the cluster are given, and what they write.</summary>
    internal TemporaryDirectory Files { get; } = new();

    internal string AdministratorsToken { get; } = Guid.NewGuid().ToString();

    internal ServerProcess Etcd { get; private set; } = null!;

    internal string EtcdUrl { get; } = $"http://127.0.0.1:{FreePort()}";

    /// <summary>The kube-apiserver for all tests; skips the test where there is none.</summary>
    internal static async Task<KubeApiServer> SharedServerAsync() => await Find()._shared.Value;

    /// <summary>Another kube-apiserver of the same cluster, for a test that ends it.</summary>
    internal static async Task<KubeApiServer> OwnServerAsync(params string[] options)
    {
        var plane = Find();
        await plane._shared.Value; // makes the certificates, which all servers use
        return await KubeApiServer.StartAsync(plane, options);
    }

    /// <summary>Skips the test where there is no kube-apiserver, or an older one.</summary>
    internal static async Task RequireVersionAsync(int minor)
    {
        var version = await (await SharedServerAsync()).GetAsync("/version");
        var actual = int.Parse(version["minor"]!.ToString().TrimEnd('+'), CultureInfo.InvariantCulture);
        Assert.SkipWhen(actual < minor, $"Kubernetes 1.{minor} is needed, and this is {version["gitVersion"]}");
    }

    /// <summary>Has etcd forget its history, as kube-apiserver itself does every 5 minutes.</summary>
    internal static async Task CompactAsync()
    {
        using var http = new HttpClient { BaseAddress = new(Find().EtcdUrl) };
        var range = await AskAsync("range", new() { ["key"] = "AA==" });
        await AskAsync("compaction", new() { ["revision"] = range["header"]!["revision"]!.DeepClone(), ["physical"] = true });

        async Task<JsonObject> AskAsync(string what, JsonObject request)
        {
            using var response = await http.PostAsJsonAsync($"/v3/kv/{what}", request, TestContext.Current.CancellationToken);
            return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken))!;
        }
    }

    /// <summary>A port that is free, and below those that the kernel gives to connections: a server may take it later, and again.</summary>
    internal static int FreePort() => Enumerable.Range(0, 100).Select(_ => Random.Shared.Next(20000, 32000)).First(IsFree);

    public async ValueTask DisposeAsync()
    {
        if (_shared is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }) await (await _shared.Value).DisposeAsync();
        if (Etcd is not null) await Etcd.DisposeAsync();
        Files.Dispose();
    }

    /// <summary>Skips the test where there is no kube-apiserver.</summary>
    internal static void Require() => Assert.SkipWhen(
        Assets is null,
        _given is null ? "KUBEBUILDER_ASSETS is not set" : $"KUBEBUILDER_ASSETS does not name a folder with kube-apiserver and etcd: {_given}");

    private static ControlPlane Find()
    {
        Require();
        return _plane!;
    }

    private async Task<KubeApiServer> StartAsync()
    {
        Files.Write("tokens.csv", $"{AdministratorsToken},administrator,administrator,system:masters");
        Files.Write("audit.yaml", AuditLog.Policy);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Files.Write("service-accounts.key", key.ExportECPrivateKeyPem());
        Etcd = ServerProcess.Start(
            [
                Path.Combine(Assets!, "etcd"),
                $"--data-dir={Files["etcd"]}",
                $"--listen-client-urls={EtcdUrl}",
                $"--advertise-client-urls={EtcdUrl}",
                "--listen-peer-urls=http://127.0.0.1:0",
            ],
            _ => { });
        return await KubeApiServer.StartAsync(this);
    }

    private static string? FindAssets() =>
        _given is not null && new[] { "kube-apiserver", "etcd" }.All(name => File.Exists(Path.Combine(_given, name))) ? Path.GetFullPath(_given) : null;

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
