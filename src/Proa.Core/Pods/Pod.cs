using System.Globalization;

namespace Proa.Pods;

/// <summary>
/// A Pod as far as proa reads it. The names are those of the Kubernetes API (Pod v1 core); what is absent or null reads as
/// empty, and a value that proa does not know is kept as it is.
/// </summary>
internal sealed record Pod
{
    public PodMetadata Metadata { get; init => field = value ?? new(); } = new();
    public PodSpec Spec { get; init => field = value ?? new(); } = new();
    public PodStatus Status { get; init => field = value ?? new(); } = new();

    /// <summary>Whether the Pod is being deleted, so that the kubelet starts no container again.</summary>
    public bool IsBeingDeleted => !string.IsNullOrEmpty(Metadata.DeletionTimestamp);

    /// <summary>
    /// Whether the kubelet ends all containers and starts none again: the Pod is being deleted, or it has failed as a whole, as by its
    /// activeDeadlineSeconds. A Pod that fails is not deleted, and its phase stays Running until its containers have ended: only these
    /// conditions show it.
    /// </summary>
    public bool IsEnding =>
        IsBeingDeleted || Array.Exists(Status.Conditions, c => c is { Type: "Ready" or "ContainersReady", Status: "False", Reason: "PodFailed" });

    /// <summary>Whether all its containers have ended for good, or count as if they had.</summary>
    public bool IsOver => Status.Phase is "Succeeded" or "Failed";

    /// <summary>Why the kubelet ends all containers and starts none again, in words; null where it does not.</summary>
    public string? WhyEnds =>
        IsBeingDeleted ? "the Pod is being deleted"
        : IsOver ? "the Pod has " + Status.Phase.ToLowerInvariant()
        : IsEnding ? "the Pod has failed, and the kubelet ends it"
        : null;

    /// <summary>Those of these names that no container of the Pod has.</summary>
    public IEnumerable<string> Absent(IEnumerable<string> names) => names.Except(Spec.Containers.Concat(Spec.InitContainers).Select(c => c.Name));

    /// <summary>Its containers' names, in words.</summary>
    public string Names => string.Join(", ", Spec.InitContainers.Concat(Spec.Containers).Select(c => c.Name));

    /// <summary>Whether the kubelet is about to restart all containers in place (KEP-5532).</summary>
    public bool RestartsAllContainers => Array.Exists(Status.Conditions, c => c is { Type: "AllContainersRestarting", Status: "True" });
}

internal sealed record PodMetadata
{
    public string Name { get; init => field = value ?? ""; } = "";
    public string Namespace { get; init => field = value ?? ""; } = "";

    /// <summary>Tells this Pod from an earlier or later one of the same name.</summary>
    public string Uid { get; init => field = value ?? ""; } = "";

    /// <summary>Opaque; to be compared for equality only.</summary>
    public string ResourceVersion { get; init => field = value ?? ""; } = "";

    /// <summary>When the grace period ends of a Pod whose deletion is asked for (RFC 3339); else null.</summary>
    public string? DeletionTimestamp { get; init; }

    /// <summary>The grace period that the deletion was asked for with, in seconds: the deletionTimestamp is its end.</summary>
    public long? DeletionGracePeriodSeconds { get; init; }
    public PodAnnotations Annotations { get; init => field = value ?? new(); } = new();
}

internal sealed record PodAnnotations
{
    /// <summary>The container that <c>kubectl logs</c> and <c>exec</c> take where none is named: main, by its users' own word.</summary>
    public string? DefaultContainer { get; init; }

    /// <summary>Where Istio's agent listens; 0: nowhere.</summary>
    public string? IstioStatusPort { get; init; }

    public string? VaultEnableQuit { get; init; }

    public string? VaultListenerPort { get; init; }

    public string? VaultCache { get; init; }

    public string? VaultConfigMap { get; init; }

