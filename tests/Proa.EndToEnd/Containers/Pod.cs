using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Containers;

/// <summary>Whose PID namespace a Pod's containers are in.</summary>
public enum Pids
{
    /// <summary>Each container in one of its own: proa is PID 1.</summary>
    Own,

    /// <summary>All in that of the pause process, which is PID 1.</summary>
    Shared,
}

/// <summary>
/// A Pod of podman's. Its network is the machine's, for the simulator's API server is on loopback there. The pause process is a puppet
/// that says each signal that it gets.
/// </summary>
internal sealed class Pod : IAsyncDisposable
{
    private readonly Podman _podman;
    private readonly string _name = $"pod-{Guid.NewGuid():N}";
    private readonly List<Container> _containers = [];

    private Pod(Podman podman) => _podman = podman;

    private string Pause => $"{_name}-pause";

    /// <summary>Starts the pause process.</summary>
    public static async Task<Pod> StartAsync(Podman podman, Pids pids)
    {
        var pod = new Pod(podman);
        await podman.DoAsync(
            "pod", "create", "--name", pod._name, "--network=host", "--share", pids == Pids.Shared ? "ipc,net,uts,pid" : "ipc,net,uts",
            "--infra-image", Podman.Image, "--infra-name", pod.Pause, "--infra-command", "/puppet signals");
        await podman.DoAsync("pod", "start", pod._name);
        return pod;
    }

    /// <summary>Starts a container, which is removed when it has ended.</summary>
    public async Task<Container> RunAsync(IEnumerable<string> options, string image, params string[] command)
    {
        var id = await _podman.DoAsync(["create", "--rm", "--interactive", "--pod", _name, .. options, image, .. command]);
        var container = new Container(_podman, id, _podman.Start("start", "--attach", "--interactive", id));
        _containers.Add(container);
        return container;
    }

    /// <summary>Checks that the pause process has got no signal yet.</summary>
    public async Task PauseHasGotNoSignalAsync()
    {
        await _podman.DoAsync("kill", $"--signal={Signal.RealTime}", Pause);
        await using var log = _podman.Start("logs", "--follow", Pause);
        Assert.Equal(["ready 1", $"signal {Signal.RealTime}"], await log.NextLinesAsync(2));
    }

    public async ValueTask DisposeAsync()
    {
        await _podman.CleanAsync("pod", "rm", "--force", "--time=0", _name);
        foreach (var container in _containers)
        {
            // Where a test has failed, this is shown with it.
            TestContext.Current.TestOutputHelper?.WriteLine($"{container.Id[..12]}\n{container.Process.Output}{container.Process.Errors}");
            await container.Process.DisposeAsync();
        }
    }
}
