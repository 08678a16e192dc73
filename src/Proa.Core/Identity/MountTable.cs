
namespace Proa.Identity;

/// <summary>Reads /proc/self/mountinfo, see proc(5).</summary>
internal static class MountTable
{
    private const int RootField = 3;
    private const string Pods = "/pods/";
    private const string Containers = "/containers/";

    /// <summary>
    /// The container that the mounts belong to: the kubelet bind-mounts the termination message file from
    /// <c>ROOT/pods/UID/containers/NAME/ID</c>. Null if no mount, or mounts of several containers, are from there.
    /// </summary>
    /// <param name="podUid">The Pod's uid; mounts of another Pod, as a node agent may have them, are passed over.</param>
    public static string? ContainerName(string mountInfo, string podUid)
    {
        return OnlyOne(mountInfo, owner => podUid.Length == 0 || owner.PodUid == podUid ? owner.Container : null);
    }

    /// <summary>The uid of the Pod that the mounts belong to, by the same mount; null likewise.</summary>
    public static string? PodUid(string mountInfo)
    {
        return OnlyOne(mountInfo, owner => owner.PodUid);
    }

    private static string? OnlyOne(string mountInfo, Func<(string PodUid, string Container), string?> choose)
    {
        string? found = null;
        foreach (var line in mountInfo.AsSpan().EnumerateLines())
        {
            if (OwnerOf(Field(line, RootField)) is not { } owner || choose(owner) is not { } text) continue;
            if (found is not null && found != text) return null;
            found = text;
        }

        return found;
    }

    /// <summary>Whether a process with such mounts shares one with this: each mount namespace has its own, so they are in the same container.</summary>
    public static Func<string, bool> SharedWith(string mountInfo)
    {
        HashSet<string> own = [.. Ids(mountInfo)];
        // Processes of one container have the same text, which is read once (Linux/ProcessTable).
        var known = new Dictionary<string, bool>();
        return other =>
        {
            if (!known.TryGetValue(other, out var isShared)) known[other] = isShared = Ids(other).Any(own.Contains);
            return isShared;
        };
    }

    private static IEnumerable<string> Ids(string mountInfo) =>
        mountInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Field(line, 0).ToString());

    private static (string PodUid, string Container)? OwnerOf(ReadOnlySpan<char> path)
    {
        // The kubelet's root directory may itself contain /pods/, so the last one counts.
        var containers = path.LastIndexOf(Containers);
        if (containers < 0) return null;
        var before = path[..containers];
        var pods = before.LastIndexOf(Pods);
        if (pods < 0) return null;
        var uid = before[(pods + Pods.Length)..];
        if (uid.IsEmpty || uid.Contains('/')) return null;
        var rest = path[(containers + Containers.Length)..];
        var slash = rest.IndexOf('/');
        return slash > 0 && !rest[(slash + 1)..].Contains('/') ? (uid.ToString(), rest[..slash].ToString()) : null;
    }

    private static ReadOnlySpan<char> Field(ReadOnlySpan<char> line, int index)
    {
        for (; index > 0; index--)
        {
            var space = line.IndexOf(' ');
            if (space < 0) return default;
            line = line[(space + 1)..];
        }

        var end = line.IndexOf(' ');
        return end < 0 ? line : line[..end];
    }
}
