using System.Collections.Immutable;
using CsCheck;
using Proa.CommandLine;
using Proa.Identity;
using Proa.Pods;
using Proa.Sidecars;
using Proa.Supervision;
using Proa.Watching;

namespace Proa.Tests.Support;

/// <summary>Arbitrary values: Pods as an API server may send them, and as none would.</summary>
internal static class Generate
{
    private static readonly string[] _names = [Given.Main, "proxy", "logger", "a", "b"];

    private static Gen<string> Text { get; } =
        Gen.OneOf("", "x", "Completed", "Error", "OOMKilled", "CrashLoopBackOff", "ä \"quoted\" <tag> \\ \n\u0001 𝄞", new string('y', 300));

    private static Gen<string?> MaybeText { get; } = Gen.Bool.SelectMany(has => has ? Text.Select(t => (string?)t) : Gen.Const((string?)null));

    private static Gen<string?> Policy { get; } = Gen.OneOf<string?>(null, "", "Always", "OnFailure", "Never", "Sometimes");

    public static Gen<int> ExitCode { get; } = Gen.OneOf(0, 0, 1, 3, 42, 137, 143, 255);

    private static Gen<RestartRule> Rule { get; } = Gen.Select(
        Gen.OneOf("Restart", "RestartAllContainers", ""),
        Gen.OneOf("In", "NotIn", "Near", ""),
        ExitCode.Array[0, 3],
        Gen.Bool,
        (action, @operator, values, has) => new RestartRule { Action = action, ExitCodes = has ? new() { Operator = @operator, Values = values } : null });

    private static Gen<Container> Container { get; } = Gen.Select(
        Gen.OneOf(_names),
        Policy,
        Rule.Array[0, 2],
        Gen.Bool,
        MaybeText,
        (name, policy, rules, probed, path) => new Container
        {
            Name = name,
            RestartPolicy = policy,
            RestartPolicyRules = rules,
            ReadinessProbe = probed ? new() : null,
            TerminationMessagePath = path,
        });

    private static Gen<ContainerState> State { get; } = Gen.Select(
        Gen.Int[0, 4],
        ExitCode,
        MaybeText,
        MaybeText,
        (kind, exitCode, reason, message) => kind switch
        {
            0 => new ContainerState(),
            1 => new() { Waiting = new() { Reason = reason, Message = message } },
            2 => new() { Running = new() },
            3 => new() { Terminated = new() { ExitCode = exitCode, Reason = reason } },
            _ => new() { Waiting = new(), Running = new(), Terminated = new() { ExitCode = exitCode } },
        });

    private static Gen<ContainerStatus> Status { get; } = Gen.Select(
        Gen.OneOf(_names),
        Gen.Bool,
        Gen.Int[0, 3],
        MaybeText,
        State,
        State,
        (name, ready, restarts, id, state, last) => new ContainerStatus
        {
            Name = name,
            Ready = ready,
            RestartCount = restarts,
            ContainerId = id,
            State = state,
            LastState = last,
        });

    private static Gen<PodMetadata> Metadata { get; } = Gen.Select(
        Text,
        Text,
        Gen.Frequency((3, (string?)null), (1, "2026-11-22T12:26:17Z"), (1, "")),
        MaybeText,
        (name, uid, deletion, container) => new PodMetadata
        {
            Name = name,
            Namespace = "lab",
            Uid = uid,
            ResourceVersion = "721",
            DeletionTimestamp = deletion,
            Annotations = new() { DefaultContainer = container },
        });

    private static Gen<PodSpec> Spec { get; } = Gen.Select(
        Container.Array[0, 4],
        Container.Array[0, 3],
        Policy,
        Gen.OneOf(30L, 0L, -1L, 600L, long.MaxValue),
        Gen.OneOf<bool?>(null, true, false),
        (containers, init, policy, grace, shares) => new PodSpec
        {
            Containers = containers,
            InitContainers = init,
            RestartPolicy = policy ?? "",
            TerminationGracePeriodSeconds = grace,
            ShareProcessNamespace = shares,
            HostPid = shares,
            ServiceAccountName = "watcher",
        });

