using System.Text.Json;

namespace Proa.Pods;

/// <summary>Writes a Pod as the API has it, as far as proa reads it. What is null or empty is not written.</summary>
internal static class PodWriter
{
    public static void Write(Utf8JsonWriter json, Pod pod)
    {
        json.WriteStartObject();
        Write(json, pod.Metadata);
        Write(json, pod.Spec);
        Write(json, pod.Status);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PodMetadata metadata)
    {
        json.WriteStartObject("metadata"u8);
        Filled(json, "name"u8, metadata.Name);
        Filled(json, "namespace"u8, metadata.Namespace);
        Filled(json, "uid"u8, metadata.Uid);
        Filled(json, "resourceVersion"u8, metadata.ResourceVersion);
        Text(json, "deletionTimestamp"u8, metadata.DeletionTimestamp);
        Number(json, "deletionGracePeriodSeconds"u8, metadata.DeletionGracePeriodSeconds);
        var annotations = metadata.Annotations;
        json.WriteStartObject("annotations"u8);
        Text(json, "kubectl.kubernetes.io/default-container"u8, annotations.DefaultContainer);
        Text(json, "status.sidecar.istio.io/port"u8, annotations.IstioStatusPort);
        Text(json, "vault.hashicorp.com/agent-enable-quit"u8, annotations.VaultEnableQuit);
        Text(json, "vault.hashicorp.com/agent-cache-listener-port"u8, annotations.VaultListenerPort);
        Text(json, "vault.hashicorp.com/agent-cache-enable"u8, annotations.VaultCache);
        Text(json, "vault.hashicorp.com/agent-configmap"u8, annotations.VaultConfigMap);
        Text(json, "vault.hashicorp.com/agent-inject-status"u8, annotations.VaultStatus);
        Text(json, "openbao.openbao.org/agent-enable-quit"u8, annotations.OpenBaoEnableQuit);
        Text(json, "openbao.openbao.org/agent-cache-listener-port"u8, annotations.OpenBaoListenerPort);
        Text(json, "openbao.openbao.org/agent-cache-enable"u8, annotations.OpenBaoCache);
        Text(json, "openbao.openbao.org/agent-configmap"u8, annotations.OpenBaoConfigMap);
        Text(json, "openbao.openbao.org/agent-inject-status"u8, annotations.OpenBaoStatus);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PodSpec spec)
    {
        json.WriteStartObject("spec"u8);
        List(json, "containers"u8, spec.Containers, Write);
        List(json, "initContainers"u8, spec.InitContainers, Write);
        Filled(json, "restartPolicy"u8, spec.RestartPolicy);
        Number(json, "terminationGracePeriodSeconds"u8, spec.TerminationGracePeriodSeconds);
        Flag(json, "shareProcessNamespace"u8, spec.ShareProcessNamespace);
        Flag(json, "hostPID"u8, spec.HostPid);
        Filled(json, "serviceAccountName"u8, spec.ServiceAccountName);
        json.WriteEndObject();
    }

    private static void List<T>(Utf8JsonWriter json, ReadOnlySpan<byte> name, T[] values, Action<Utf8JsonWriter, T> write)
        where T : class
    {
        if (values.Length == 0) return;
        json.WriteStartArray(name);
        foreach (var value in values) write(json, value);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, Container container)
    {
        json.WriteStartObject();
        Filled(json, "name"u8, container.Name);
        Filled(json, "image"u8, container.Image);
        List(json, "command"u8, container.Command, Write);
        List(json, "args"u8, container.Args, Write);
        container.Env.Write(json, "env"u8);
        List(json, "envFrom"u8, container.EnvFrom, Write);
        Text(json, "restartPolicy"u8, container.RestartPolicy);
        List(json, "restartPolicyRules"u8, container.RestartPolicyRules, Write);
        List(json, "ports"u8, container.Ports, Write);
        Probe(json, "readinessProbe"u8, container.ReadinessProbe);
        Probe(json, "startupProbe"u8, container.StartupProbe);
        Text(json, "terminationMessagePath"u8, container.TerminationMessagePath);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string text) => json.WriteStringValue(text);

