namespace Proa.Pods;

/// <summary>Reads a Pod's metadata.</summary>
internal static class PodMetadataFields
{
    /// <summary>Reads an object of which nothing else is read.</summary>
    public static PodMetadata? ReadAlone(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        PodMetadata? metadata = null;
        while (json.NextField())
        {
            if (json.Is("metadata"u8)) metadata = Read(ref json);
            else json.Skip();
        }

        return metadata ?? new();
    }

    public static PodMetadata? Read(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        string? name = null, @namespace = null, uid = null, version = null, deletion = null;
        long? grace = null;
        PodAnnotations? annotations = null;
        while (json.NextField())
        {
            if (json.Is("name"u8)) name = json.Text();
            else if (json.Is("namespace"u8)) @namespace = json.Text();
            else if (json.Is("uid"u8)) uid = json.Text();
            else if (json.Is("resourceVersion"u8)) version = json.Text();
            else if (json.Is("deletionTimestamp"u8)) deletion = json.Text();
            else if (json.Is("deletionGracePeriodSeconds"u8)) grace = json.LongNumber();
            else if (json.Is("annotations"u8)) annotations = Annotations(ref json);
            else json.Skip();
        }

        return new()
        {
            Name = name!,
            Namespace = @namespace!,
            Uid = uid!,
            ResourceVersion = version!,
            DeletionTimestamp = deletion,
            DeletionGracePeriodSeconds = grace,
            Annotations = annotations!,
        };
    }

    private static PodAnnotations? Annotations(ref JsonFields json)
    {
        if (!json.IsObject()) return null;
        string? container = null, istioPort = null;
        string? vaultQuit = null, vaultPort = null, vaultCache = null, vaultMap = null, vaultStatus = null;
        string? baoQuit = null, baoPort = null, baoCache = null, baoMap = null, baoStatus = null;
        while (json.NextField())
        {
            if (json.Is("kubectl.kubernetes.io/default-container"u8)) container = json.Text();
            else if (json.Is("status.sidecar.istio.io/port"u8)) istioPort = json.Text();
            else if (json.Is("vault.hashicorp.com/agent-enable-quit"u8)) vaultQuit = json.Text();
            else if (json.Is("vault.hashicorp.com/agent-cache-listener-port"u8)) vaultPort = json.Text();
            else if (json.Is("vault.hashicorp.com/agent-cache-enable"u8)) vaultCache = json.Text();
            else if (json.Is("vault.hashicorp.com/agent-configmap"u8)) vaultMap = json.Text();
            else if (json.Is("vault.hashicorp.com/agent-inject-status"u8)) vaultStatus = json.Text();
            else if (json.Is("openbao.openbao.org/agent-enable-quit"u8)) baoQuit = json.Text();
            else if (json.Is("openbao.openbao.org/agent-cache-listener-port"u8)) baoPort = json.Text();
            else if (json.Is("openbao.openbao.org/agent-cache-enable"u8)) baoCache = json.Text();
            else if (json.Is("openbao.openbao.org/agent-configmap"u8)) baoMap = json.Text();
            else if (json.Is("openbao.openbao.org/agent-inject-status"u8)) baoStatus = json.Text();
            else json.Skip();
        }

        return new()
        {
            DefaultContainer = container,
            IstioStatusPort = istioPort,
            VaultEnableQuit = vaultQuit,
            VaultListenerPort = vaultPort,
            VaultCache = vaultCache,
            VaultConfigMap = vaultMap,
            VaultStatus = vaultStatus,
            OpenBaoEnableQuit = baoQuit,
            OpenBaoListenerPort = baoPort,
            OpenBaoCache = baoCache,
            OpenBaoConfigMap = baoMap,
            OpenBaoStatus = baoStatus,
        };
    }
}
