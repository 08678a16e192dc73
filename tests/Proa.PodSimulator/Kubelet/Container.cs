using System.Text;
using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>One container of a running Pod through all of its lives, with the state its status shows. State is changed under the Pod's lock.</summary>
internal sealed class Container(PodRunner pod, JsonObject spec, ContainerKind kind)
{
    private const int LongestMessage = 4096;
    private const string RestartingAll = "RestartingAllContainers";

    private TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource _retired = new();
    private BackOff _backOff = new();
    private volatile ContainerProcess? _process;
    private ContainerProcess? _stopping;
    private volatile bool _oomKilled;
    private string _terminationLog = "";
    private DateTimeOffset _startedAt;

    public string Name { get; } = spec.Text("name")!;

    public JsonObject Spec => spec;

    public ContainerKind Kind => kind;

    public JsonObject State { get; private set; } = Waiting(pod.HasInitContainers ? "PodInitializing" : "ContainerCreating");

    public JsonObject? LastTermination { get; private set; }

    public bool IsReady { get; private set; }

    public bool IsStarted { get; private set; }

    public int RestartCount { get; private set; }

    public string? ContainerId { get; private set; }

    public string? ImageId { get; private set; }

    public ContainerProcess? Process => _process;

    public JsonObject? Termination => State.Object("terminated");

    /// <summary>Completes when the container has started for the first time (startup probe passed), or never will.</summary>
    public Task Started => _started.Task;

    /// <summary>Completes when it will not run again.</summary>
    public Task Finished => _finished.Task;

    /// <summary>Whether it will not run again; known as soon as it has terminated.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Runs the container until it is not to be started again.</summary>
    public async Task RunAsync()
    {
        try
        {
            if (pod.IsMissing(spec.Text("image")!))
            {
                await WaitForImageAsync().ConfigureAwait(false);
                return;
            }

            while (!_retired.IsCancellationRequested)
            {
                await LiveAsync().ConfigureAwait(false);
                if (IsFinished || !await WaitForRestartAsync().ConfigureAwait(false)) return;
            }
        }
        finally
        {
            pod.Change(() => IsFinished = true);
            _finished.TrySetResult();
            _started.TrySetResult();
        }
    }

    /// <summary>No life after this one.</summary>
    public void Retire() => _retired.Cancel();

    /// <summary>Makes it ready to run once more, after all of the Pod's containers have been ended to be started again.</summary>
    public void Renew()
    {
        _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _retired = new();
        _backOff = new();
        IsReady = IsStarted = IsFinished = false;
        if (ContainerId is null) return;
        const string Message = "The container is removed because RestartAllContainers in place";
        LastTermination = new JsonObject { ["exitCode"] = 137, ["reason"] = RestartingAll, ["message"] = Message, ["startedAt"] = null, ["finishedAt"] = null };
        State = Waiting(RestartingAll, Message);
        RestartCount++;
    }

    /// <summary>What a kubelet that ends the whole Pod says of a container whose probes it has stopped.</summary>
    public void TakeForReady() => IsReady |= kind != ContainerKind.Init && State["running"] is not null;

    /// <summary>Ends the present life: preStop, the stop signal, and SIGKILL when the grace period is over.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        if (_process is not { } process) return;
        if (grace > TimeSpan.Zero)
        {
            var deadline = DateTimeOffset.UtcNow + grace;
            // Whoever comes second only watches the clock: the program has been told once.
            if (Interlocked.Exchange(ref _stopping, process) != process) await AskToStopAsync(process, grace).ConfigureAwait(false);
            var left = deadline - DateTimeOffset.UtcNow;
            // The kubelet grants at least two seconds after a preStop hook.
            var least = spec.Object("lifecycle")?["preStop"] is null ? TimeSpan.Zero : TimeSpan.FromSeconds(2);
            try
            {
                await process.Exited.WaitAsync(left > least ? left : least).ConfigureAwait(false);
                return;
            }
            catch (TimeoutException)
            {
                pod.Note($"{Name}: SIGKILL after the grace period");
            }
        }