    /// <summary>Whether the injector has added the agent: then it is "injected".</summary>
    public string? VaultStatus { get; init; }

    public string? OpenBaoStatus { get; init; }

    public string? OpenBaoEnableQuit { get; init; }

    public string? OpenBaoListenerPort { get; init; }

    public string? OpenBaoCache { get; init; }

    public string? OpenBaoConfigMap { get; init; }
}

internal sealed record PodSpec
{
    public Container[] Containers { get; init => field = NonNull.Elements(value); } = [];

    /// <summary>Ordinary init containers, and native sidecars among them.</summary>
    public Container[] InitContainers { get; init => field = NonNull.Elements(value); } = [];

    /// <summary>Always, OnFailure or Never; the API server fills it in, so empty means Always as it does there.</summary>
    public string RestartPolicy { get; init => field = value ?? ""; } = "";

    /// <summary>Seconds between SIGTERM and SIGKILL; the API server fills in 30.</summary>
    public long? TerminationGracePeriodSeconds { get; init; }
    public bool? ShareProcessNamespace { get; init; }

    public bool? HostPid { get; init; }
    public string ServiceAccountName { get; init => field = value ?? ""; } = "";
}

internal sealed record Container
{
    public string Name { get; init => field = value ?? ""; } = "";

    public string Image { get; init => field = value ?? ""; } = "";
    public string[] Command { get; init => field = NonNull.Elements(value); } = [];
    public string[] Args { get; init => field = NonNull.Elements(value); } = [];

    public KnownVariables Env { get; init => field = value ?? new(); } = new();

    /// <summary>ConfigMaps and Secrets whose keys are variables, too: there are some, and they are not in the Pod.</summary>
    public EnvSource[] EnvFrom { get; init => field = NonNull.Elements(value); } = [];

    /// <summary>The container's own policy, which goes before the Pod's (KEP-5307); on an init container Always makes a native sidecar (KEP-753).</summary>
    public string? RestartPolicy { get; init; }

    /// <summary>Rules that go before either policy (KEP-5307); the first that matches counts.</summary>
    public RestartRule[] RestartPolicyRules { get; init => field = NonNull.Elements(value); } = [];

    /// <summary>The ports that it says it listens at; it may listen at others.</summary>
    public ContainerPort[] Ports { get; init => field = NonNull.Elements(value); } = [];

    /// <summary>Present if the container tells when it is ready; else it is ready as soon as it runs.</summary>
    public Probe? ReadinessProbe { get; init; }

    /// <summary>Present if the container tells when it has started.</summary>
    public Probe? StartupProbe { get; init; }

    /// <summary>Where the container's last words are read from; the API server's default is /dev/termination-log.</summary>
    public string? TerminationMessagePath { get; init; }

    /// <summary>The port that a probe of it asks; null where that is a name that no port has.</summary>
    public int? PortOf(ProbeAction probe) =>
        int.TryParse(probe.Port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : Array.Find(Ports, p => p.Name == probe.Port)?.Number;
}

/// <summary>EnvFromSource.</summary>
internal sealed record EnvSource;

internal sealed record ContainerPort
{
    /// <summary>1 to 65535.</summary>
    public int Number { get; init; }

    /// <summary>What a probe may call it.</summary>
    public string? Name { get; init; }
}

/// <summary>A probe, as far as it tells where the container listens.</summary>
internal sealed record Probe
{
    public ProbeAction? HttpGet { get; init; }
    public ProbeAction? TcpSocket { get; init; }
}

/// <summary>HTTPGetAction or TCPSocketAction.</summary>
internal sealed record ProbeAction
{
    /// <summary>A number, or the name of one of the container's ports.</summary>
    public string Port { get; init => field = value ?? ""; } = "";
}

/// <summary>ContainerRestartRule (KEP-5307).</summary>
internal sealed record RestartRule
{
    /// <summary>Restart, or RestartAllContainers (KEP-5532).</summary>
    public string Action { get; init => field = value ?? ""; } = "";
    public RestartRuleExitCodes? ExitCodes { get; init; }
}

/// <summary>ContainerRestartRuleOnExitCodes (KEP-5307).</summary>
internal sealed record RestartRuleExitCodes
{
    /// <summary>In or NotIn.</summary>
    public string Operator { get; init => field = value ?? ""; } = "";

