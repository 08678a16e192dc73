using System.Collections.Immutable;
using Proa.CommandLine;
using Proa.Identity;
using Proa.Lifecycle;
using Proa.Pods;
using Proa.Processes;

namespace Proa.Checking;

/// <summary>What the API server said when it was asked; null: yes.</summary>
/// <param name="Get">Why the Pod may not be read, or null.</param>
/// <param name="Watch">Why it may not be watched, or null.</param>
public sealed record Permissions(string? Get, string? Watch);

/// <summary>What proa went by, as far as it came.</summary>
/// <param name="Options">The options.</param>
/// <param name="OptionsFrom">Where they are from, for people.</param>
public sealed record CheckFindings(Options Options, string OptionsFrom)
{
    /// <summary>The API server's URL and where it is from, or null.</summary>
    public (string Url, string Source)? ApiServer { get; init; }

    /// <summary>Which Pod proa takes itself for, or null.</summary>
    public PodIdentity? Identity { get; init; }

    /// <summary>What proa may do, or null where it was not asked.</summary>
    public Permissions? Permissions { get; init; }

    /// <summary>What to do for more permission; may be empty.</summary>
    public string PermissionHint { get; init; } = "";

    /// <summary>The Pod, or null.</summary>
    public Pod? Pod { get; init; }

    /// <summary>Which container of it proa takes itself for, or null.</summary>
    public ContainerIdentity? Container { get; init; }

    /// <summary>The processes that proa sees.</summary>
    public ImmutableArray<ProcessFacts> Processes { get; init; } = [];

    /// <summary>The process ID of the supervisor, or of whoever asks.</summary>
    public int Proa { get; init; }

    /// <summary>What keeps main from being started whatever the Pod says, with what to do; null: nothing.</summary>
    public (string Problem, string Hint)? Obstacle { get; init; }
}

/// <summary>What is done with a sidecar, and why.</summary>
/// <param name="Does">Whether it is done.</param>
/// <param name="Why">Why not, or how; may be empty.</param>
public readonly record struct Decision(bool Does, string Why);

/// <summary>One sidecar.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">How it is declared.</param>
/// <param name="IsReady">Whether it is ready.</param>
/// <param name="State">What it does, with the kubelet's reason.</param>
/// <param name="Probe">What tells that it is ready.</param>
/// <param name="WaitedFor">Whether main waits for it.</param>
/// <param name="Asked">Whether it is asked to stop when main has succeeded.</param>
/// <param name="Awaited">Whether its end is then awaited.</param>
public sealed record SidecarReport(string Name, SidecarKind Kind, bool IsReady, string State, string Probe, Decision WaitedFor, Decision Asked, Decision Awaited);

/// <summary>What would happen when main exits with a code.</summary>
/// <param name="ExitCode">The code.</param>
/// <param name="Ask">Whether the sidecars are asked to stop, or why not.</param>
/// <param name="Requests">What is sent: requests, and the signal.</param>
/// <param name="Awaited">Whose end is awaited.</param>
/// <param name="Budget">For how long at most.</param>
public sealed record ExitReport(int ExitCode, Decision Ask, ImmutableArray<string> Requests, ImmutableArray<string> Awaited, TimeSpan Budget);

