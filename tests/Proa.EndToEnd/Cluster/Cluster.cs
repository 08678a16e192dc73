using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Cluster;

/// <summary>
/// An API server with one recorded Pod, and a kubeconfig for it: for proa as an ordinary process, which needs no kubelet. Its
/// states are pushed by the test.
/// </summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private Cluster(ApiServer api, RecordedWatch recorded) => (Api, Recorded) = (api, recorded);

    public ApiServer Api { get; }

    public RecordedWatch Recorded { get; }

    public string Directory => _directory.Path;

    public string Kubeconfig => Path.Combine(Directory, "kubeconfig");

    /// <summary>Starts the API server with the Pod as it was created; its service account may get and watch Pods.</summary>
    public static async Task<Cluster> StartAsync(string recording = "slow-sidecar", bool allow = true, ApiServerOptions? options = null)
    {
        var api = await ApiServer.StartAsync(options);
        var cluster = new Cluster(api, RecordedWatch.Load(Fixture(recording)));
        cluster.Recorded.PushNext(api.Store);
        if (allow) api.Rbac.AllowPods(cluster.Recorded.Namespace, "watcher", "get", "watch");
        var token = api.IssueToken(cluster.Recorded.Namespace, "watcher", cluster.Recorded.PodName, cluster.Recorded.PodUid);
        api.WriteKubeconfig(cluster.Kubeconfig, token, cluster.Recorded.Namespace);
        return cluster;
    }

    /// <summary>Pushes the recorded states up to the first in which the container's status is so.</summary>
    public void PushUntil(string container, Func<System.Text.Json.Nodes.JsonNode, bool> status) =>
        Recorded.PushUntil(Api.Store, pod => pod["status"]?["containerStatuses"]?.AsArray().Any(s => s!["name"]!.ToString() == container && status(s)) == true);

    /// <summary>Starts proa with main container "main".</summary>
    public RunningProcess Proa(params string[] arguments) => RunningProcess.Start([Executables.Proa, .. arguments], Variables);

    /// <summary>The environment in which proa finds this API server.</summary>
    public Dictionary<string, string?> Variables => new() { ["KUBECONFIG"] = Kubeconfig, ["PROA_LOG_FORMAT"] = "text" };

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        _directory.Dispose();
    }

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "kubernetes-1.36", name + ".watch.jsonl");
}
