using System.Globalization;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Containers;

/// <summary>A container that has been started. It ends with its Pod at the latest.</summary>
internal sealed class Container(Podman podman, string id, RunningProcess process)
{
    /// <summary>The container ID, 64 digits.</summary>
    public string Id => id;

    /// <summary><c>podman start</c>, which passes on stdin, stdout, stderr and the exit code.</summary>
    public RunningProcess Process => process;

    /// <summary>Sends a signal to its first process.</summary>
    public Task SignalAsync(int signal) => podman.DoAsync("kill", $"--signal={signal}", id);

    /// <summary>Asks it to stop.</summary>
    public Task StopAsync() => podman.DoAsync("stop", id);

    /// <summary>Starts another process in it.</summary>
    public RunningProcess Exec(params string[] command) => podman.Start(["exec", "--interactive", id, .. command]);

    /// <summary>Checks that a puppet in it has got no signal yet: the next that it says is the one that is sent here.</summary>
    public async Task HasGotNoSignalAsync(RunningProcess puppet, int pid)
    {
        await using var kill = Exec("sh", "-c", $"kill -{Signal.RealTime} {pid}");
        Assert.Equal((0, "", ""), await kill.ResultAsync());
        Assert.Equal($"signal {Signal.RealTime}", await puppet.NextLineAsync());
    }

    /// <summary>The process ID of its first process, in the machine's PID namespace.</summary>
    public async Task<int> PidAsync() => int.Parse(await podman.DoAsync("inspect", "--format={{.State.Pid}}", id), CultureInfo.InvariantCulture);
}
