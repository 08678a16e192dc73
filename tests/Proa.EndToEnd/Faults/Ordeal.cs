using System.Globalization;
using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Faults;

/// <summary>
/// proa as an ordinary process that waits for a sidecar, with an API server that misbehaves. However that goes, it is to end well:
/// main starts once the server behaves again and the sidecar is ready.
/// </summary>
internal sealed class Ordeal : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _others = [];

    private Ordeal(Cluster.Cluster cluster)
    {
        Cluster = cluster;
        Variables = cluster.Variables;
    }

    public Cluster.Cluster Cluster { get; }

    public ApiServer Api => Cluster.Api;

    /// <summary>The environment that proa is started with.</summary>
    public Dictionary<string, string?> Variables { get; }

    public RunningProcess Proa { get; set; } = null!;

    /// <summary>Ends a wait, which only a test that has failed already lets happen.</summary>
    public static CancellationToken Cancellation
    {
        get
        {
            var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(TimeSpan.FromMinutes(1.5));
            return patience.Token;
        }
    }

    /// <summary>Starts the API server, with the Pod as it was created.</summary>
    public static async Task<Ordeal> PrepareAsync(ApiServerOptions? options = null) => new(await ClusterAsync(options));

    /// <summary>Starts proa with an API server that has a fault.</summary>
    public static async Task<Ordeal> BeginAsync(FaultAction action, Func<ApiRequest, bool>? when = null, int times = 1)
    {
        var ordeal = await PrepareAsync();
        ordeal.Fault = ordeal.Add(action, when, times);
        return ordeal.Begin();
    }

    /// <summary>The fault that it was begun with.</summary>
    public Fault Fault { get; private set; } = null!;

    /// <summary>Adds a fault.</summary>
    public Fault Add(FaultAction action, Func<ApiRequest, bool>? when = null, int times = 1) => Api.Faults.Add(action, when, times);

    /// <summary>Starts another API server, which ends with this one.</summary>
    public async Task<Cluster.Cluster> AnotherServerAsync()
    {
        var other = await ClusterAsync(null);
        _others.Add(other);
        return other;
    }

    /// <summary>The token that proa is given.</summary>
    public string Token =>
        File.ReadLines(Cluster.Kubeconfig)
            .Select(line => line.Trim())
            .Single(line => line.StartsWith("token: ", StringComparison.Ordinal))["token: ".Length..]
            .Trim('"');

    /// <summary>Changes the kubeconfig.</summary>
    public void Configure(Func<string, string> change) => File.WriteAllText(Cluster.Kubeconfig, change(File.ReadAllText(Cluster.Kubeconfig)));

    /// <summary>Starts proa.</summary>
    public Ordeal Begin(params string[] options)
    {
        Proa = RunningProcess.Start([Executables.Proa, .. options, "echo", "main runs"], Variables);
        return this;
    }

    /// <summary>Waits for a part of a message.</summary>
    public Task SaysAsync(string part) => Proa.ComplainsAsync(part);

    /// <summary>Waits until proa watches.</summary>
    public Task WatchesAsync() => Api.WaitForWatchersAsync(1, Cancellation);

    public void MakeSidecarReady() => Cluster.PushUntil("sidecar-1", "ready");

    /// <summary>The sidecar becomes ready: main runs, proa exits with 0, and the API server has not been asked more often than this.</summary>
    public async Task EndsWellAsync(int requestsAtMost)
    {
        MakeSidecarReady();
        await EndsWellAsReadyAsync(requestsAtMost);
    }

    /// <summary>The same where the sidecar is ready already.</summary>
    public async Task EndsWellAsReadyAsync(int requestsAtMost)
    {
        await Proa.RunsMainAsync();
        Assert.True(Api.Requests.Count <= requestsAtMost, $"{Api.Requests.Count} requests: {string.Join("; ", Api.Requests)}");
    }

    /// <summary>Checks that proa has given up, and how.</summary>
    public Task EndsBadlyAsync(params string[] parts) => Proa.FailsAsync(125, parts);

    /// <summary>The requests' verbs and the statuses that are not 200: <c>get 500, get, watch</c>.</summary>
    public string Asked =>
        string.Join(
            ", ",
            Api.Requests.Select(request => request.Verb + (request.Status == 200 ? "" : " " + request.Status.ToString(CultureInfo.InvariantCulture))));

    /// <summary>The most memory that the worker has taken, in MiB.</summary>
    public int WorkersPeakMemory()
    {
        var line = File.ReadLines($"/proc/{ProcFile.Child(Proa.Id)}/status").Single(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>How many files and connections the worker has open.</summary>
    public int WorkersDescriptors()
    {
        Executables.RequireLookIntoWorkers();
        return Directory.GetFiles($"/proc/{ProcFile.Child(Proa.Id)}/fd").Length;
    }

    public async ValueTask DisposeAsync()
    {
        if (Proa is not null) await Proa.DisposeAsync();
        await Cluster.DisposeAsync();
        foreach (var other in _others) await other.DisposeAsync();
    }

    private static Task<Cluster.Cluster> ClusterAsync(ApiServerOptions? options) => EndToEnd.Cluster.Cluster.StartAsync(options: options);
}
