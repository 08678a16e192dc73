using System.Collections.Immutable;
using Proa.Ending;
using Proa.Pods;
using Proa.Sidecars;
using Proa.Waiting;
using Proa.Watching;

namespace Proa.Checking;

/// <param name="Asked">Whether it is asked to stop when main has succeeded.</param>
internal sealed record SidecarReport(
    string Name, SidecarKind Kind, bool IsReady, string State, string Probe, Decision WaitedFor, Decision Asked, Decision Awaited)
{
    /// <summary>What proa takes it for, by what, and where its endpoint is; empty where it knows it not.</summary>
    public string Known { get; init; } = "";
}

internal sealed record ExitReport(int ExitCode, Decision Ask, ImmutableArray<string> Requests, ImmutableArray<string> Awaited, TimeSpan Budget);

/// <param name="Hint">What to do where it could not; may be empty.</param>
/// <param name="Sidecars">All sidecars of the Pod, the ignored ones too.</param>
/// <param name="Exits">What would happen when main succeeds, and when it fails; empty where the Pod is not known.</param>
/// <param name="Problems">What would go wrong though main can be started.</param>
internal sealed record CheckReport(
    CheckFindings Findings,
    Decision Start,
    string Hint,
    ImmutableArray<SidecarReport> Sidecars,
    ImmutableArray<RequestReport> Requests,
    ImmutableArray<ExitReport> Exits,
    ImmutableArray<CheckWarning> Problems,
    ImmutableArray<string> Remarks)
{
    /// <summary>The exit code where main can be started, and something is wrong all the same.</summary>
    public const int Warned = 1;

    /// <summary>0: main can be started, or has been; 1: so, but there are warnings; 124: it cannot be started yet; 125: not at all.</summary>
    public int ExitCode { get; private init; }

    public ImmutableArray<string> Warnings { get; } = [.. Problems.Select(p => p.Text)];

    /// <summary>Judges what was found, by the same decisions that a life goes by.</summary>
    public static CheckReport Of(CheckFindings findings)
    {
        var options = findings.Options;
        if (findings is not { Pod: { } pod, Container: { } self })
        {
            if (findings.Obstacle is var (problem, hint))
                return new(findings, Decision.No(problem), hint, [], [], [], [], Remark(findings)) { ExitCode = ExitCodes.CannotRun };
            var none = BothPlans.Of(null, null, EndingRule.Of(options));
            var sent = RequestReport.Of(findings, null, [], none);
            var warned = CheckWarnings.Of(findings, sent);
            var exits = ForetellExits(none, sent);
            var states = findings.Conditions.Select(c => c.State).ToImmutable();
            var start = states.IsEmpty ? new(true, $"--no-{(options.NoWait ? "wait" : "api")}: proa waits for no sidecar") : Started(findings, states);
            return new(findings, start, Remedy(findings, states), [], sent, exits, warned, Remark(findings)) { ExitCode = Code(findings, states, warned) };
        }

        var verdict = ReadinessVerdict.Decide(pod, self.Name, SidecarChoice.Of(options), findings.Life);
        ImmutableArray<Sidecar> regular = [.. Sidecar.Of(pod, self.Name, options.Ignore).Where(s => s.Kind == SidecarKind.Regular)];
        var plans = BothPlans.Of(AtTheEnd(pod), self.Name, EndingRule.Of(options), options.AsksApi);
        ImmutableArray<RequestReport> requests =
        [
            .. RequestReport.Of(findings, pod, regular, plans),
            .. plans.Success.Withheld.Select(
                w => new RequestReport(w.Request.Describe(), w.Sidecar, "not sent, because it is native: the kubelet stops it", w.Request)),
        ];
        var sidecars = Sidecar.Of(pod, self.Name, []).Select(s => Judge(pod, s, verdict, plans.Success, requests, options)).ToImmutable();
        var warnings = CheckWarnings.Of(findings, pod, plans, regular, requests);
        var foretold = ForetellExits(plans, requests);
        ImmutableArray<ConditionState> all = [ConditionState.Of(verdict, ""), .. findings.Conditions.Select(c => c.State)];
        return new(findings, Started(findings, all), Remedy(findings, all), sidecars, requests, foretold, warnings, Remark(findings))
        {
            ExitCode = Code(findings, all, warnings),
        };
    }

    /// <summary>All requests that would be sent, whatever main's exit code.</summary>
    public static ImmutableArray<ShutdownRequest> RequestsOf(CheckFindings findings) =>
        BothPlans.Of(findings.Pod is { } pod ? AtTheEnd(pod) : null, findings.Container?.Name, EndingRule.Of(findings.Options)).Requests;

    /// <summary>The sidecars that are waited for by a test on localhost.</summary>
    public static ImmutableArray<SidecarTest> TestsOf(CheckFindings findings) => findings is { Pod: { } pod, Container: { } self }
        ? ReadinessVerdict.Decide(pod, self.Name, SidecarChoice.Of(findings.Options), findings.Life).Tests
        : [];

    private static Decision Started(CheckFindings findings, ImmutableArray<ConditionState> all) => new(
        findings.Obstacle is null && all.All(c => c.Readiness == Readiness.Start),
        findings.Obstacle?.Problem ?? string.Join("; ", all.Select(c => c.Why).Where(why => why.Length > 0)));

    private static int Code(CheckFindings findings, ImmutableArray<ConditionState> all, ImmutableArray<CheckWarning> warnings)
    {
        var isStarted = findings.Main is MainNow.Runs or MainNow.HasEnded;
        if (findings.Obstacle is not null || (all.Any(c => c.Readiness == Readiness.Never) && !isStarted)) return ExitCodes.CannotRun;
        if (all.Any(c => c.Readiness == Readiness.Wait) && !isStarted) return ExitCodes.NotReadyInTime;
        return warnings.IsEmpty ? 0 : Warned;
    }

    private static string Remedy(CheckFindings findings, ImmutableArray<ConditionState> all)
    {
        if (findings.Obstacle is var (_, hint)) return hint;
        var hints = string.Join("; ", all.Select(c => c.Hint).Where(h => h.Length > 0));
        return hints.Length > 0 ? hints : findings.PermissionHint;
    }

    private static ImmutableArray<ExitReport> ForetellExits(BothPlans plans, ImmutableArray<RequestReport> requests)
    {
        return [Exit(0, plans.Success), Exit(BothPlans.FailureCode, plans.Failure)];

        ExitReport Exit(int exitCode, ShutdownPlan plan) =>
            new(
                exitCode,
                plan.Ask,
                plan.Asks ? [.. plan.Requests.Select(r => r.Describe()), .. requests.Where(r => r.Request is null).Select(r => r.What)] : [],
                plan.Awaited,
                plan.Awaited.IsEmpty ? TimeSpan.Zero : plan.Budget);
    }

    /// <summary>The Pod when main exits: by then the sidecars run, unless they have ended for good.</summary>
    private static Pod AtTheEnd(Pod pod) => pod with
    {
        Status = pod.Status with
        {
            ContainerStatuses = [.. pod.Spec.Containers.Select(c =>
                Array.Find(pod.Status.ContainerStatuses, s => s.Name == c.Name) is { State.Terminated: { } ended } over
                    && !Restart.After(pod, c, ended.ExitCode).Will
                    ? over
                    : new ContainerStatus { Name = c.Name, Ready = true, State = new() { Running = new() } })],
        },
    };

    private static SidecarReport Judge(
        Pod pod, Sidecar sidecar, ReadinessVerdict verdict, ShutdownPlan success, ImmutableArray<RequestReport> requests, Options options)
    {
        var waited = options.Ignore.Contains(sidecar.Name) ? Decision.No("--ignore")
            : !options.AsksApi ? Decision.No(options.NoWait ? "--no-wait" : "--no-api")
            : verdict.Tests.FirstOrDefault(t => t.Sidecar.Name == sidecar.Name) is { } tested ? new(true, "by " + tested.Test)
            : verdict.Awaited.Any(s => s.Name == sidecar.Name) ? Decision.Yes
            : Decision.No("not in --wait-for");
        var end = success.Sidecars.First(s => s.Name == sidecar.Name);
        // A process that --kill names is told by what runs now.
        var signals = requests.Where(r => r.Sidecar == sidecar.Name && r.Request is null).Select(r => r.What).ToArray();
        var asked = end.Asked.Does is not true && success.Asks && signals.Length > 0 ? new(true, string.Join(", ", signals)) : end.Asked;
        return new(sidecar.Name, sidecar.Kind, sidecar.IsReady, sidecar.Describe(), Probe(sidecar), waited, asked, end.Awaited)
        {
            Known = options.UsesKnown ? Recognised(pod, sidecar) : "",
        };
    }

    private static string Recognised(Pod pod, Sidecar sidecar)
    {
        if (sidecar.Known is not { } found) return "";
        var port = found.Sidecar.Quit is not { } quit ? ""
            : quit.Port(new(pod, sidecar.Container)) is not { } moved ? FormattableString.Invariant($"; port {quit.DefaultPort}, the default")
            : moved.IsKnown ? FormattableString.Invariant($"; port {moved.Number} from {moved.From}")
            : $"; its port is not known: the spec does not show {moved.From}";
        return $"{found.Sidecar.Kind}, by {found.By}{port}";
    }

    private static string Probe(Sidecar sidecar) =>
        sidecar.Container.ReadinessProbe is not null ? "readinessProbe"
        : sidecar.Container.StartupProbe is not null ? "startupProbe only: ready once started"
        : "none: ready as soon as it runs";

    private static ImmutableArray<string> Remark(CheckFindings findings)
    {
        List<string> remarks = [];
        if (findings.Permissions is { Get: null, Watch: { } refusal })
            remarks.Add($"watching is not allowed, so proa would poll the Pod every {WatchStep.LookInterval.TotalSeconds} s: {refusal}");
        if (findings.Pod is { } pod)
            remarks.AddRange(pod.Absent(findings.Options.Ignore).Select(name => $"--ignore {name}: the Pod has no container of this name; it has {pod.Names}"));
        if (findings.Container is { IsGuess: true }) remarks.Add("proa is not certain which container this is: set --container");
        return [.. remarks];
    }
}

