using Proa.Pods;
using Proa.Sidecars;
using Proa.Supervision;
using Proa.Watching;

namespace Proa.Tests.Support;

/// <summary>Pods in the fewest words: a Pod of "main", which runs, and what a test adds to it.</summary>
internal static class Given
{
    public const string Main = "main";

    public static ContainerState Running => new() { Running = new() };

    public static ContainerState Waiting(string? reason = null) => new() { Waiting = new() { Reason = reason } };

    public static ContainerState Ended(int exitCode, string? reason = null) => new() { Terminated = new() { ExitCode = exitCode, Reason = reason } };

    public static RestartRule Rule(string @operator, params int[] exitCodes) =>
        new() { Action = "Restart", ExitCodes = new() { Operator = @operator, Values = exitCodes } };

    public static Pod Pod(string restartPolicy = "Never") => new()
    {
        Metadata = new() { Name = "job-x7k2p", Namespace = "lab", Uid = "17639905-bb89-4ad7-9c36-a774a667e3f2", ResourceVersion = "721" },
        Spec = new() { RestartPolicy = restartPolicy, Containers = [new() { Name = Main }] },
        Status = new() { Phase = "Running", ContainerStatuses = [new() { Name = Main, Ready = true, State = Running }] },
    };

    /// <summary>Adds a regular container; without a state it has no status.</summary>
    public static Pod With(
        this Pod pod,
        string name,
        ContainerState? state = null,
        bool ready = false,
        int restarts = 0,
        ContainerState? last = null,
        string? policy = null,
        params RestartRule[] rules) => pod with
        {
            Spec = pod.Spec with { Containers = [.. pod.Spec.Containers, new() { Name = name, RestartPolicy = policy, RestartPolicyRules = rules }] },
            Status = state is null ? pod.Status : pod.Status with
            {
                ContainerStatuses =
                [
                    .. pod.Status.ContainerStatuses,
                    new() { Name = name, Ready = ready, State = state, RestartCount = restarts, LastState = last ?? new() },
                ],
            },
        };

    /// <summary>Adds an init container; with the policy Always it is a native sidecar.</summary>
    public static Pod WithInit(this Pod pod, string name, string? policy, ContainerState? state = null, bool ready = false) => pod with
    {
        Spec = pod.Spec with { InitContainers = [.. pod.Spec.InitContainers, new() { Name = name, RestartPolicy = policy }] },
        Status = state is null ? pod.Status : pod.Status with
        {
            InitContainerStatuses = [.. pod.Status.InitContainerStatuses, new() { Name = name, Ready = ready, State = state }],
        },
    };

    /// <summary>The same Pod with a native sidecar.</summary>
    public static Pod WithNative(this Pod pod, string name, ContainerState? state = null, bool ready = false) => pod.WithInit(name, "Always", state, ready);

    /// <summary>Main with a policy and rules of its own.</summary>
    public static Pod WithMain(this Pod pod, string? policy, params RestartRule[] rules) => pod with
    {
        Spec = pod.Spec with
        {
            Containers = [.. pod.Spec.Containers.Select(c => c.Name == Main ? c with { RestartPolicy = policy, RestartPolicyRules = rules } : c)],
        },
    };

    /// <summary>A container of this name, changed.</summary>
    public static Pod Changed(this Pod pod, string name, Func<Container, Container> change) => pod with
    {
        Spec = pod.Spec with
        {
            Containers = [.. pod.Spec.Containers.Select(c => c.Name == name ? change(c) : c)],
            InitContainers = [.. pod.Spec.InitContainers.Select(c => c.Name == name ? change(c) : c)],
        },
    };

    /// <summary>Main as it is shown to run since then.</summary>
    public static Pod MainSince(this Pod pod, string startedAt) => pod with
    {
        Status = pod.Status with
        {
            ContainerStatuses =
                [.. pod.Status.ContainerStatuses.Select(s => s.Name == Main ? s with { State = new() { Running = new() { StartedAt = startedAt } } } : s)],
        },
    };

    public static Pod InPhase(this Pod pod, string phase) => pod with { Status = pod.Status with { Phase = phase } };

    public static Pod WithCondition(this Pod pod, string type, string status, string? reason = null) => pod with
    {
        Status = pod.Status with { Conditions = [.. pod.Status.Conditions, new() { Type = type, Status = status, Reason = reason }] },
    };

    public static Pod Deleted(this Pod pod) => pod with { Metadata = pod.Metadata with { DeletionTimestamp = "2026-11-22T12:26:17Z" } };

    /// <summary>The same Pod as the kubelet ends it for its activeDeadlineSeconds.</summary>
    public static Pod Failing(this Pod pod, string condition = "Ready") => pod.WithCondition(condition, "False", "PodFailed");

    public static Container Own(this Pod pod) => pod.Spec.Containers.Single(c => c.Name == Main);
}
