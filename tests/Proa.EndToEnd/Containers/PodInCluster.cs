using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Containers;

/// <summary>What a container of a Pod is.</summary>
public enum Kind
{
    /// <summary>One of <c>containers</c>.</summary>
    Regular,

    /// <summary>One of <c>initContainers</c>, with <c>restartPolicy: Always</c>.</summary>
    Native,

    /// <summary>One of <c>ephemeralContainers</c>.</summary>
    Ephemeral,
}

/// <summary>
/// A Pod that podman runs and the simulator's API server knows. The test is its kubelet: it starts the containers and says what becomes
/// of them. The main container finds what a kubelet would mount, and nothing else.
/// </summary>
internal sealed class PodInCluster : IAsyncDisposable
{
    private const string Namespace = "lab";
    private const string Name = "pod";
    private const string ServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Serves one HTTP request on loopback, at the port that is its argument, says its first line, and ends.</summary>
    private const string Server = """
        answer='read -r request; until read -r header; [ ${#header} -le 1 ]; do :; done
            printf "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"; echo "$request" >&2'
        exec nc -l -p $0 127.0.0.1 -e sh -c "$answer"
        """;

    private readonly TemporaryDirectory _directory = new();
    private readonly Pod _pod;
    private readonly Dictionary<string, Kind> _kinds;
    private readonly string _uid;
    private readonly int _port = FreePort();

    private PodInCluster(Pod pod, ApiServer api, JsonObject manifest, Dictionary<string, Kind> kinds)
    {
        _pod = pod;
        _kinds = kinds;
        Api = api;
        api.Rbac.AllowPods(Namespace, "watcher", "get", "watch");
        _uid = api.Store.Put(manifest)["metadata"]!["uid"]!.ToString();
        var token = api.IssueToken(Namespace, "watcher", Name, _uid);
        api.WriteServiceAccountFiles(Directory.CreateDirectory(_directory["serviceaccount"]).FullName, token, Namespace);
    }

    public ApiServer Api { get; }

    /// <summary>Files of the test that are mounted into containers.</summary>
    public TemporaryDirectory Files => _directory;

    /// <summary>The main container's image.</summary>
    public string MainImage { get; set; } = Podman.Image;

    /// <summary>Where the server among the sidecars is asked to stop.</summary>
    public string ShutdownUrl => $"http://localhost:{_port}/quit";

    /// <summary>Starts the API server, with a Pod of a main container and others, and the pause process.</summary>
    public static async Task<PodInCluster> StartAsync(Podman podman, Pids pids, params (string Name, Kind Kind)[] others)
    {
        podman.Require();
        if (others.Length == 0) others = [("sidecar", Kind.Regular)];
        var kinds = others.Prepend(("main", Kind.Regular)).ToDictionary();
        JsonArray Of(Kind kind) => [.. kinds.Where(container => container.Value == kind).Select(container => Spec(container.Key, kind))];
        var manifest = new JsonObject
        {
            ["metadata"] = new JsonObject { ["namespace"] = Namespace, ["name"] = Name },
            ["spec"] = new JsonObject
            {
                ["restartPolicy"] = "Never",
                ["terminationGracePeriodSeconds"] = 600,
                ["shareProcessNamespace"] = pids == Pids.Shared,
                ["initContainers"] = Of(Kind.Native),
                ["containers"] = Of(Kind.Regular),
                ["ephemeralContainers"] = Of(Kind.Ephemeral),
            },
            ["status"] = new JsonObject { ["phase"] = "Running" },
        };
        return new(await Pod.StartAsync(podman, pids), await ApiServer.StartAsync(), manifest, kinds);
    }

    /// <summary>Changes the Pod in the API server.</summary>
    public void Change(Action<JsonObject> change) => Api.Store.Update(Namespace, Name, change);

    /// <summary>Starts the main container.</summary>
    public async Task<Container> RunMainAsync(IEnumerable<string> options, params string[] command)
    {
        string[] kubelets =
        [
            $"--volume={_directory["serviceaccount"]}:{ServiceAccount}:ro", TerminationLog("main"),
            "--env=KUBERNETES_SERVICE_HOST=127.0.0.1", $"--env=KUBERNETES_SERVICE_PORT={Api.Port}", "--env=PROA_LOG_FORMAT=text",
        ];
        var main = await _pod.RunAsync([.. kubelets, .. options], MainImage, command);
        SetStatus("main", Status("main", main, ready: true));
        return main;
    }

    /// <summary>Starts another container.</summary>
    public Task<Container> RunAsync(IEnumerable<string> options, params string[] command) => _pod.RunAsync(options, Podman.Image, command);

    /// <summary>Starts a container whose process says each signal, and ends by TERM. The kubelet finds it ready.</summary>
    /// <returns>The container, and its process's ID.</returns>
    public async Task<(Container Container, int Pid)> RunSidecarAsync(string name, params string[] options)
    {
        var container = await RunAsync(options, "/sidecar", "signals", $"{Signal.TERM}");
        var pid = await container.Process.ReadyAsync();
        IsReady(name, container);
        return (container, pid);
    }

    /// <summary>Starts a sidecar that serves HTTP and ends when it has been asked to.</summary>
    public Task<Container> RunServerAsync() => RunAsync([], "sh", "-c", Server, $"{_port}");

    /// <summary>podman's option for the mount of a container's termination log as the kubelet makes it.</summary>
    public string TerminationLog(string container) =>
        $"--volume={_directory.Write($"pods/{_uid}/containers/{container}/0123abcd", "", (UnixFileMode)0b110_110_110)}:/dev/termination-log";

    /// <summary>The kubelet finds a container running, but not ready.</summary>
    public void IsRunning(string name, Container container) => SetStatus(name, Status(name, container, ready: false));

    /// <summary>The kubelet finds a container ready.</summary>
    public void IsReady(string name, Container container) => SetStatus(name, Status(name, container, ready: true));

    /// <summary>The kubelet finds that a container has ended, which is waited for.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndsAsync(string name, Container container)
    {
        var exitCode = await container.Process.ExitCodeAsync();
        var status = Status(name, container, ready: false);
        status["state"] = new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = exitCode } };
        SetStatus(name, status);
        return exitCode;
    }

    /// <summary>Checks that the pause process has got no signal yet.</summary>
    public Task PauseHasGotNoSignalAsync() => _pod.PauseHasGotNoSignalAsync();

    public async ValueTask DisposeAsync()
    {
        await _pod.DisposeAsync();
        await Api.DisposeAsync();
        _directory.Dispose();
    }

    private static JsonObject Spec(string name, Kind kind)
    {
        var spec = new JsonObject { ["name"] = name, ["readinessProbe"] = new JsonObject() };
        if (kind == Kind.Native) spec["restartPolicy"] = "Always";
        return spec;
    }

    private static JsonObject Status(string name, Container container, bool ready) => new()
    {
        ["name"] = name,
        ["containerID"] = $"containerd://{container.Id}",
        ["ready"] = ready,
        ["restartCount"] = 0,
        ["state"] = new JsonObject { ["running"] = new JsonObject() },
    };

    private void SetStatus(string name, JsonObject status) => Change(pod =>
    {
        var field = _kinds[name] switch
        {
            Kind.Regular => "containerStatuses",
            Kind.Native => "initContainerStatuses",
            Kind.Ephemeral => "ephemeralContainerStatuses",
        };
        var statuses = pod["status"]![field]?.AsArray().Where(other => other!["name"]!.ToString() != name).Select(other => other!.DeepClone()) ?? [];
        pod["status"]![field] = new JsonArray([.. statuses, status]);
    });

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
