using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Init;

/// <summary>An API server with a Pod that nobody runs: a main container, which the test starts itself, and a sidecar, which only has a status.</summary>
internal sealed class PodOnPaper : IAsyncDisposable
{
    private const string Namespace = "lab";
    private const string Name = "pod";

    private readonly TemporaryDirectory _directory = new();
    private readonly TcpListener _hook = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _serving;
    private int _requestsBeforeMain;

    private PodOnPaper(ApiServer api)
    {
        Api = api;
        api.Rbac.Enabled = false;
        var pod = api.Store.Put(JsonNode.Parse("""
            {
              "metadata": {"namespace": "lab", "name": "pod"},
              "spec": {
                "restartPolicy": "Never",
                "terminationGracePeriodSeconds": 600,
                "containers": [{"name": "main"}, {"name": "sidecar", "readinessProbe": {}}]
              },
              "status": {
                "phase": "Running",
                "containerStatuses": [
                  {"name": "main", "ready": true, "restartCount": 0, "state": {"running": {}}},
                  {"name": "sidecar", "ready": false, "restartCount": 0, "state": {"running": {}}}
                ]
              }
            }
            """)!.AsObject());
        var token = api.IssueToken(Namespace, "default", Name, pod["metadata"]!["uid"]!.ToString());
        api.WriteKubeconfig(_directory["kubeconfig"], token, Namespace);
        _hook.Start();
        _serving = ServeAsync();
    }

    public ApiServer Api { get; }

    /// <summary>What proa needs in its environment.</summary>
    public IReadOnlyDictionary<string, string?> Variables => new Dictionary<string, string?> { ["KUBECONFIG"] = _directory["kubeconfig"] };

    public static async Task<PodOnPaper> StartAsync() => new(await ApiServer.StartAsync());

    /// <summary>The command line of proa in this Pod.</summary>
    public string[] Proa(params string[] command) =>
        [Executables.Proa, "--container=main", $"--shutdown-http-post=http://127.0.0.1:{((IPEndPoint)_hook.LocalEndpoint).Port}/quit", "--", .. command];

    /// <summary>Lets every user read the kubeconfig.</summary>
    public void LetEveryUserIn()
    {
        File.SetUnixFileMode(_directory.Path, (UnixFileMode)0x1ed);
        File.SetUnixFileMode(_directory["kubeconfig"], (UnixFileMode)0x1a4);
    }

    /// <summary>Starts proa with this main.</summary>
    public RunningProcess Start(How how, params string[] main) => StartCommand(how, Proa(main));

    /// <summary>Starts proa with a puppet as main.</summary>
    public RunningProcess StartPuppet(How how, params string[] verb) => Start(how, Init.Puppet(verb));

    /// <summary>Starts this command line, which starts proa.</summary>
    public RunningProcess StartCommand(How how, params string[] command) =>
        RunningProcess.Start(how == How.Pid1 ? Init.AsPid1(command) : command, Variables);

    /// <summary>Waits until proa waits for the sidecar.</summary>
    public async Task WaitsAsync(RunningProcess process)
    {
        await process.ComplainsAsync("waiting for sidecar");
        await Api.WaitForWatchersAsync(1, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1));
    }

    /// <summary>Waits until a sidecar has been asked to stop.</summary>
    public Task AskedAsync() => _asked.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

    /// <summary>Whether a sidecar has been asked to stop.</summary>
    public bool IsAsked => _asked.Task.IsCompleted;

    /// <summary>The kubelet finds the sidecar ready.</summary>
    public void MakeReady()
    {
        _requestsBeforeMain = Api.Requests.Count;
        Api.Store.Update(Namespace, Name, pod => pod["status"]!["containerStatuses"]![1]!["ready"] = true);
    }

    /// <summary>Waits until the Pod is watched beside main: the watch of the wait may still be open.</summary>
    public Task WatchedBesideMainAsync() =>
        Api.WaitForRequestAsync(request => request is { IsWatch: true, Status: 200 }, _requestsBeforeMain, TestContext.Current.CancellationToken);

    /// <summary>The kubelet finds that the sidecar has ended.</summary>
    public void EndSidecar() => Api.Store.Update(Namespace, Name, pod =>
    {
        var status = pod["status"]!["containerStatuses"]![1]!;
        status["ready"] = false;
        status["state"] = new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = 0, ["reason"] = "Completed" } };
    });

    /// <summary>The kubelet says this of a container, 0 for main and 1 for the sidecar.</summary>
    /// <param name="state">As in the Pod's status.</param>
    public void Says(int container, string state, int restarts = 0) => Api.Store.Update(Namespace, Name, pod =>
    {
        var status = pod["status"]!["containerStatuses"]![container]!;
        (status["ready"], status["state"], status["restartCount"]) = (state.Contains("running", StringComparison.Ordinal), JsonNode.Parse(state), restarts);
    });

    /// <summary>Changes the Pod.</summary>
    public void Change(Action<JsonObject> change) => Api.Store.Update(Namespace, Name, change);

    /// <summary>The worker with this title.</summary>
    public static async Task<int> WorkerAsync(int proa, string title)
    {
        var worker = 0;
        await ProcFile.UntilAsync(
            () => (
                worker = ProcFile.Children(proa)
                    .FirstOrDefault(child => ProcFile.CommandLine(child).StartsWith("proa: " + title, StringComparison.Ordinal))) > 0);
        return worker;
    }

    public async ValueTask DisposeAsync()
    {
        _hook.Stop();
        await _serving;
        await Api.DisposeAsync();
        _directory.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _hook.AcceptTcpClientAsync();
                await using var stream = client.GetStream();
                var request = new byte[4096];
                if (await stream.ReadAsync(request) == 0) continue;
                await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
                _asked.TrySetResult();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The test is over.
        }
    }
}
