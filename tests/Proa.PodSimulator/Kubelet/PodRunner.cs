using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Proa.PodSimulator;

/// <summary>Runs one Pod from its creation to its end and reports its status to the store: the kubelet's part.</summary>
internal sealed class PodRunner
{
    private readonly Lock _lock = new();
    private readonly Store _store;
    private readonly SimulatorOptions _options;
    private readonly OutputLog _output;
    private readonly Channel<(DateTimeOffset At, JsonObject Status)> _reports = Channel.CreateUnbounded<(DateTimeOffset, JsonObject)>();
    private readonly CancellationTokenSource _terminating = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly CancellationTokenSource _over = new();
    private Task? _termination;
    private Task _restart = Task.CompletedTask;
    private TaskCompletionSource _mayReport = Opened();
    private Task _deletion = Task.CompletedTask;
    private PauseProcess? _pause;

    public PodRunner(JsonObject pod, Manifest manifest, ApiServer api, SimulatorOptions options, OutputLog output, string stateDirectory)
    {
        Object = pod;
        _store = api.Store;
        TerminationGrace = TimeSpan.FromSeconds(GracePeriodSeconds);
        _options = options;
        _output = output;
        Resources = new PodResources(manifest, api, options, pod, Path.Combine(stateDirectory, "pods", Uid));
        HostName = MakeHostName();
        HasInitContainers = Spec.Objects("initContainers").Any();
        InitContainers =
            [.. Spec.Objects(
                "initContainers")
                    .Select(spec => new Container(this, spec, RestartPolicy.IsNativeSidecar(spec) ? ContainerKind.NativeSidecar : ContainerKind.Init))];
        Containers = [.. Spec.Objects("containers").Select(spec => new Container(this, spec, ContainerKind.Regular))];
    }

    public JsonObject Object { get; }

    public JsonObject Spec => Object.Object("spec")!;

    public string Name => Object.Object("metadata").Text("name")!;

    public string Namespace => Object.Object("metadata").Text("namespace")!;

    public string Uid => Object.Object("metadata").Text("uid")!;

    public string HostName { get; }

    public PodResources Resources { get; }

    public bool HasInitContainers { get; }

    public IReadOnlyList<Container> InitContainers { get; }

    public IReadOnlyList<Container> Containers { get; }

    public IEnumerable<Container> AllContainers => InitContainers.Concat(Containers);

    public int GracePeriodSeconds => Spec.Number("terminationGracePeriodSeconds") ?? 30;

    public int? PausePid => _pause?.Pid;

    public DateTimeOffset StartTime { get; } = DateTimeOffset.UtcNow;

    /// <summary>Whether the Pod's sandbox exists now.</summary>
    public bool HasSandbox { get; private set; }

    public bool HasSandboxStarted { get; private set; }

    public string? FinalPhase { get; private set; }

    /// <summary>Why the whole Pod failed, such as DeadlineExceeded.</summary>
    public string? Reason { get; private set; }

    public static string ReasonMessage => "Pod was active on the node longer than the specified deadline";

    /// <summary>Whether all containers are being ended to be started again, by a container's restart rule.</summary>
    public bool IsRestartingAll { get; private set; }

    /// <summary>Whether what probes find counts no more.</summary>
    public bool HasStoppedProbes => Reason is not null || IsRestartingAll;

    public bool IsTerminating => _terminating.IsCancellationRequested;

    /// <summary>What a container gets that comes up when the Pod is ending already.</summary>
    public TimeSpan TerminationGrace { get; private set; }

    public bool IsDeleted { get; private set; }

    /// <summary>Completes when the Pod has ended and its last status is in the store.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    private IEnumerable<Container> NativeSidecars => InitContainers.Where(container => container.Kind == ContainerKind.NativeSidecar);

    public void Start()
    {
        Ended = RunAsync();
        _deletion = FollowDeletionAsync();
    }

    public bool IsMissing(string image) => _options.MissingImages.Contains(image);

    public void Write(string container, string text, bool isError) => _output.Add(Name, container, text, isError);

    public void Note(string text) => _output.Add(Name, OutputLine.Kubelet, text);

    /// <summary>Waits the kubelet's seconds, divided by the time scale.</summary>
    public Task WaitAsync(double seconds, CancellationToken cancellationToken) =>
        seconds <= 0 ? Task.CompletedTask : Task.Delay(TimeSpan.FromSeconds(seconds / _options.TimeScale), cancellationToken);

    /// <summary>Changes a container's state; the status follows.</summary>
    public void Change(Action change, bool publish = true)
    {
        lock (_lock)
        {
            change();
            if (publish) Report();
        }
    }

    public void Publish() => Change(() => { });

    /// <summary>Keeps the API server from hearing of any change, as when the kubelet cannot reach it; it hears of the last state then.</summary>
    public void HoldStatus() => _mayReport = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends what <see cref="HoldStatus"/> began.</summary>
    public void ReleaseStatus() => _mayReport.TrySetResult();

