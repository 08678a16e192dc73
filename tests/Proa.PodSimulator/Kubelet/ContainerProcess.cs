using System.Diagnostics;
using System.Globalization;

namespace Proa.PodSimulator;

/// <summary>One life of a container: the processes from the set-up of the namespaces until the last has gone.</summary>
internal sealed class ContainerProcess
{
    private readonly Process _process;
    private readonly ContainerSetup _setup;
    private readonly string? _mountNamespace;
    private readonly TaskCompletionSource _released;

    private ContainerProcess(Process process, ContainerSetup setup, int pid, bool sharedPids, Task output, TaskCompletionSource released)
    {
        _released = released;
        _process = process;
        _setup = setup;
        Pid = pid;
        // Where the PID namespace ends with its PID 1, nobody is left over.
        if (sharedPids) _mountNamespace = new FileInfo($"/proc/{pid}/ns/mnt").LinkTarget;
        Exited = WaitAsync(output);
    }

    /// <summary>The command's process ID on the host.</summary>
    public int Pid { get; }

    /// <summary>Completes with the exit code, 128+n where signal n ended it, when all of its output has been read.</summary>
    public Task<int> Exited { get; }

    private static bool Rootless => Libc.EffectiveUserId() != 0;

    /// <summary>Sets the container up and starts its command.</summary>
    /// <param name="setup">What it finds.</param>
    /// <param name="pauseProcess">The process whose PID namespace it shares; null for one of its own.</param>
    /// <param name="write">Called for each line: the text, and whether it came from stderr.</param>
    /// <exception cref="ContainerStartException">The command could not be started.</exception>
    public static async Task<ContainerProcess> StartAsync(ContainerSetup setup, int? pauseProcess, Action<string, bool> write)
    {
        Directory.CreateDirectory(Path.Combine(setup.ScratchDirectory, "layer"));
        var script = Path.Combine(setup.ScratchDirectory, "setup.sh");
        await File.WriteAllTextAsync(script, setup.Script()).ConfigureAwait(false);
        var user = Rootless ? (string[])["--user", "--map-root-user"] : [];
        // unshare and nsenter do not tell all deaths by a signal from exit code 1, so a shell waits, which reports 128+n. Its own remarks
        // ("Killed") go nowhere. Its child is the first process of the new PID namespace.
        string[] wait = ["sh", "-c", "exec 3>&2 2>/dev/null; (exec 2>&3 3>&-; exec setpriv --pdeathsig KILL setsid sh \"$0\"); exit $?", script];
        string[] own = ["unshare", .. user, "--mount", "--uts", "--ipc", "--pid", .. wait];
        string[] shared =
            ["nsenter", .. Rootless ? (string[])["--user", "--preserve-credentials"] : [], "--pid", "--no-fork", "--target", $"{pauseProcess}",
                "unshare", "--mount", "--uts", "--ipc", .. wait];
        var process = await ProcessSpawner.StartAsync(pauseProcess is null ? own : shared).ConfigureAwait(false);

        var ready = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = Task.WhenAll(ReadOutputAsync(), ReadErrorsAsync());
        if (await ready.Task.ConfigureAwait(false) is "ready")
            return new ContainerProcess(process, setup, ChildOf(process), pauseProcess is not null, output, released);

        released.SetResult();
        await process.WaitForExitAsync().ConfigureAwait(false);
        await output.ConfigureAwait(false);
        var log = Path.Combine(setup.ScratchDirectory, "setup.log");
        var details = File.Exists(log) ? (await File.ReadAllTextAsync(log).ConfigureAwait(false)).Trim() : "";
        var line = ready.Task.Result;
        if (Rootless && line is null) details += $" ({Namespaces.Remedy})";
        process.Dispose();
        throw new ContainerStartException(
            $"{(line?.StartsWith("error ", StringComparison.Ordinal) == true ? line[6..] : "the container could not be set up")} {details}".Trim());

        async Task ReadOutputAsync()
        {
            ready.TrySetResult(await process.StandardOutput.ReadLineAsync().ConfigureAwait(false));
            await released.Task.ConfigureAwait(false);
            while (await process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } text) write(text, false);
        }

        async Task ReadErrorsAsync()
        {
            await released.Task.ConfigureAwait(false);
            while (await process.StandardError.ReadLineAsync().ConfigureAwait(false) is { } text) write(text, true);
        }
    }

    /// <summary>Hands out the output from now on: whoever sees a line shall find the container running.</summary>
    public void ReleaseOutput() => _released.TrySetResult();

    /// <summary>Sends a signal to the command's process.</summary>
    public void Signal(int signal) => Libc.Kill(Pid, signal);

    /// <summary>Runs a command in the container's namespaces, as kubectl exec and exec probes do.</summary>
    public async Task<ExecResult> ExecAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var process = await ProcessSpawner.StartAsync([
            "nsenter", "--target", $"{Pid}", .. Rootless ? (string[])["--user", "--preserve-credentials"] : [], "--mount", "--uts", "--ipc", "--pid",
            "setpriv", .. _setup.Privileges(), "env", "-i", .. _setup.Environment.Select(variable => $"{variable.Key}={variable.Value}"),
            .. command]).ConfigureAwait(false);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The parent-death signal takes the command with it.
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        return new ExecResult(process.ExitCode, await output.ConfigureAwait(false), await errors.ConfigureAwait(false));
    }

    private async Task<int> WaitAsync(Task output)
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        if (_mountNamespace is not null) KillLeftovers(_mountNamespace);
        await output.ConfigureAwait(false);
        var code = _process.ExitCode;
        _process.Dispose();
        return code;
    }

    // Without cgroups the container's mount namespace is what tells its processes from others in a shared PID namespace.
    private static void KillLeftovers(string mountNamespace)
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;
            try
            {
                if (new FileInfo($"/proc/{pid}/ns/mnt").LinkTarget == mountNamespace) Libc.Kill(pid, Libc.SigKill);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Gone meanwhile, or not ours.
            }
        }
    }

    private static int ChildOf(Process process)
    {
        try
        {
            var children = File.ReadAllText($"/proc/{process.Id}/task/{process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (children.Length > 0) return int.Parse(children[0], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It has ended already; there is nobody to send a signal to.
        }

        return process.Id;
    }
}
