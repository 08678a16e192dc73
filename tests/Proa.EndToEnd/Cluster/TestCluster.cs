using System.Text.Json.Nodes;
using Proa.EndToEnd.Processes;
using Proa.EndToEnd.RealServer;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Cluster;

/// <summary>Whose API server a test runs against.</summary>
public enum Server
{
    /// <summary>The simulator's.</summary>
    Simulated,

    /// <summary>A kube-apiserver; the test is skipped where there is none.</summary>
    Real,
}

/// <summary>
/// An API server with one recorded Pod, and a kubeconfig for it: for proa as an ordinary process, which needs no kubelet. Its
/// states are pushed by the test.
/// </summary>
internal abstract class TestCluster(RecordedWatch recorded) : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public RecordedWatch Recorded { get; } = recorded;

    /// <summary>The namespace that the Pod is in.</summary>
    public abstract string Namespace { get; }

    /// <summary>The API server's port on 127.0.0.1.</summary>
    public abstract int Port { get; }

    public string Directory => _directory.Path;

    public string Kubeconfig => Path.Combine(Directory, "kubeconfig");

    /// <summary>The environment in which proa finds this API server.</summary>
    public Dictionary<string, string?> Variables => new() { ["KUBECONFIG"] = Kubeconfig, ["PROA_LOG_FORMAT"] = "text" };

    /// <summary>The environment in which proa finds it by the service account's files.</summary>
    public Dictionary<string, string?> InClusterVariables => new()
    {
        ["KUBECONFIG"] = null,
        ["KUBERNETES_SERVICE_HOST"] = "127.0.0.1",
        ["KUBERNETES_SERVICE_PORT"] = $"{Port}",
        ["PROA_LOG_FORMAT"] = "text",
    };

    /// <summary>The verbs of the requests so far, with the statuses that are not 200: <c>get 403, get, watch</c>.</summary>
    public abstract Task<string> AskedAsync();

    /// <summary>Starts it with the Pod as it was created; its service account may get and watch Pods.</summary>
    public static async Task<TestCluster> StartAsync(Server server, string recording = "slow-sidecar", bool allow = true) => server switch
    {
        Server.Simulated => await Cluster.StartAsync(recording, allow),
        Server.Real => await RealCluster.StartAsync(recording, allow),
    };

    /// <summary>Lets the service account do this with Pods.</summary>
    public abstract Task AllowAsync(params string[] verbs);

    /// <summary>Waits until proa watches.</summary>
    public abstract Task WatchesAsync();

    /// <summary>Waits until a request has been answered so.</summary>
    public abstract Task AnswersAsync(string verb, int status);

    /// <summary>Pushes the recorded states up to the first that matches.</summary>
    public abstract Task PushUntilAsync(Func<JsonObject, bool> pod);

    /// <summary>Pushes the recorded states up to the first in which the container's status is so.</summary>
    public Task PushUntilAsync(string container, Func<JsonNode, bool> status) => PushUntilAsync(pod => Has(pod, container, status));

    /// <summary>Pushes the recorded states up to the first in which the container is so: ready, running, terminated.</summary>
    public Task PushUntilAsync(string container, string state) => PushUntilAsync(container, status => Is(status, state));

    /// <summary>Asks for the Pod's deletion, with its grace period.</summary>
    public abstract Task DeletePodAsync();

    /// <summary>Writes token, ca.crt and namespace, as the kubelet does.</summary>
    public abstract Task WriteServiceAccountFilesAsync(string directory);

    /// <summary>Starts proa with main container "main".</summary>
    public RunningProcess Proa(params string[] arguments) => RunningProcess.Start([Executables.Proa, .. arguments], Variables);

    public virtual ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The containers seem to start later than any proa that the test starts in them.</summary>
    protected static RecordedWatch Load(string recording) =>
        RecordedWatch.Load(
            Path.Combine(AppContext.BaseDirectory, "Fixtures", "kubernetes-1.36", recording + ".watch.jsonl"),
            DateTimeOffset.UtcNow.AddHours(1));

    protected static bool Is(JsonNode status, string state) => state == "ready" ? (bool)status["ready"]! : status["state"]?[state] is not null;

    protected static bool Has(JsonObject pod, string container, Func<JsonNode, bool> status) =>
        pod["status"]?["containerStatuses"]?.AsArray().Any(s => s!["name"]!.ToString() == container && status(s)) == true;
}
