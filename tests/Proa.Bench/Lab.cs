using System.Text.Json.Nodes;
using Proa.PodSimulator;

namespace Proa.Bench;

/// <summary>The states of a Pod's life that are pushed.</summary>
internal enum Stage
{
    Waiting,
    Ready,
    MainEnded,
    AllEnded,
}

/// <summary>An API server, and Pods made of a recorded one.</summary>
internal sealed class Lab : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("proa-bench-").FullName;
    private readonly RecordedWatch _recorded = RecordedWatch.Load(
        Path.Combine(AppContext.BaseDirectory, "slow-sidecar.watch.jsonl"),
        DateTimeOffset.UtcNow.AddDays(1));
    private readonly Dictionary<Stage, JsonObject> _stages = [];
    private int _pods;

    private Lab(ApiServer api)
    {
        Api = api;
        api.Rbac.AllowPods(Namespace, "watcher", "get", "watch");
        _stages[Stage.Waiting] = Find("running", false, "running");
        _stages[Stage.Ready] = Find("running", true, "running");
        _stages[Stage.MainEnded] = Find("terminated", true, "running");
        _stages[Stage.AllEnded] = Find("terminated", false, "terminated");
    }

    public ApiServer Api { get; }

    public string Namespace => _recorded.Namespace;

    public string Folder => _directory;

    public static async Task<Lab> StartAsync() => new(await ApiServer.StartAsync());

    /// <summary>A new Pod in its first stage, with a kubeconfig of its own.</summary>
    /// <param name="sidecars">How many it has.</param>
    /// <param name="bytes">Its size at least, filled up with annotations.</param>
    public BenchPod NewPod(int sidecars = 1, int bytes = 0)
    {
        var pod = new BenchPod(this, $"bench-{++_pods}", sidecars, bytes);
        pod.Push(Stage.Waiting);
        return pod;
    }

    public JsonObject At(Stage stage) => _stages[stage].DeepClone().AsObject();

    private JsonObject Find(string main, bool ready, string sidecar) => _recorded.Changes.Select(change => change.Pod).First(pod =>
        State(pod, "main") == main && State(pod, "sidecar-1") == sidecar
        && (bool)Statuses(pod).First(s => s!["name"]!.ToString() == "sidecar-1")!["ready"]! == ready);

    private static string? State(JsonObject pod, string container) =>
        Statuses(pod).FirstOrDefault(s => s!["name"]!.ToString() == container)?["state"]?.AsObject().First().Key;

    private static JsonArray Statuses(JsonObject pod) => pod["status"]?["containerStatuses"]?.AsArray() ?? [];

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>One Pod, which the measurement takes through its life.</summary>
internal sealed class BenchPod
{
    private readonly Lab _lab;
    private readonly string _name;
    private readonly string _uid = Guid.NewGuid().ToString();
    private readonly int _sidecars;
    private readonly int _bytes;
    private JsonObject _now = [];

    public BenchPod(Lab lab, string name, int sidecars, int bytes)
    {
        (_lab, _name, _sidecars, _bytes) = (lab, name, sidecars, bytes);
        Token = lab.Api.IssueToken(lab.Namespace, "watcher", name, _uid);
        Kubeconfig = Path.Combine(lab.Folder, name);
        lab.Api.WriteKubeconfig(Kubeconfig, Token, lab.Namespace);
    }

    public string Token { get; }

    public string Kubeconfig { get; }

    public string UrlPath => $"/api/v1/namespaces/{_lab.Namespace}/pods/{_name}";

    /// <summary>How long it is as JSON.</summary>
    public int Bytes => _now.ToJsonString().Length;

    public void Push(Stage stage)
    {
        _now = Make(stage);
        _lab.Api.Store.Put(_now);
    }

    /// <summary>Another state that changes nothing which matters.</summary>
    public void PushNoise(int number)
    {
        _now["metadata"]!["annotations"] ??= new JsonObject();
        _now["metadata"]!["annotations"]!["bench/number"] = $"{number}";
        _lab.Api.Store.Put(_now);
    }

    public void Delete() => _lab.Api.Store.Delete(_lab.Namespace, _name);

    /// <summary>Makes what a stage is; kept out of the measured time.</summary>
    public JsonObject Make(Stage stage)
    {
        var pod = _lab.At(stage);
        pod["metadata"]!["name"] = _name;
        pod["metadata"]!["uid"] = _uid;
        foreach (var list in (JsonArray[])[pod["spec"]!["containers"]!.AsArray(), pod["status"]!["containerStatuses"]!.AsArray()])
        {
            var first = list.First(c => c!["name"]!.ToString() == "sidecar-1")!;
            for (var i = 2; i <= _sidecars; i++)
            {
                var another = first.DeepClone();
                another["name"] = $"sidecar-{i}";
                list.Add(another);
            }
        }

        var size = pod.ToJsonString().Length;
        if (size < _bytes)
        {
            var annotations = pod["metadata"]!["annotations"] as JsonObject ?? [];
            for (var i = 0; size < _bytes; i++, size += 1024) annotations[$"bench/filler-{i:D6}"] = new string('x', 1000);
            if (annotations.Parent is null) pod["metadata"]!["annotations"] = annotations;
        }

        return pod;
    }

    public void Push(JsonObject made)
    {
        _now = made;
        _lab.Api.Store.Put(made);
    }
}
