using System.Text;
using System.Text.Json.Nodes;
using Proa.EndToEnd.RealServer;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Cluster;

/// <summary>
/// A namespace of a kube-apiserver with one recorded Pod. The test plays the scheduler, with a Pod that is on its node from the
/// beginning, and the kubelet, by what it does to the Pod through the API.
/// </summary>
internal sealed class RealCluster : TestCluster
{
    private const string Account = "watcher";

    private readonly KubeApiServer _shared;
    private int? _grace;

    private RealCluster(KubeApiServer shared, KubeApiServer api, RecordedWatch recorded, string podNamespace) : base(recorded) =>
        (_shared, Api, Namespace) = (shared, api, podNamespace);

    /// <summary>The server that proa asks.</summary>
    public KubeApiServer Api { get; }

    public override string Namespace { get; }

    public override int Port => Api.Port;

    private string Core => $"/api/v1/namespaces/{Namespace}";

    private string Rbac => $"/apis/rbac.authorization.k8s.io/v1/namespaces/{Namespace}";

    private string Pod => $"{Core}/pods/{Recorded.PodName}";

    /// <summary>Creates the Pod; its service account may get and watch Pods.</summary>
    /// <param name="recording">Whose Pod and whose states.</param>
    /// <param name="allow">Whether the service account may do that.</param>
    /// <param name="api">The server that proa asks; null: the one for all tests. The test itself asks the latter.</param>
    public static async Task<RealCluster> StartAsync(string recording = "slow-sidecar", bool allow = true, KubeApiServer? api = null)
    {
        var shared = await ControlPlane.SharedServerAsync();
        var space = await shared.CreateAsync("/api/v1/namespaces", new() { ["metadata"] = new JsonObject { ["generateName"] = "lab-" } });
        var cluster = new RealCluster(shared, api ?? shared, Load(recording), space["metadata"]!["name"]!.ToString());
        await cluster.CreateAccountAsync();
        if (allow) await cluster.AllowAsync("get", "watch");
        await cluster.CreatePodAsync();
        cluster.WriteKubeconfig("token: " + await cluster.IssueTokenAsync());
        return cluster;
    }

    public override async Task<string> AskedAsync() => string.Join(", ", (object[])await Api.RequestsAsync(Namespace));

    /// <summary>Waits until these are the requests so far, as <see cref="AskedAsync"/> tells them.</summary>
    public Task AsksAsync(string requests) => Api.Audit.WaitUntilAsync(Namespace, asked => string.Join(", ", asked) == requests);