    /// <summary>0 to 255.</summary>
    public int[] Values { get; init => field = value ?? []; } = [];
}

internal sealed record PodStatus
{
    /// <summary>Pending, Running, Succeeded, Failed or Unknown.</summary>
    public string Phase { get; init => field = value ?? ""; } = "";

    /// <summary>Why the Pod is in this phase: Evicted, DeadlineExceeded and the like.</summary>
    public string? Reason { get; init; }
    public PodCondition[] Conditions { get; init => field = NonNull.Elements(value); } = [];

    /// <summary>The regular containers' statuses; empty until the kubelet has seen the Pod.</summary>
    public ContainerStatus[] ContainerStatuses { get; init => field = NonNull.Elements(value); } = [];

    /// <summary>The init containers' and native sidecars' statuses.</summary>
    public ContainerStatus[] InitContainerStatuses { get; init => field = NonNull.Elements(value); } = [];

    /// <summary>The statuses of containers that a person has added, as kubectl debug does.</summary>
    public ContainerStatus[] EphemeralContainerStatuses { get; init => field = NonNull.Elements(value); } = [];
}

internal sealed record PodCondition
{
    /// <summary>Ready, ContainersReady and others.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary>True, False or Unknown.</summary>
    public string Status { get; init => field = value ?? ""; } = "";

    /// <summary>One word: ContainersNotReady, PodFailed, PodCompleted.</summary>
    public string? Reason { get; init; }
}

internal sealed record ContainerStatus
{
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Whether the readiness probe succeeds, or, without one, whether the container runs.</summary>
    public bool? Ready { get; init; }
    public int? RestartCount { get; init; }

    /// <summary><c>containerd://</c> and 64 hexadecimal digits, or the like of another runtime.</summary>
    public string? ContainerId { get; init; }
    public ContainerState State { get; init => field = value ?? ContainerState.Unknown; } = ContainerState.Unknown;

    /// <summary>How its life before this one ended.</summary>
    public ContainerState LastState { get; init => field = value ?? ContainerState.Unknown; } = ContainerState.Unknown;
}

/// <summary>ContainerState: at most one of the three is set; none means waiting.</summary>
internal sealed record ContainerState
{
    /// <summary>None of the three: one for all, as an answer of 8 MB may hold millions.</summary>
    internal static ContainerState Unknown { get; } = new();

    /// <summary>Set while it is not running yet, or not running again yet.</summary>
    public WaitingState? Waiting { get; init; }
    public RunningState? Running { get; init; }
    public TerminatedState? Terminated { get; init; }
}

internal sealed record WaitingState
{
    /// <summary>One word: ContainerCreating, ImagePullBackOff, CrashLoopBackOff.</summary>
    public string? Reason { get; init; }
    public string? Message { get; init; }
}

internal sealed record RunningState
{
    /// <summary>When the container was started, to the second, by the node's clock (RFC 3339).</summary>
    public string? StartedAt { get; init; }
}

internal sealed record TerminatedState
{
    /// <summary>0 to 255; 128+n where signal n ended it.</summary>
    public int ExitCode { get; init; }

    /// <summary>One word: Completed, Error, OOMKilled.</summary>
    public string? Reason { get; init; }
}

internal static class NonNull
{
    /// <summary>JSON may hold null for a list and null in it.</summary>
    public static T[] Elements<T>(T?[]? values)
        where T : class
    {
        if (values is null) return [];
        foreach (var value in values)
        {
            if (value is null) return [.. values.OfType<T>()];
        }

        return values!;
    }
}
