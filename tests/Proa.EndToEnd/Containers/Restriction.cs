namespace Proa.EndToEnd.Containers;

/// <summary>What a container is not allowed.</summary>
public enum Restriction
{
    /// <summary>root, with podman's default capabilities.</summary>
    None,
    NotRoot,
    ReadOnlyRoot,
    NoCapabilities,
    NoNewPrivileges,
    LittleMemory,

    /// <summary>All of the above together.</summary>
    All,
}

internal static class Restrictions
{
    /// <summary>podman's options for it.</summary>
    public static string[] Options(this Restriction restriction) => restriction switch
    {
        Restriction.None => [],
        Restriction.NotRoot => ["--user=65532:65532"],
        // podman would mount a writable /tmp and /run, which a kubelet does not.
        Restriction.ReadOnlyRoot => ["--read-only", "--read-only-tmpfs=false"],
        Restriction.NoCapabilities => ["--cap-drop=all"],
        Restriction.NoNewPrivileges => ["--security-opt=no-new-privileges"],
        Restriction.LittleMemory => ["--memory=32m"],
        Restriction.All => [.. Enum.GetValues<Restriction>().Where(other => other != Restriction.All).SelectMany(Options)],
    };
}
