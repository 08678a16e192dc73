using System.Collections.Immutable;
using Proa.Ending;
using Proa.Pods;
using Proa.Sidecars;
using Proa.Waiting;
using Proa.Watching;

namespace Proa.Checking;

/// <param name="Does">Whether it is done; null where proa cannot tell.</param>
/// <param name="Why">Why not, or how; may be empty.</param>
internal readonly record struct Decision(bool? Does, string Why);

/// <param name="Asked">Whether it is asked to stop when main has succeeded.</param>
internal sealed record SidecarReport(string Name, SidecarKind Kind, bool IsReady, string State, string Probe, Decision WaitedFor, Decision Asked, Decision Awaited);

internal sealed record ExitReport(int ExitCode, Decision Ask, ImmutableArray<string> Requests, ImmutableArray<string> Awaited, TimeSpan Budget);

/// <param name="Hint">What to do where it could not; may be empty.</param>
/// <param name="Sidecars">All sidecars of the Pod, the ignored ones too.</param>
/// <param name="Exits">What would happen when main succeeds, and when it fails; empty where the Pod is not known.</param>
/// <param name="Warnings">What would go wrong though main can be started.</param>
internal sealed record CheckReport(
    CheckFindings Findings,
    Decision Start,
    string Hint,
    ImmutableArray<SidecarReport> Sidecars,
    ImmutableArray<RequestReport> Requests,
    ImmutableArray<ExitReport> Exits,
    ImmutableArray<string> Warnings,
    ImmutableArray<string> Remarks)
{
    /// <summary>The exit code of a main that fails, for which the end is foretold.</summary>
    internal const int Failure = 1;

    /// <summary>The exit code where main can be started, and something is wrong all the same.</summary>
    public const int Warned = 1;

    /// <summary>0: main can be started, or has been; 1: so, but there are warnings; 124: it cannot be started yet; 125: not at all.</summary>
    public int ExitCode { get; private init; }

    /// <summary>Judges what was found, by the same decisions that a life goes by.</summary>
    public static CheckReport Of(CheckFindings findings)
    {
        var options = findings.Options;
        if (findings is not { Pod: { } pod, Container: { } self })
        {
            var start = findings.Obstacle is var (problem, _) ? new Decision(false, problem) : new(true, "--no-wait: no sidecar is waited for");
            if (start.Does is false) return new(findings, start, findings.Obstacle?.Hint ?? "", [], [], [], [], Remark(findings)) { ExitCode = ExitCodes.CannotRun };
            var sent = RequestReport.Of(findings, null, []);
            var warned = CheckWarnings.Of(findings, sent);
            return new(findings, start, "", [], sent, Both(null, null, options, sent), warned, Remark(findings)) { ExitCode = warned.IsEmpty ? 0 : Warned };
        }

        var verdict = ReadinessVerdict.Decide(pod, self.Name, options, findings.Life);
        var all = Sidecar.Of(pod, self.Name, options with { Ignore = [] });
        ImmutableArray<Sidecar> regular = [.. all.Where(s => s.Kind == SidecarKind.Regular && !options.Ignore.Contains(s.Name))];
        var requests = RequestReport.Of(findings, pod, regular);
        var exits = Both(pod, self.Name, options, requests);
        var sidecars = all.Select(s => Judge(s, pod, verdict, exits[0], regular, requests, options)).ToImmutableArray();
        var warnings = CheckWarnings.Of(findings, pod, self.Name, regular, requests);
        return new(findings, Started(findings, verdict), Remedy(findings, verdict), sidecars, requests, exits, warnings, Remark(findings))
        {
            ExitCode = Code(findings, verdict, warnings),
        };
    }

    private static Decision Started(CheckFindings findings, ReadinessVerdict verdict) =>
        new(findings.Obstacle is null && verdict.Readiness == Readiness.Start, findings.Obstacle?.Problem ?? verdict.Why);

    private static int Code(CheckFindings findings, ReadinessVerdict verdict, ImmutableArray<string> warnings)
    {
        var isStarted = findings.Main is MainNow.Runs or MainNow.HasEnded;
        if (findings.Obstacle is not null || (verdict.Readiness == Readiness.Never && !isStarted)) return ExitCodes.CannotRun;
        if (verdict.Readiness == Readiness.Wait && !isStarted) return ExitCodes.NotReadyInTime;
        return warnings.IsEmpty ? 0 : Warned;
    }

    private static string Remedy(CheckFindings findings, ReadinessVerdict verdict) =>
        findings.Obstacle is var (_, hint) ? hint : verdict.Hint.Length > 0 ? verdict.Hint : findings.PermissionHint;

    private static ImmutableArray<ExitReport> Both(Pod? pod, string? self, Options options, ImmutableArray<RequestReport> requests) =>
        [Exit(pod, self, 0, options, requests), Exit(pod, self, Failure, options, requests)];

    private static ExitReport Exit(Pod? pod, string? self, int exitCode, Options options, ImmutableArray<RequestReport> requests)
    {
        if (!options.EndsSidecars) return new(exitCode, new(false, "no shutdown request is given"), [], [], TimeSpan.Zero);
        var plan = ShutdownPlan.Decide(pod is null ? null : AtTheEnd(pod), self, exitCode, options);
        return new(exitCode, new(plan.Ask, plan.Why), plan.Ask ? [.. requests.Select(r => r.What)] : [], plan.Awaited, plan.Awaited.IsEmpty ? TimeSpan.Zero : plan.Budget);
    }

    /// <summary>The Pod when main exits: by then the sidecars run, unless they have ended for good.</summary>
    internal static Pod AtTheEnd(Pod pod) => pod with
    {
        Status = pod.Status with
        {
            ContainerStatuses = [.. pod.Spec.Containers.Select(c =>
                Array.Find(pod.Status.ContainerStatuses, s => s.Name == c.Name) is { State.Terminated: { } ended } over && !Restarts.WillRestart(pod, c, ended.ExitCode)
                    ? over
                    : new ContainerStatus { Name = c.Name, Ready = true, State = new() { Running = new() } })],
        },
    };

    private static SidecarReport Judge(Sidecar sidecar, Pod pod, ReadinessVerdict verdict, ExitReport success, ImmutableArray<Sidecar> regular, ImmutableArray<RequestReport> requests, Options options)
    {
        var isIgnored = options.Ignore.Contains(sidecar.Name);
        var isNative = sidecar.Kind == SidecarKind.Native;
        var waited = isIgnored ? new Decision(false, "--ignore")
            : options.NoWait ? new(false, "--no-wait")
            : verdict.Awaited.Any(s => s.Name == sidecar.Name) ? new(true, "")
            : new(false, "not in --wait-for");
        var asked = isIgnored ? new Decision(false, "--ignore")
            : isNative ? new(false, "native: the kubelet ends it")
            : success.Ask.Does is false ? success.Ask
            : IsAsked(sidecar.Name, regular, requests);
        var awaited = isIgnored || isNative || success.Ask.Does is false ? asked
            : success.Awaited.Contains(sidecar.Name) ? new(true, "")
            : new(false, WhyNotAwaited(sidecar, pod, options));
        return new(sidecar.Name, sidecar.Kind, sidecar.IsReady, sidecar.Describe(), Probe(sidecar), waited, asked, awaited);
    }

    private static Decision IsAsked(string sidecar, ImmutableArray<Sidecar> regular, ImmutableArray<RequestReport> requests)
    {
        var own = requests.Where(r => r.Sidecar == sidecar).Select(r => r.What).ToArray();
        if (own.Length > 0) return new(true, string.Join(", ", own));
        var others = requests.Where(r => r.Sidecar is null).ToArray();
        if (others.Length == 0) return new(false, requests.IsEmpty ? "no shutdown request is given" : "no request goes to it");
        var rivals = regular.Where(s => !requests.Any(r => r.Sidecar == s.Name)).Select(s => s.Name);
        return new(null, $"proa cannot tell which of {string.Join(", ", rivals)} {string.Join(", ", others.Select(r => r.What))} reaches");
    }

    private static string WhyNotAwaited(Sidecar sidecar, Pod pod, Options options) =>
        options.ShutdownTimeout == TimeSpan.Zero ? "--shutdown-timeout 0"
        : pod.IsBeingDeleted ? "the Pod is being deleted"
        : sidecar.HasEnded(pod) ? "it has ended"
        : pod.IsEnding ? "the Pod has failed"
        : $"the kubelet starts it again ({Restarts.Why(pod, sidecar.Container, 0)})";

    private static string Probe(Sidecar sidecar) =>
        sidecar.Container.ReadinessProbe is not null ? "readinessProbe"
        : sidecar.Container.StartupProbe is not null ? "startupProbe only: ready once started"
        : "none: ready as soon as it runs";

    private static ImmutableArray<string> Remark(CheckFindings findings)
    {
        var remarks = ImmutableArray.CreateBuilder<string>();
        if (findings.Permissions is { Get: null, Watch: { } refusal }) remarks.Add($"watching is not allowed, so the Pod would be looked at every {WatchStep.LookInterval.TotalSeconds} s: {refusal}");
        if (findings.Container?.Source.Contains("for want of", StringComparison.Ordinal) is true) remarks.Add("it is not certain which container this is: say it with --container");
        return remarks.ToImmutable();
    }
}
