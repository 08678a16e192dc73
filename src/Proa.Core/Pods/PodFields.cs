namespace Proa.Pods;

/// <summary>Reads a Pod and its spec. What is null reads as the model has it: empty.</summary>
internal static class PodFields
{
    public static Pod? Read(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        PodMetadata? metadata = null;
        PodSpec? spec = null;
        PodStatus? status = null;
        while (json.NextField())
        {
            if (json.Is("metadata"u8)) metadata = PodMetadataFields.Read(ref json);
            else if (json.Is("spec"u8)) spec = Spec(ref json);
            else if (json.Is("status"u8)) status = PodStatusFields.Read(ref json);
            else json.Skip();
        }

        return new() { Metadata = metadata!, Spec = spec!, Status = status! };
    }

    private static PodSpec? Spec(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        Container?[]? containers = null, init = null;
        string? policy = null, account = null;
        long? grace = null;
        bool? sharesProcesses = null, hostPid = null;
        while (json.NextField())
        {
            if (json.Is("containers"u8)) containers = json.List(ContainerFields.Read);
            else if (json.Is("initContainers"u8)) init = json.List(ContainerFields.Read);
            else if (json.Is("restartPolicy"u8)) policy = json.Text();
            else if (json.Is("terminationGracePeriodSeconds"u8)) grace = json.LongNumber();
            else if (json.Is("shareProcessNamespace"u8)) sharesProcesses = json.Flag();
            else if (json.Is("hostPID"u8)) hostPid = json.Flag();
            else if (json.Is("serviceAccountName"u8)) account = json.Text();
            else json.Skip();
        }

        return new()
        {
            Containers = containers!,
            InitContainers = init!,
            RestartPolicy = policy!,
            TerminationGracePeriodSeconds = grace,
            ShareProcessNamespace = sharesProcesses,
            HostPid = hostPid,
            ServiceAccountName = account!,
        };
    }
}