/// <summary>What would be done when main succeeds, and when it fails.</summary>
internal sealed record BothPlans(ShutdownPlan Success, ShutdownPlan Failure, EndingRule Rule)
{
    /// <summary>The exit code of a main that fails, for which the end is foretold.</summary>
    public const int FailureCode = 1;

    /// <summary>The requests that are sent in either case, or in one, or would be, were the sidecars asked.</summary>
    public ImmutableArray<ShutdownRequest> Requests => Plan?.Requests ?? Rule.Requests;

    /// <summary>The processes that are signalled, likewise.</summary>
    public ImmutableArray<ProcessSelection> Processes => Plan?.Processes ?? [Rule.Processes];

    /// <summary>The one known sidecar whose endpoint this is; null where it is none's, or of several.</summary>
    public string? KnownTarget(ShutdownRequest request) =>
        (Plan?.Steps ?? []).SelectMany(s => s.Requests).Where(r => r.Quit is not null && r.Request == request).Select(r => r.Sidecar).ToArray() is [var only]
            ? only
            : null;

    private ShutdownPlan? Plan => Success.Asks ? Success : Failure.Asks ? Failure : null;

    public static BothPlans Of(Pod? pod, string? self, EndingRule rule, bool mayBeSeen = true) =>
        new(ShutdownPlan.Decide(pod, self, 0, rule, mayBeSeen), ShutdownPlan.Decide(pod, self, FailureCode, rule, mayBeSeen), rule);
}