    private static Gen<PodCondition> Condition { get; } = Gen.Select(
        Gen.OneOf("Ready", "ContainersReady", "AllContainersRestarting", ""),
        Gen.OneOf("True", "False", "Unknown"),
        Gen.OneOf<string?>(null, "PodFailed", "ContainersNotReady"),
        (type, status, reason) => new PodCondition { Type = type, Status = status, Reason = reason });

    /// <summary>Any Pod: names may be missing or double, statuses be of nobody, policies unheard of.</summary>
    public static Gen<Pod> Pod { get; } = Gen.Select(
        Metadata,
        Spec,
        Status.Array[0, 5],
        Status.Array[0, 3],
        Gen.OneOf("", "Pending", "Running", "Running", "Succeeded", "Failed", "Unknown"),
        Gen.Frequency((3, Gen.Const(Array.Empty<PodCondition>())), (1, Condition.Array[1, 3])),
        (metadata, spec, statuses, init, phase, conditions) => new Pod
        {
            Metadata = metadata,
            Spec = spec,
            Status = new() { Phase = phase, Conditions = conditions, ContainerStatuses = statuses, InitContainerStatuses = init },
        });

    private static Gen<ImmutableArray<string>> SomeNames { get; } =
        Gen.OneOf(_names).Array[0, 2].Select(names => ImmutableArray.Create(names).Distinct().ToImmutableArray());

    private static Gen<ImmutableArray<string>> FewNames { get; } = Gen.Frequency((2, Gen.Const(ImmutableArray<string>.Empty)), (1, SomeNames));

    /// <summary>Options as far as the lifecycle reads them.</summary>
    public static Gen<Options> Options { get; } = Gen.Select(
        FewNames,
        FewNames,
        Gen.Enum<ShutdownWhen>(),
        Gen.OneOf<int?>(null, 0, 7),
        Gen.Bool,
        (waitFor, ignore, when, timeout, asks) => new Options
        {
            WaitFor = waitFor,
            Ignore = ignore,
            ShutdownWhen = when,
            ShutdownTimeout = timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            ShutdownRequests = asks ? [new(ShutdownMethod.Post, new("http://localhost:15020/quitquitquit"))] : [],
        });

    /// <summary>What one worker hands to the next.</summary>
    public static Gen<Handover> Knowledge { get; } = Gen.Select(
        Text,
        Text.Array[1, 2],
        Gen.Bool,
        Gen.Bool,
        Pod,
        (text, names, hasContainer, hasPod, pod) => new Handover(
            new(text, [.. names], text, text, text),
            hasContainer ? new(text, text) : null,
            hasPod ? pod : null));

    private static Gen<string> Value { get; } = Gen.OneOf(
        Gen.OneOf(
            "http://localhost:15020/quitquitquit",
            "http://user:pass@[::1]:1/?q",
            "90",
            "1m30s",
            "TERM",
            "9",
            "never",
            "json",
            "true",
            "no",
            "a b",
            "",
            " ",
            "-",
            "--"),
        Gen.String);

    private static Gen<string> Argument { get; } = Gen.OneOf(
        Gen.OneOf([.. OptionTable.All.Select(o => "--" + o.Name)]),
        Gen.OneOf([.. OptionTable.All.Where(o => o.Letter != '\0').Select(o => "-" + o.Letter)]),
        Gen.Select(Gen.OneOf([.. OptionTable.All.Select(o => o.Name)]), Value, (name, value) => $"--{name}={value}"),
        Gen.Select(Gen.OneOf("gpkKhVx".ToCharArray()), Value, (letter, value) => $"-{letter}{value}"),
        Gen.String.Select(text => "-" + text),
        Gen.String.Select(text => "--" + text),
        Value);

    /// <summary>A command line, more often than not of options.</summary>
    public static Gen<string[]> Arguments { get; } = Argument.Array[0, 8];

    /// <summary>PROA_* variables and the logs' other ones.</summary>
    public static Gen<Dictionary<string, string>> Variables { get; } =
        Gen.Select(Gen.OneOf([.. OptionTable.All.Select(o => o.Variable), "PROA_LOG", "RUST_LOG"]), Value, (name, value) => (name, value))
            .Array[0, 4]
            .Select(pairs => pairs.DistinctBy(p => p.name).ToDictionary(p => p.name, p => p.value));
}
