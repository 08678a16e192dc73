using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>Runs the Jobs and Pods of a manifest on this machine: an API server, and what a kubelet does, with processes for containers.</summary>
public sealed class Simulator : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<PodRunner> _pods = [];
    private readonly CancellationTokenSource _disposed = new();
    private readonly StateDirectory _state = new();
    private readonly Manifest _manifest;
    private readonly SimulatorOptions _options;

    private Simulator(Manifest manifest, SimulatorOptions options, ApiServer api)
    {
        _manifest = manifest;
        _options = options;
        Api = api;
        if (options.OnOutput is { } onOutput) Output.Written += onOutput;
    }

    /// <summary>The API server, with its request log and its faults.</summary>
    public ApiServer Api { get; }

    /// <summary>What the containers and the kubelet have written.</summary>
    public OutputLog Output { get; } = [];

    /// <summary>Where the kubelet keeps its files; removed in the end.</summary>
    public string StateDirectory => _state.FullName;

    /// <summary>Completes when all Jobs and Pods of the manifest have ended. Cancelled if the simulator is disposed before.</summary>
    public Task<JobOutcome> Completion { get; private set; } = null!;

    /// <summary>The name of the Pod that was created last.</summary>
    public string PodName => Current.Name;

    /// <summary>The Pod that was created last, as the API server shows it; null when it is deleted.</summary>
    public JsonObject? Pod => Api.Store.Get(Current.Namespace, Current.Name);

    private PodRunner Current
    {
        get
        {
            lock (_lock) return _pods[^1];
        }
    }

    /// <summary>Starts the Jobs and Pods of a manifest given as YAML text.</summary>
    /// <exception cref="ManifestException">The manifest cannot be used.</exception>
    public static Task<Simulator> StartAsync(string yaml, SimulatorOptions? options = null) => StartAsync(Manifest.Parse(yaml), options);

    /// <summary>Starts the Jobs and Pods of a manifest.</summary>
    public static async Task<Simulator> StartAsync(Manifest manifest, SimulatorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        options ??= new SimulatorOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.TimeScale, nameof(options));
        var api = await ApiServer.StartAsync(options.ApiServer).ConfigureAwait(false);
        var simulator = new Simulator(manifest, options, api);
        foreach (var item in manifest.OfKind("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"))
        {
            var applied = item.Clone();
            applied.Object("metadata")!.Default("namespace", options.Namespace);
            api.Apply(applied);
        }

        options.Prepare?.Invoke(api);
        var jobs = manifest.OfKind("Job").Select(job => new JobController(job, simulator).RunAsync(simulator._disposed.Token)).ToList();
        jobs.AddRange(manifest.OfKind("Pod").Select(pod => simulator.Run(pod.Clone())).ToList().Select(simulator.RunToEndAsync));
        simulator.Completion = simulator.CompleteAsync(jobs);
        return simulator;
    }

    /// <summary>Waits for a state of any Pod of the manifest, the present one or one to come.</summary>
    public Task<JsonObject> WaitForPodAsync(Func<JsonObject, bool> predicate, CancellationToken cancellationToken = default) =>
        Api.Store.WaitForPodAsync(Current.Namespace, null, predicate, cancellationToken);

    /// <summary>Waits for a line of a container (or of <see cref="OutputLine.Kubelet"/>), written already or to come.</summary>
    public Task<OutputLine> WaitForOutputAsync(string container, Func<string, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return Output.WaitForAsync(line => line.Container == container && predicate(line.Text), cancellationToken);
    }

    /// <summary>Deletes the present Pod as kubectl does, and waits until it has gone.</summary>
    /// <param name="gracePeriodSeconds">Null: the Pod's own; 0: killed at once.</param>
    public Task DeletePodAsync(int? gracePeriodSeconds = null) => DeleteAsync(Current, gracePeriodSeconds);

    /// <summary>Sends a signal to the command's process of a container that runs in the present Pod.</summary>
    /// <returns>False if it does not run.</returns>
    public bool SignalContainer(string container, int signal)
    {
        if (Find(container).Process is not { } process) return false;
        process.Signal(signal);
        return true;
    }

    /// <summary>Kills a container as the kernel does when it has used up its memory: exit code 137, reason OOMKilled.</summary>
    public void KillAsOutOfMemory(string container) => Find(container).KillAsOutOfMemory();

    /// <summary>Ends the present Pod as the kubelet does when its activeDeadlineSeconds are over: it fails, and is not deleted.</summary>
    public void ExceedDeadline() => _ = Current.ExceedDeadlineAsync();

    /// <summary>From now on the API server hears nothing of the present Pod's containers, as when the kubelet cannot reach it.</summary>
    public void HoldStatus() => Current.HoldStatus();

    /// <summary>The API server hears of the last state that it has missed, and of all that follow.</summary>
    public void ReleaseStatus() => Current.ReleaseStatus();

    /// <summary>The process ID on this machine of a container's command; null if it does not run.</summary>
    public int? ProcessId(string container) => Find(container).Process?.Pid;

    /// <summary>Runs a command in a running container of the present Pod, as kubectl exec does.</summary>
    /// <exception cref="InvalidOperationException">The container does not run.</exception>
    public Task<ExecResult> ExecAsync(string container, IReadOnlyList<string> command, CancellationToken cancellationToken = default) =>
        (Find(container).Process ?? throw new InvalidOperationException($"Container {container} does not run.")).ExecAsync(command, cancellationToken);

    /// <summary>Issues another token for the present Pod and puts it in place of the old one in one step, as the kubelet does.</summary>
    /// <param name="revokeOld">Whether the old one is refused from now on.</param>
    /// <returns>The new token.</returns>
    public string RotateToken(bool revokeOld = true)
    {
        var old = Current.Resources.Token;
        var token = Current.Resources.RotateToken();
        if (revokeOld && old is not null) Api.RevokeToken(old);
        return token;
    }

    /// <summary>Ends everything at once and removes every trace.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed.IsCancellationRequested) return;
        await _disposed.CancelAsync().ConfigureAwait(false);
        List<PodRunner> pods;
        lock (_lock) pods = [.. _pods];
        try
        {
            await Task.WhenAll(pods.Select(pod => pod.KillAsync())).ConfigureAwait(false);
        }
        finally
        {
            await Completion.ContinueWith(_ => { }, TaskScheduler.Default).ConfigureAwait(false);
            await Api.DisposeAsync().ConfigureAwait(false);
            _state.Dispose();
            _disposed.Dispose();
        }
    }

    internal PodRunner Run(JsonObject template)
    {
        template.GetOrAdd("metadata").Default("namespace", _options.Namespace);
        _options.Admit?.Invoke(template);
        var ns = template.Object("metadata").Text("namespace")!;
        var account = template.Object("spec").Text("serviceAccountName") ?? "default";
        var pod = PodDefaults.Apply(template, _manifest.Find("ServiceAccount", ns, account).Flag("automountServiceAccountToken") ?? true);
        if (_options.AllowPodAccess) Api.Rbac.AllowPods(ns, account, "get", "list", "watch");
        var runner = new PodRunner(Api.Store.Put(pod), _manifest, Api, _options, Output, StateDirectory);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
            _pods.Add(runner);
        }

        runner.Note($"Pod {runner.Name} created");
        runner.Start();
        return runner;
    }

    internal async Task DeleteAsync(PodRunner pod, int? gracePeriodSeconds)
    {
        var gone = Api.Store.WaitForGoneAsync(pod.Namespace, pod.Name);
        Api.Store.RequestDeletion(pod.Namespace, pod.Name, gracePeriodSeconds);
        await gone.ConfigureAwait(false);
        await pod.Ended.ConfigureAwait(false);
    }

    private async Task<(bool Succeeded, string Reason)> RunToEndAsync(PodRunner pod)
    {
        await pod.Ended.ConfigureAwait(false);
        _disposed.Token.ThrowIfCancellationRequested();
        return pod.FinalPhase == "Succeeded" ? (true, "Completed") : (false, pod.Reason ?? (pod.IsDeleted ? "Deleted" : "Failed"));
    }

    private async Task<JobOutcome> CompleteAsync(List<Task<(bool Succeeded, string Reason)>> jobs)
    {
        var results = await Task.WhenAll(jobs).ConfigureAwait(false);
        lock (_lock)
        {
            var failure = results.FirstOrDefault(result => !result.Succeeded);
            return new JobOutcome(failure.Reason is null, failure.Reason ?? "Completed", [.. _pods.Select(Outcome)]);
        }
    }

    private static PodOutcome Outcome(PodRunner pod) =>
        new(pod.Name, pod.FinalPhase ?? "Failed", pod.Reason, pod.IsDeleted, [.. pod.AllContainers.Select(Outcome)]);

    private static ContainerOutcome Outcome(Container container)
    {
        var terminated = container.Termination ?? container.LastTermination;
        return new ContainerOutcome(container.Name, terminated.Number("exitCode"),
            terminated.Text("reason") ?? container.State.Object("waiting").Text("reason"), container.RestartCount, terminated.Text("message"));
    }

    private Container Find(string container) => Current.AllContainers.FirstOrDefault(candidate => candidate.Name == container)
        ?? throw new ArgumentException($"The Pod has no container {container}.", nameof(container));
}