/// <summary>What <c>--check</c> says.</summary>
/// <param name="Findings">What it goes by.</param>
/// <param name="ExitCode">0: main could be started; 124: not yet; 125: not at all.</param>
/// <param name="Start">Whether main could be started now, or why not.</param>
/// <param name="Hint">What to do where it could not; may be empty.</param>
/// <param name="Sidecars">All sidecars of the Pod, the ignored ones too.</param>
/// <param name="Exits">What would happen when main succeeds, and when it fails; empty where the Pod is not known.</param>
/// <param name="Remarks">What a person should know besides.</param>
public sealed record CheckReport(
    CheckFindings Findings,
    int ExitCode,
    Decision Start,
    string Hint,
    ImmutableArray<SidecarReport> Sidecars,
    ImmutableArray<ExitReport> Exits,
    ImmutableArray<string> Remarks)
{
    private const int Failure = 1;

    /// <summary>Judges what was found, by the same decisions that a life goes by.</summary>
    public static CheckReport Of(CheckFindings findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var options = findings.Options;
        if (findings is not { Pod: { } pod, Container: { } self })
        {
            var start = findings.Obstacle is var (problem, _) ? new Decision(false, problem) : new(true, "--no-wait: no sidecar is waited for");
            return new(findings, start.Does ? 0 : ExitCodes.CannotRun, start, findings.Obstacle?.Hint ?? "", [], start.Does ? Both(null, null, findings) : [], Remark(findings, null));
        }

        var verdict = ReadinessVerdict.Decide(pod, self.Name, options);
        var exits = Both(pod, self.Name, findings);
        var sidecars = Sidecar.Of(pod, self.Name, options with { Ignore = [] }).Select(s => Judge(s, pod, verdict, exits[0], options)).ToImmutableArray();
        var exitCode = findings.Obstacle is not null ? ExitCodes.CannotRun : verdict.Readiness switch
        {
            Readiness.Start => 0,
            Readiness.Wait => ExitCodes.NotReadyInTime,
            Readiness.Never => ExitCodes.CannotRun,
        };
        return new(findings, exitCode, new(exitCode == 0, findings.Obstacle?.Problem ?? verdict.Why), Remedy(findings, verdict), sidecars, exits, Remark(findings, pod));
    }

    private static string Remedy(CheckFindings findings, ReadinessVerdict verdict) =>
        findings.Obstacle is var (_, hint) ? hint : verdict.Hint.Length > 0 ? verdict.Hint : findings.PermissionHint;

    private static ImmutableArray<ExitReport> Both(Pod? pod, string? self, CheckFindings findings) =>
        [Exit(pod, self, 0, findings), Exit(pod, self, Failure, findings)];

    private static ExitReport Exit(Pod? pod, string? self, int exitCode, CheckFindings findings)
    {
        var options = findings.Options;
        if (!options.EndsSidecars) return new(exitCode, new(false, "no shutdown request is given"), [], [], TimeSpan.Zero);
        // By then they run, unless they have ended for good.
        var plan = ShutdownPlan.Decide(pod is null ? null : Running(pod), self, exitCode, options);
        return new(exitCode, new(plan.Ask, plan.Why), plan.Ask ? [.. Requests(pod, self, findings)] : [], plan.Awaited, plan.Awaited.IsEmpty ? TimeSpan.Zero : plan.Budget);
    }

    private static Pod Running(Pod pod) => pod with
    {
        Status = pod.Status with
        {
            ContainerStatuses = [.. pod.Spec.Containers.Select(c =>
                Array.Find(pod.Status.ContainerStatuses, s => s.Name == c.Name) is { State.Terminated: { } ended } over && !Restarts.WillRestart(pod, c, ended.ExitCode)
                    ? over
                    : new ContainerStatus { Name = c.Name, Ready = true, State = new() { Running = new() } })],
        },
    };

    private static IEnumerable<string> Requests(Pod? pod, string? self, CheckFindings findings)
    {
        var options = findings.Options;
        foreach (var request in options.ShutdownRequests) yield return request.Describe();
        if (!options.Signals) yield break;
        var signal = SignalNames.Of(options.KillSignal);
        if (SidecarProcesses.WhyNone(findings.Processes, findings.Proa, pod) is not null) yield break;
        var found = SidecarProcesses.Choose(findings.Processes, findings.Proa, pod, self, options);
        foreach (var process in found.Chosen) yield return $"{signal} to {process.Describe()}";
        foreach (var missing in found.Missing) yield return $"{signal} to {missing}, of which there is no process now";
    }

    private static SidecarReport Judge(Sidecar sidecar, Pod pod, ReadinessVerdict verdict, ExitReport success, Options options)
    {
        var isIgnored = options.Ignore.Contains(sidecar.Name);
        var isNative = sidecar.Kind == SidecarKind.Native;
        var waited = isIgnored ? new Decision(false, "--ignore")
            : options.NoWait ? new(false, "--no-wait")
            : verdict.Awaited.Any(s => s.Name == sidecar.Name) ? new(true, "")
            : new(false, "not in --wait-for");
        var asked = isIgnored ? new Decision(false, "--ignore")
            : isNative ? new(false, "native: the kubelet ends it")
            : success.Ask;
        var awaited = isIgnored || isNative || !asked.Does ? asked with { Does = false }
            : success.Awaited.Contains(sidecar.Name) ? new(true, "")
            : new(false, WhyNotAwaited(sidecar, pod, options));
        return new(sidecar.Name, sidecar.Kind, sidecar.IsReady, sidecar.Describe(), Probe(sidecar), waited, asked, awaited);
    }

    private static string WhyNotAwaited(Sidecar sidecar, Pod pod, Options options) =>
        options.ShutdownTimeout == TimeSpan.Zero ? "--shutdown-timeout 0"
        : pod.IsBeingDeleted ? "the Pod is being deleted"
        : sidecar.Status?.State.Terminated is { } ended && !Restarts.WillRestart(pod, sidecar.Container, ended.ExitCode) ? "it has ended"
        : $"the kubelet starts it again ({Restarts.Why(pod, sidecar.Container, 0)})";

    private static string Probe(Sidecar sidecar) =>
        sidecar.Container.ReadinessProbe is not null ? "readinessProbe"
        : sidecar.Container.StartupProbe is not null ? "startupProbe only: ready once started"
        : "none: ready as soon as it runs";

    private static ImmutableArray<string> Remark(CheckFindings findings, Pod? pod)
    {
        var remarks = ImmutableArray.CreateBuilder<string>();
        if (findings.Permissions is { Get: null, Watch: { } refusal }) remarks.Add($"watching is not allowed, so the Pod would be looked at every 1.5 s: {refusal}");
        if (findings.Options.Signals && SidecarProcesses.WhyNone(findings.Processes, findings.Proa, pod) is var (problem, hint)) remarks.Add($"--kill would signal nobody: {problem}; {hint}");
        if (findings.Container?.Source.Contains("for want of", StringComparison.Ordinal) is true) remarks.Add("it is not certain which container this is: say it with --container");
        return remarks.ToImmutable();
    }
}