    /// <summary>Under the lock: ends all containers at once, without a grace period, to start them all again.</summary>
    public void RestartAll()
    {
        if (IsRestartingAll || IsTerminating) return;
        IsRestartingAll = true;
        Note("all containers will be restarted");
        _restart = KillAllAsync();
    }

    /// <summary>Ends the Pod: regular containers first, then native sidecars in reverse order, all within the grace period.</summary>
    /// <param name="grace">How long; zero kills.</param>
    /// <param name="reason">Why the Pod counts as failed, whatever its containers' exit codes; null if it need not.</param>
    public Task TerminateAsync(TimeSpan grace, string? reason = null)
    {
        lock (_lock)
        {
            Reason ??= reason;
            TerminationGrace = grace;
            if (_termination is null || grace == TimeSpan.Zero) _termination = TerminateCoreAsync(grace);
            return _termination;
        }
    }

    /// <summary>Ends the Pod as its deadline does.</summary>
    public Task ExceedDeadlineAsync() => TerminateAsync(TimeSpan.FromSeconds(GracePeriodSeconds), "DeadlineExceeded");

    /// <summary>Kills everything without any status.</summary>
    public async Task KillAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        await TerminateAsync(TimeSpan.Zero).ConfigureAwait(false);
        await Task.WhenAll(Ended, _deletion).ConfigureAwait(false);
    }

    private async Task KillAllAsync()
    {
        await Task.Yield();
        foreach (var container in AllContainers) container.Retire();
        await Task.WhenAll(AllContainers.Select(container => container.StopAsync(TimeSpan.Zero))).ConfigureAwait(false);
    }

    private async Task TerminateCoreAsync(TimeSpan grace)
    {
        await Task.Yield();
        var deadline = DateTimeOffset.UtcNow + grace;
        await _terminating.CancelAsync().ConfigureAwait(false);
        if (Reason is not null)
        {
            // That the Pod has failed is shown first, and then, as their probes have stopped, all containers as ready.
            Publish();
            Change(() =>
            {
                foreach (var container in AllContainers) container.TakeForReady();
            });
        }

        foreach (var container in InitContainers.Where(container => container.Kind == ContainerKind.Init).Concat(Containers)) container.Retire();
        await Task.WhenAll(
            InitContainers.Where(container => container.Kind == ContainerKind.Init).Concat(Containers)
                .Select(container => container.StopAsync(grace))).ConfigureAwait(false);
        await StopNativeSidecarsAsync(grace == TimeSpan.Zero ? grace : deadline - DateTimeOffset.UtcNow).ConfigureAwait(false);
    }

    private async Task StopNativeSidecarsAsync(TimeSpan grace)
    {
        // At least the kubelet's two seconds, however long the others took.
        if (grace != TimeSpan.Zero && grace < TimeSpan.FromSeconds(2)) grace = TimeSpan.FromSeconds(2);
        var deadline = DateTimeOffset.UtcNow + grace;
        foreach (var sidecar in NativeSidecars.Reverse())
        {
            sidecar.Retire();
            var left = deadline - DateTimeOffset.UtcNow;
            await sidecar.StopAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero).ConfigureAwait(false);
            if (sidecar.Started.IsCompleted) await sidecar.Finished.ConfigureAwait(false);
        }
    }

    private async Task RunAsync()
    {
        var reporting = ReportAsync();
        var deadline = FollowDeadlineAsync();
        try
        {
            _store.Update(Namespace, Name, Schedule);
            Publish();
            Resources.MakeVolumes();
            if (Spec.Flag("shareProcessNamespace") == true)
                _pause = await PauseProcess.StartAsync(Path.Combine(Resources.PodDirectory, "pause")).ConfigureAwait(false);
            Change(() => HasSandbox = HasSandboxStarted = true);
            var running = await RunContainersAsync().ConfigureAwait(false);
            while (IsRestartingAll)
            {
                await _restart.ConfigureAwait(false);
                await Task.WhenAll(running).ConfigureAwait(false);
                if (IsTerminating) break;
                Change(() =>
                {
                    foreach (var container in AllContainers) container.Renew();
                    IsRestartingAll = false;
                });
                running = await RunContainersAsync().ConfigureAwait(false);
            }

            if (_termination is { } termination) await termination.ConfigureAwait(false);
            else await StopNativeSidecarsAsync(TimeSpan.FromSeconds(GracePeriodSeconds)).ConfigureAwait(false);
            await Task.WhenAll(running).ConfigureAwait(false);
        }
        catch (ContainerStartException error)
        {
            Note(error.Message);
            Reason = "FailedMount";
        }

        Publish();
        if (_pause is not null) await _pause.DisposeAsync().ConfigureAwait(false);
        Change(() =>
        {
            HasSandbox = false;
            FinalPhase = PodStatus.FinalPhase(this) ?? "Failed";
        });
        Note($"Pod {FinalPhase}");
        _reports.Writer.Complete();
        await reporting.ConfigureAwait(false);
        await _over.CancelAsync().ConfigureAwait(false);
        await deadline.ConfigureAwait(false);
        if (IsDeleted) Remove();
    }

    private async Task<List<Task>> RunContainersAsync()
    {
        var (running, complete) = await StartContainersAsync().ConfigureAwait(false);
        if (complete) await Task.WhenAll(Containers.Select(container => container.Finished)).ConfigureAwait(false);
        return running;
    }

    private void Remove()
    {
        if (_store.Get(Namespace, Name)?.Object("metadata").Text("uid") != Uid) return;
        _store.Update(Namespace, Name, pod =>
        {
            pod.Object("metadata")!["deletionGracePeriodSeconds"] = 0;
            pod.Object("metadata")!["deletionTimestamp"] = DateTimeOffset.UtcNow.ToApiTime();
        });
        _store.Delete(Namespace, Name);
    }

    // Not complete: an init container has failed, or the Pod is to end already.
    private async Task<(List<Task> Running, bool Complete)> StartContainersAsync()
    {
        var running = new List<Task>();
        foreach (var container in InitContainers)
        {
            if (IsTerminating || IsRestartingAll) return (running, false);
            var run = container.RunAsync();
            running.Add(run);
            await (container.Kind == ContainerKind.Init ? run : Task.WhenAny(container.Started, TerminatingAsync())).ConfigureAwait(false);
            if (container.Kind == ContainerKind.Init && container.Termination.Number("exitCode") != 0) return (running, false);
        }

        if (IsTerminating || IsRestartingAll) return (running, false);
        if (HasInitContainers) Publish();
        running.AddRange(Containers.Select(container => container.RunAsync()));
        return (running, true);

        Task TerminatingAsync() => Task.Delay(Timeout.Infinite, _terminating.Token);
    }

    private static void Schedule(JsonObject pod)
    {
        pod.Object("spec")!["nodeName"] = PodStatus.NodeName;
        pod.Object("status")!["conditions"] = new JsonArray(new JsonObject
        {
            ["type"] = "PodScheduled",
            ["status"] = "True",
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = DateTimeOffset.UtcNow.ToApiTime(),
        });
    }

    // Under the lock: a report is a picture of this very moment, so that no state is lost, however short it was.
    private void Report()
    {
        var pod = _store.Get(Namespace, Name) ?? Object.Clone();
        PodStatus.Write(pod, this);
        _reports.Writer.TryWrite((DateTimeOffset.UtcNow, pod.Object("status")!.Clone()));
    }

    private async Task ReportAsync()
    {
        await foreach (var report in _reports.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            var (at, status) = report;
            if (!_mayReport.Task.IsCompleted)
            {
                await Task.WhenAny(_mayReport.Task, Task.Delay(Timeout.Infinite, _disposed.Token)).ConfigureAwait(false);
                while (_reports.Reader.TryRead(out var newer)) (at, status) = newer;
            }

            var left = at + (_options.StatusLag / _options.TimeScale) - DateTimeOffset.UtcNow;
            if (left > TimeSpan.Zero && !_disposed.IsCancellationRequested) await Task.Delay(left).ConfigureAwait(false);
            if (_store.Get(Namespace, Name) is { } current && current.Object("metadata").Text("uid") == Uid)
            {
                _store.Update(Namespace, Name, pod => pod["status"] = status);
            }
        }
    }

    private async Task FollowDeletionAsync()
    {
        try
        {
            var pod = await _store.WaitForChangeAsync(
                Namespace,
                Name,
                change => change.Type == "DELETED" || change.Pod.Object("metadata")?["deletionTimestamp"] is not null,
                _disposed.Token).ConfigureAwait(false);
            IsDeleted = true;
            if (_over.IsCancellationRequested)
            {
                Remove();
                return;
            }

            Note("the Pod is being deleted");
            Publish();
            await TerminateAsync(
                TimeSpan.FromSeconds(
                    pod.Type == "DELETED" ? 0 : pod.Pod.Object("metadata").Number("deletionGracePeriodSeconds") ?? GracePeriodSeconds)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The Pod ended first.
        }
    }

    private async Task FollowDeadlineAsync()
    {
        if (Spec.Number("activeDeadlineSeconds") is not { } seconds) return;
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), _over.Token).ConfigureAwait(false);
            await ExceedDeadlineAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The Pod ended first.
        }
    }

    private static TaskCompletionSource Opened()
    {
        var opened = new TaskCompletionSource();
        opened.SetResult();
        return opened;
    }

    private string MakeHostName()
    {
        var name = Spec.Text("hostname") ?? Name;
        return name.Length > 63 ? name[..63].TrimEnd('-', '.') : name;
    }
}
