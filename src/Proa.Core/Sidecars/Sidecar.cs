using System.Collections.Immutable;
using System.Globalization;
using Proa.Pods;

namespace Proa.Sidecars;

internal enum SidecarKind
{
    /// <summary>Another container of <c>spec.containers</c>.</summary>
    Regular,

    /// <summary>An init container with <c>restartPolicy: Always</c> (KEP-753), which the kubelet ends after the regular containers.</summary>
    Native,
}

/// <summary>A sidecar: what the spec says of it and what the kubelet last said.</summary>
/// <param name="Status">Its status, or null where the kubelet has not given one yet.</param>
internal sealed record Sidecar(SidecarKind Kind, Container Container, ContainerStatus? Status)
{
    public string Name => Container.Name;

    /// <summary>What it is, where proa knows it.</summary>
    public RecognisedSidecar? Known { get; } = KnownSidecars.Recognise(Container);

    /// <summary>Whether it runs and is ready. A container without a status is not.</summary>
    public bool IsReady => Status is { Ready: true, State.Terminated: null };

    /// <summary>Whether it has ended and the kubelet will not start it again. What waits to be started has not.</summary>
    public bool HasEnded(Pod pod) =>
        Kind == SidecarKind.Regular
        && pod is { RestartsAllContainers: false }
        && Status?.State.Terminated is { } ended
        && !Restart.After(pod, Container, ended.ExitCode).Will;

    /// <summary>All sidecars of the Pod but the ignored ones: expected from the spec, found in the status.</summary>
    public static ImmutableArray<Sidecar> Of(Pod pod, string self, ImmutableArray<string> ignore)
    {
        var regular = pod.Spec.Containers
            .Where(c => c.Name != self)
            .Select(c => new Sidecar(SidecarKind.Regular, c, StatusOf(pod.Status.ContainerStatuses, c)));
        var native = pod.Spec.InitContainers
            .Where(c => c.RestartPolicy == "Always")
            .Select(c => new Sidecar(SidecarKind.Native, c, StatusOf(pod.Status.InitContainerStatuses, c)));
        return [.. regular.Concat(native).Where(s => !ignore.Contains(s.Name))];
    }

    private static ContainerStatus? StatusOf(ContainerStatus[] statuses, Container container) =>
        Array.Find(statuses, s => s.Name == container.Name);

    /// <summary>What it does, with the kubelet's reason: <c>waiting: CrashLoopBackOff, restarted 2 times, last exit code 3 (Error)</c>.</summary>
    public string Describe() => Status switch
    {
        null => "no status yet",
        { State.Terminated: { } ended } => $"exited with {Ended(ended)}",
        { Ready: true } => "ready",
        { State.Running: not null } => "running, not ready" + History(Status),
        _ => (Status.State.Waiting?.Reason ?? "waiting") + History(Status),
    };

    /// <summary>What a person can do for it to become ready, by the kubelet's reason; empty where time will tell. One line, whatever its name is.</summary>
    public string Hint() => Printable.Line(Status switch
    {
        { State.Waiting.Reason: "ErrImagePull" or "ImagePullBackOff" or "InvalidImageName" or "ErrImageNeverPull" } =>
            $"the image of {Name} cannot be pulled: is its name right, and is there an imagePullSecret?",
        { State.Waiting.Reason: "CreateContainerConfigError" } => $"a ConfigMap, Secret or key that {Name} refers to is missing: see kubectl describe pod",
        { State.Waiting.Reason: "CreateContainerError" or "RunContainerError" } => $"{Name} cannot be started: see kubectl describe pod",
        { LastState.Terminated.Reason: "OOMKilled" } or { State.Terminated.Reason: "OOMKilled" } =>
            $"raise the memory limit of {Name}, or see what it needs the memory for",
        { State.Waiting.Reason: "CrashLoopBackOff" } => $"kubectl logs --previous -c {Name} shows why it ends",
        _ => "",
    });

    /// <summary>An end in words: <c>137 (OOMKilled)</c>.</summary>
    public static string Ended(TerminatedState ended)
    {
        var code = ended.ExitCode.ToString(CultureInfo.InvariantCulture);
        return string.IsNullOrEmpty(ended.Reason) || ended.Reason == "Completed" ? code : $"{code} ({ended.Reason})";
    }

    private static string History(ContainerStatus status)
    {
        var last = status.LastState.Terminated is { } ended ? $", last exit code {Ended(ended)}" : "";
        return status.RestartCount switch
        {
            null or 0 => last,
            1 => ", restarted once" + last,
            var n => $", restarted {n} times" + last,
        };
    }
}