    private static void Write(Utf8JsonWriter json, EnvSource source)
    {
        json.WriteStartObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ContainerPort port)
    {
        json.WriteStartObject();
        Number(json, "containerPort"u8, port.Number);
        Text(json, "name"u8, port.Name);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RestartRule rule)
    {
        json.WriteStartObject();
        Filled(json, "action"u8, rule.Action);
        if (rule.ExitCodes is { } exitCodes)
        {
            json.WriteStartObject("exitCodes"u8);
            Filled(json, "operator"u8, exitCodes.Operator);
            json.WriteStartArray("values"u8);
            foreach (var value in exitCodes.Values) json.WriteNumberValue(value);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Probe(Utf8JsonWriter json, ReadOnlySpan<byte> name, Probe? probe)
    {
        if (probe is null) return;
        json.WriteStartObject(name);
        Action(json, "httpGet"u8, probe.HttpGet);
        Action(json, "tcpSocket"u8, probe.TcpSocket);
        json.WriteEndObject();
    }

    private static void Action(Utf8JsonWriter json, ReadOnlySpan<byte> name, ProbeAction? action)
    {
        if (action is null) return;
        json.WriteStartObject(name);
        Filled(json, "port"u8, action.Port);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PodStatus status)
    {
        json.WriteStartObject("status"u8);
        Filled(json, "phase"u8, status.Phase);
        Text(json, "reason"u8, status.Reason);
        List(json, "conditions"u8, status.Conditions, Write);
        List(json, "containerStatuses"u8, status.ContainerStatuses, Write);
        List(json, "initContainerStatuses"u8, status.InitContainerStatuses, Write);
        List(json, "ephemeralContainerStatuses"u8, status.EphemeralContainerStatuses, Write);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PodCondition condition)
    {
        json.WriteStartObject();
        Filled(json, "type"u8, condition.Type);
        Filled(json, "status"u8, condition.Status);
        Text(json, "reason"u8, condition.Reason);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ContainerStatus status)
    {
        json.WriteStartObject();
        Filled(json, "name"u8, status.Name);
        Flag(json, "ready"u8, status.Ready);
        Number(json, "restartCount"u8, status.RestartCount);
        Text(json, "containerID"u8, status.ContainerId);
        State(json, "state"u8, status.State);
        State(json, "lastState"u8, status.LastState);
        json.WriteEndObject();
    }

    private static void State(Utf8JsonWriter json, ReadOnlySpan<byte> name, ContainerState state)
    {
        if (state is { Waiting: null, Running: null, Terminated: null }) return;
        json.WriteStartObject(name);
        if (state.Waiting is { } waiting)
        {
            json.WriteStartObject("waiting"u8);
            Text(json, "reason"u8, waiting.Reason);
            Text(json, "message"u8, waiting.Message);
            json.WriteEndObject();
        }

        if (state.Running is { } running)
        {
            json.WriteStartObject("running"u8);
            Text(json, "startedAt"u8, running.StartedAt);
            json.WriteEndObject();
        }

        if (state.Terminated is { } terminated)
        {
            json.WriteStartObject("terminated"u8);
            Number(json, "exitCode"u8, terminated.ExitCode);
            Text(json, "reason"u8, terminated.Reason);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Filled(Utf8JsonWriter json, ReadOnlySpan<byte> name, string text)
    {
        if (text.Length > 0) json.WriteString(name, text);
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null) json.WriteString(name, text);
    }

    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? number)
    {
        if (number is { } value) json.WriteNumber(name, value);
    }

    private static void Flag(Utf8JsonWriter json, ReadOnlySpan<byte> name, bool? flag)
    {
        if (flag is { } value) json.WriteBoolean(name, value);
    }
}
