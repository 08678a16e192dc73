using System.Text.Json.Nodes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Cluster;

/// <summary>The simulator's API server with one recorded Pod.</summary>
internal sealed class Cluster : TestCluster
{
    private Cluster(ApiServer api, RecordedWatch recorded) : base(recorded) => Api = api;

    public ApiServer Api { get; }

    public override string Namespace => Recorded.Namespace;

    public override int Port => Api.Port;

    /// <summary>Starts the API server with the Pod as it was created; its service account may get and watch Pods.</summary>
    public static async Task<Cluster> StartAsync(string recording = "slow-sidecar", bool allow = true, ApiServerOptions? options = null)
    {
        var api = await ApiServer.StartAsync(options);
        var cluster = new Cluster(api, Load(recording));
        cluster.Recorded.PushNext(api.Store);
        if (allow) await cluster.AllowAsync("get", "watch");
        api.WriteKubeconfig(cluster.Kubeconfig, cluster.Token(), cluster.Namespace);
        return cluster;
    }

    public override Task<string> AskedAsync() =>
        Task.FromResult(string.Join(", ", Api.Requests.Select(request => request.Status is 0 or 200 ? request.Verb : $"{request.Verb} {request.Status}")));

    public override Task AllowAsync(params string[] verbs)
    {
        Api.Rbac.AllowPods(Namespace, "watcher", verbs);
        return Task.CompletedTask;
    }

    public override Task WatchesAsync() => Api.WaitForWatchersAsync(1, TestContext.Current.CancellationToken);

    public override Task AnswersAsync(string verb, int status) =>
        Api.WaitForRequestAsync(request => request.Verb == verb && request.Status == status, 0, TestContext.Current.CancellationToken);

    public override Task PushUntilAsync(Func<JsonObject, bool> pod)
    {
        Recorded.PushUntil(Api.Store, pod);
        return Task.CompletedTask;
    }

    /// <summary>Pushes the recorded states up to the first in which the container's status is so.</summary>
    public void PushUntil(string container, Func<JsonNode, bool> status) => Recorded.PushUntil(Api.Store, pod => Has(pod, container, status));

    /// <summary>Pushes the recorded states up to the first in which the container is so: ready, running, terminated.</summary>
    public void PushUntil(string container, string state) => PushUntil(container, status => Is(status, state));

    public override Task DeletePodAsync()
    {
        Api.Store.RequestDeletion(Namespace, Recorded.PodName);
        return Task.CompletedTask;
    }

    public override Task WriteServiceAccountFilesAsync(string directory)
    {
        Api.WriteServiceAccountFiles(directory, Token(), Namespace);
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await base.DisposeAsync();
    }

    private string Token() => Api.IssueToken(Recorded.Namespace, "watcher", Recorded.PodName, Recorded.PodUid);
}
