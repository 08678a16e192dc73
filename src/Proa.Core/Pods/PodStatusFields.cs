namespace Proa.Pods;

/// <summary>Reads a Pod's status.</summary>
internal static class PodStatusFields
{
    public static PodStatus? Read(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        string? phase = null, reason = null;
        PodCondition?[]? conditions = null;
        ContainerStatus?[]? containers = null, init = null, ephemeral = null;
        while (json.NextField())
        {
            if (json.Is("phase"u8)) phase = json.Text();
            else if (json.Is("reason"u8)) reason = json.Text();
            else if (json.Is("conditions"u8)) conditions = json.List(Condition);
            else if (json.Is("containerStatuses"u8)) containers = json.List(OfContainer);
            else if (json.Is("initContainerStatuses"u8)) init = json.List(OfContainer);
            else if (json.Is("ephemeralContainerStatuses"u8)) ephemeral = json.List(OfContainer);
            else json.Skip();
        }

        return new()
        {
            Phase = phase!,
            Reason = reason,
            Conditions = conditions!,
            ContainerStatuses = containers!,
            InitContainerStatuses = init!,
            EphemeralContainerStatuses = ephemeral!,
        };
    }

    private static PodCondition? Condition(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        string? type = null, status = null, reason = null;
        while (json.NextField())
        {
            if (json.Is("type"u8)) type = json.Text();
            else if (json.Is("status"u8)) status = json.Text();
            else if (json.Is("reason"u8)) reason = json.Text();
            else json.Skip();
        }

        return new() { Type = type!, Status = status!, Reason = reason };
    }

    private static ContainerStatus? OfContainer(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        string? name = null, id = null;
        bool? ready = null;
        int? restarts = null;
        ContainerState? state = null, last = null;
        while (json.NextField())
        {
            if (json.Is("name"u8)) name = json.Text();
            else if (json.Is("ready"u8)) ready = json.Flag();
            else if (json.Is("restartCount"u8)) restarts = json.Number();
            else if (json.Is("containerID"u8)) id = json.Text();
            else if (json.Is("state"u8)) state = State(ref json);
            else if (json.Is("lastState"u8)) last = State(ref json);
            else json.Skip();
        }

        return new() { Name = name!, Ready = ready, RestartCount = restarts, ContainerId = id, State = state!, LastState = last! };
    }

    private static ContainerState? State(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        WaitingState? waiting = null;
        RunningState? running = null;
        TerminatedState? terminated = null;
        while (json.NextField())
        {
            if (json.Is("waiting"u8)) waiting = Waiting(ref json);
            else if (json.Is("running"u8)) running = Running(ref json);
            else if (json.Is("terminated"u8)) terminated = Terminated(ref json);
            else json.Skip();
        }

        return new() { Waiting = waiting, Running = running, Terminated = terminated };
    }

    private static WaitingState? Waiting(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        string? reason = null, message = null;
        while (json.NextField())
        {
            if (json.Is("reason"u8)) reason = json.Text();
            else if (json.Is("message"u8)) message = json.Text();
            else json.Skip();
        }

        return new() { Reason = reason, Message = message };
    }

    private static RunningState? Running(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        string? startedAt = null;
        while (json.NextField())
        {
            if (json.Is("startedAt"u8)) startedAt = json.Text();
            else json.Skip();
        }

        return new() { StartedAt = startedAt };
    }

    private static TerminatedState? Terminated(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        var exitCode = 0;
        string? reason = null;
        while (json.NextField())
        {
            if (json.Is("exitCode"u8)) exitCode = json.SomeNumber();
            else if (json.Is("reason"u8)) reason = json.Text();
            else json.Skip();
        }

        return new() { ExitCode = exitCode, Reason = reason };
    }
}