        process.Signal(Libc.SigKill);
        await process.Exited.ConfigureAwait(false);
    }

    /// <summary>Kills the present life as the kernel does when memory runs out; the status says OOMKilled.</summary>
    public void KillAsOutOfMemory()
    {
        _oomKilled = true;
        _process?.Signal(Libc.SigKill);
    }

    private async Task AskToStopAsync(ContainerProcess process, TimeSpan grace)
    {
        if (spec.Object("lifecycle").Object("preStop").Object("exec") is { } preStop)
        {
            using var timeout = new CancellationTokenSource(grace);
            try
            {
                await process.ExecAsync(preStop.Texts("command"), timeout.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The hook has used up the grace period.
            }
        }

        var signal = spec.Object("lifecycle").Text("stopSignal") ?? "SIGTERM";
        pod.Note($"{Name}: {signal}, {grace.TotalSeconds:0.#} s of grace");
        process.Signal(Libc.SignalNumber(signal));
    }

    private async Task LiveAsync()
    {
        var id = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        var output = new TailBuffer();
        using var over = new CancellationTokenSource();
        ContainerProcess process;
        try
        {
            _oomKilled = false;
            (var setup, _terminationLog) = ContainerFiles.Prepare(pod, spec, id);
            process = await ContainerProcess.StartAsync(setup, pod.PausePid, (text, isError) =>
            {
                output.Add(text);
                pod.Write(Name, text, isError);
            }).ConfigureAwait(false);
        }
        catch (ContainerStartException error)
        {
            pod.Note($"{Name}: {error.Message}");
            Terminated(id, 128, "StartError", $"failed to create containerd task: {error.Message}");
            return;
        }

        _process = process;
        pod.Change(() =>
        {
            _startedAt = DateTimeOffset.UtcNow;
            (ContainerId, ImageId) = ($"containerd://{id}", PodStatus.ImageId(spec.Text("image")!));
            State = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = _startedAt.ToApiTime() } };
            // Without a startup probe it is started, and without a readiness probe ready, in the same status as it is running.
            IsStarted = spec["startupProbe"] is null;
            IsReady = IsStarted && kind != ContainerKind.Init && spec["readinessProbe"] is null;
        });
        process.ReleaseOutput();
        var probes = ProbeAsync(process, over.Token);
        // Somebody may have wanted it to end while it was being set up.
        if (_retired.IsCancellationRequested) await StopAsync(pod.TerminationGrace).ConfigureAwait(false);
        var exitCode = await process.Exited.ConfigureAwait(false);
        _process = null;
        await over.CancelAsync().ConfigureAwait(false);
        await probes.ConfigureAwait(false);
        Terminated(id, exitCode, _oomKilled ? "OOMKilled" : exitCode == 0 ? "Completed" : "Error", Message(exitCode, output));
    }

    private async Task ProbeAsync(ContainerProcess process, CancellationToken over)
    {
        if (kind == ContainerKind.Init) return;
        var probes = new ProbeRunner(spec, process, pod.WaitAsync);
        try
        {
            if (!await probes.WaitForStartupAsync(over).ConfigureAwait(false))
            {
                await KillByProbeAsync("startup", "startupProbe").ConfigureAwait(false);
                return;
            }

            pod.Change(() => IsStarted = !over.IsCancellationRequested);
            _started.TrySetResult();
            var readiness = probes.WatchReadinessAsync(
                ready => pod.Change(() =>
                {
                    if (!pod.HasStoppedProbes) IsReady = ready && !over.IsCancellationRequested;
                }),
                over);
            if (await probes.WatchLivenessAsync(over).ConfigureAwait(false)) await KillByProbeAsync("liveness", "livenessProbe").ConfigureAwait(false);
            await readiness.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // This life is over.
        }
        catch (ContainerStartException error)
        {
            pod.Note($"{Name}: {error.Message}");
        }
    }

    private Task KillByProbeAsync(string probe, string field)
    {
        pod.Note($"{Name}: failed {probe} probe, will be restarted");
        return StopAsync(TimeSpan.FromSeconds(spec.Object(field).Number("terminationGracePeriodSeconds") ?? pod.GracePeriodSeconds));
    }

    private void Terminated(string id, int exitCode, string reason, string? message)
    {
        var ran = _startedAt != default && reason != "StartError";
        var terminated = new JsonObject { ["exitCode"] = exitCode, ["reason"] = reason };
        if (!string.IsNullOrEmpty(message)) terminated["message"] = message;
        terminated["startedAt"] = ran ? _startedAt.ToApiTime() : "1970-01-01T00:00:00Z";
        terminated["finishedAt"] = DateTimeOffset.UtcNow.ToApiTime();
        terminated["containerID"] = $"containerd://{id}";
        pod.Change(() =>
        {
            if (pod.IsRestartingAll)
            {
                // Its end is never shown: the kubelet removes it.
                IsFinished = true;
                return;
            }

            State = new JsonObject { ["terminated"] = terminated };
            ContainerId = $"containerd://{id}";
            ImageId ??= PodStatus.ImageId(spec.Text("image")!);
            IsReady = kind == ContainerKind.Init && exitCode == 0;
            IsStarted = false;
            IsFinished = _retired.IsCancellationRequested || !RestartPolicy.Restarts(pod.Spec, spec, kind == ContainerKind.Init, exitCode);
            if (IsFinished || !RestartPolicy.RestartsAll(spec, exitCode)) return;
            IsFinished = true;
            pod.RestartAll();
        }, publish: !pod.IsRestartingAll);
        // The note comes after the state: tests rely on that order.
        pod.Note($"{Name}: exit code {exitCode} ({reason})");
    }

    /// <returns>False if there will be no other life after all.</returns>
    private async Task<bool> WaitForRestartAsync()
    {
        var delay = _backOff.Next(DateTimeOffset.UtcNow - _startedAt);
        var terminated = Termination!;
        if (delay > TimeSpan.Zero)
        {
            pod.Change(() =>
            {
                LastTermination = terminated;
                State = Waiting("CrashLoopBackOff", $"back-off {Duration(delay)} restarting failed container={Name} pod={pod.Name}_{pod.Namespace}({pod.Uid})");
            });
            try
            {
                await pod.WaitAsync(delay.TotalSeconds, _retired.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                pod.Change(() => State = new JsonObject { ["terminated"] = terminated.DeepClone() });
                return false;
            }
        }

        pod.Change(() =>
        {
            LastTermination = terminated;
            RestartCount++;
        }, publish: false);
        return true;
    }

    private async Task WaitForImageAsync()
    {
        var image = spec.Text("image")!;
        pod.Change(() => State = spec.Text("imagePullPolicy") == "Never"
            ? Waiting("ErrImageNeverPull", $"Container image \"{image}\" is not present with pull policy of Never")
            : Waiting("ErrImagePull", $"failed to pull and unpack image \"{image}\": not found"));
        try
        {
            if (spec.Text("imagePullPolicy") != "Never")
            {
                await pod.WaitAsync(10, _retired.Token).ConfigureAwait(false);
                pod.Change(() => State = Waiting("ImagePullBackOff", $"Back-off pulling image \"{image}\""));
            }

            await Task.Delay(Timeout.Infinite, _retired.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The Pod ends.
        }
    }

    private string? Message(int exitCode, TailBuffer output)
    {
        var bytes = File.Exists(_terminationLog) ? File.ReadAllBytes(_terminationLog) : [];
        if (bytes.Length > 0) return Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, LongestMessage)));
        return spec.Text("terminationMessagePolicy") == "FallbackToLogsOnError" && exitCode != 0 ? output.ToString() : null;
    }

    private static string Duration(TimeSpan delay) => delay.TotalSeconds < 60 ? $"{delay.TotalSeconds:0}s" : $"{(int)delay.TotalMinutes}m{delay.Seconds}s";

    private static JsonObject Waiting(string reason, string? message = null)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message is not null) waiting["message"] = message;
        return new JsonObject { ["waiting"] = waiting };
    }
}