    public override async Task AllowAsync(params string[] verbs)
    {
        await _shared.CreateAsync($"{Rbac}/roles", new()
        {
            ["metadata"] = new JsonObject { ["name"] = "proa" },
            ["rules"] = new JsonArray(
                new JsonObject { ["apiGroups"] = new JsonArray(""), ["resources"] = new JsonArray("pods"), ["verbs"] = new JsonArray([.. verbs]) }),
        });
        await _shared.CreateAsync($"{Rbac}/rolebindings", new()
        {
            ["metadata"] = new JsonObject { ["name"] = "proa" },
            ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "Role", ["name"] = "proa" },
            ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = Account, ["namespace"] = Namespace }),
        });
        await AreAllowedAsync(verbs);
    }

    /// <summary>Waits until the server knows that the service account may do this: it hears of Roles by a watch, a moment later.</summary>
    public async Task AreAllowedAsync(params string[] verbs)
    {
        foreach (var verb in verbs) await KubeApiServer.UntilAsync(async () => (bool)(await ReviewAsync(verb))["status"]!["allowed"]!);
    }

    public override Task WatchesAsync() =>
        Api.Audit.WaitUntilAsync(Namespace, asked => asked.Any(request => request is { Verb: "watch", IsOver: false, Status: 0 or 200 }));

    public override Task AnswersAsync(string verb, int status) =>
        Api.Audit.WaitUntilAsync(Namespace, asked => asked.Any(request => request.Verb == verb && request.Status == status));

    public override async Task PushUntilAsync(Func<JsonObject, bool> pod)
    {
        foreach (var (_, state) in Recorded.TakeUntil(pod))
        {
            var grace = (int?)state["metadata"]!["deletionGracePeriodSeconds"];
            if (grace != _grace) await DeletePodAsync(grace);
            if (_grace == 0) continue;
            await _shared.PatchAsync(
                $"{Pod}/status",
                new JsonArray(new JsonObject { ["op"] = "replace", ["path"] = "/status", ["value"] = state["status"]!.DeepClone() }));
        }
    }

    public override Task DeletePodAsync() => DeletePodAsync(null);

    /// <summary>Asks for the Pod's deletion, or with a grace period of 0, as the kubelet confirms it at last, has it done.</summary>
    public async Task DeletePodAsync(int? gracePeriodSeconds)
    {
        _grace = gracePeriodSeconds;
        await _shared.DeleteAsync(Pod, gracePeriodSeconds);
    }

    /// <summary>Creates the Pod, or after its deletion another one of the same name.</summary>
    public async Task CreatePodAsync()
    {
        var recorded = Recorded.Changes[0].Pod;
        var metadata = recorded["metadata"]!;
        var spec = recorded["spec"]!.DeepClone();
        spec["nodeName"] = "labnode";
        await _shared.CreateAsync($"{Core}/pods", new()
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = Recorded.PodName,
                ["labels"] = metadata["labels"]?.DeepClone(),
                ["annotations"] = metadata["annotations"]?.DeepClone(),
            },
            ["spec"] = spec,
        });
        _grace = null;
    }

    public Task CreateAccountAsync() => _shared.CreateAsync($"{Core}/serviceaccounts", new() { ["metadata"] = new JsonObject { ["name"] = Account } });

    /// <summary>Deletes the service account, which revokes its tokens, and creates it anew.</summary>
    public async Task ReplaceAccountAsync()
    {
        await _shared.DeleteAsync($"{Core}/serviceaccounts/{Account}");
        await CreateAccountAsync();
    }

    /// <summary>A token that is bound to the Pod, as the kubelet asks for it.</summary>
    public async Task<string> IssueTokenAsync()
    {
        var request = await _shared.CreateAsync($"{Core}/serviceaccounts/{Account}/token", new()
        {
            ["spec"] = new JsonObject { ["boundObjectRef"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["name"] = Recorded.PodName } },
        });
        return request["status"]!["token"]!.ToString();
    }

    /// <summary>Writes the kubeconfig.</summary>
    /// <param name="credentials">The user's one line.</param>
    public void WriteKubeconfig(string credentials) => File.WriteAllText(Kubeconfig, $"""
        apiVersion: v1
        kind: Config
        current-context: real
        clusters:
        - name: real
          cluster:
            server: {Api.Url}
            certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(Api.CertificateAuthorityPem))}
        contexts:
        - name: real
          context:
            cluster: real
            user: real
            namespace: {Namespace}
        users:
        - name: real
          user:
            {credentials}

        """);

    public override async Task WriteServiceAccountFilesAsync(string directory)
    {
        await File.WriteAllTextAsync(Path.Combine(directory, "token"), await IssueTokenAsync());
        await File.WriteAllTextAsync(Path.Combine(directory, "ca.crt"), Api.CertificateAuthorityPem);
        await File.WriteAllTextAsync(Path.Combine(directory, "namespace"), Namespace);
    }

    private Task<JsonObject> ReviewAsync(string verb) => Api.CreateAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews", new()
    {
        ["spec"] = new JsonObject
        {
            ["user"] = $"system:serviceaccount:{Namespace}:{Account}",
            ["resourceAttributes"] = new JsonObject { ["namespace"] = Namespace, ["verb"] = verb, ["resource"] = "pods" },
        },
    });
}
