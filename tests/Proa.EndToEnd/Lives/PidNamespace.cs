using Proa.EndToEnd.Commands;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Lives;

/// <summary>
/// A PID namespace like that of a Pod, but without one: PID 1 is a puppet, and each process that the test starts is in a mount
/// namespace of its own, as a container's are.
/// </summary>
internal sealed class PidNamespace : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly RunningProcess _first;
    private readonly List<RunningProcess> _others = [];

    private PidNamespace(RunningProcess first) => _first = first;

    public static async Task<PidNamespace> StartAsync()
    {
        var first = RunningProcess.Start(Init.Init.AsPid1(Init.Init.Puppet("signals", $"{Signal.Last}")));
        Assert.Equal(1, await first.ReadyAsync());
        return new(first);
    }

    /// <summary>The path of the puppet under another name.</summary>
    public Task<string> PuppetCalledAsync(string name) => Copy.OfAsync(Executables.Puppet, _directory[name]);

    /// <summary>Starts a process.</summary>
    public RunningProcess Start(params string[] command)
    {
        var process = RunningProcess.Start(
            ["nsenter", "--target", $"{ProcFile.Child(_first.Id)}", "--pid", "--mount", "unshare", "--mount", .. command],
            RunningProcess.TextLog);
        _others.Add(process);
        return process;
    }

    /// <summary>Starts a process with the mount that the kubelet gives a container for its termination message.</summary>
    public RunningProcess StartInContainer(string podUid, string container, params string[] command)
    {
        var log = _directory.Write($"pods/{podUid}/containers/{container}/1a2b3c4d", "");
        var mounted = _directory.Write("termination-log", "");
        return Start(["sh", "-ec", "mount --bind \"$0\" \"$1\"; shift; exec \"$@\"", log, mounted, .. command]);
    }

    /// <summary>Starts a puppet, which is there when this returns.</summary>
    public async Task<RunningProcess> StartPuppetAsync(Func<string[], RunningProcess>? start = null)
    {
        var puppet = (start ?? (command => Start(command)))(Init.Init.Puppet("signals", $"{Signal.Last}"));
        await puppet.ReadyAsync();
        return puppet;
    }

    /// <summary>Checks which signals a puppet has got, by sending it the one that the kernel delivers after all others.</summary>
    public static async Task HasGotAsync(RunningProcess puppet, params int[] signals)
    {
        Libc.Send(ProcFile.Child(puppet.Id), Signal.Last);
        Assert.Equal(signals.Append(Signal.Last).Select(signal => $"signal {signal}"), await puppet.RestOfLinesAsync());
    }

    /// <summary>Checks that PID 1 has got no signal.</summary>
    public Task FirstIsUntouchedAsync() => HasGotAsync(_first);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _others) await process.DisposeAsync();
        await _first.DisposeAsync();
        _directory.Dispose();
    }
}
