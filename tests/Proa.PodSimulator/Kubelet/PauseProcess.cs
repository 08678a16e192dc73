using System.Diagnostics;
using System.Globalization;

namespace Proa.PodSimulator;

/// <summary>PID 1 of the PID namespace that all containers of a Pod share.</summary>
internal sealed class PauseProcess : IAsyncDisposable
{
    private readonly Process _process;

    private PauseProcess(Process process, int pid)
    {
        _process = process;
        Pid = pid;
    }

    public int Pid { get; }

    public static async Task<PauseProcess> StartAsync(string directory)
    {
        Directory.CreateDirectory(directory);
        // Opening a pipe without a writer blocks for ever, with no child process that a kill-all could find. With SIGCHLD ignored the kernel
        // reaps the orphans. The link gives the process its usual name.
        var pause = Path.Combine(directory, "pause");
        File.CreateSymbolicLink(pause, "/bin/sh");
        var fifo = Path.Combine(directory, "fifo");
        Libc.MakeFifo(fifo);
        string[] user = Libc.EffectiveUserId() != 0 ? ["--user", "--map-root-user"] : [];
        var process = await ProcessSpawner.StartAsync([
            "unshare", .. user, "--mount", "--pid", "--mount-proc", "--fork", "--kill-child",
            "env", "--ignore-signal=CHLD", "sh", "-c", "echo ready; exec \"$0\" -c 'exec >/dev/null 2>&1; read -r line < \"$0\"' \"$1\"", pause, fifo])
                .ConfigureAwait(false);
        if (await process.StandardOutput.ReadLineAsync().ConfigureAwait(false) != "ready")
        {
            throw new ContainerStartException(
                $"the Pod's shared PID namespace could not be made: {await process.StandardError.ReadToEndAsync().ConfigureAwait(false)}");
        }

        var children = await File.ReadAllTextAsync($"/proc/{process.Id}/task/{process.Id}/children").ConfigureAwait(false);
        return new PauseProcess(process, int.Parse(children.Trim(), CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        Libc.Kill(Pid, Libc.SigKill);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
    }
}
