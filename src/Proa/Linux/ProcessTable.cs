using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Proa.Identity;

namespace Proa.Linux;

/// <summary>The processes of our PID namespace, as /proc has them.</summary>
internal static class ProcessTable
{
    private const int LongestPath = 4096;
    private const int LargestFile = 1024 * 1024;

    /// <summary>All processes, as far as they can be read; none where /proc is not mounted. One that ends meanwhile is left out.</summary>
    public static ImmutableArray<ProcessFacts> Read()
    {
        if (!Directory.Exists("/proc")) return [];
        var shared = new SharedTexts();
        return
        [
            .. Directory.EnumerateDirectories("/proc")
                .Select(directory =>
                    int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? Read(id, shared) : null)
                .OfType<ProcessFacts>(),
        ];
    }

    /// <summary>One process, or null where there is none.</summary>
    public static ProcessFacts? Read(int id) => Read(id, new());

    private static ProcessFacts? Read(int id, SharedTexts shared)
    {
        var directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/");
        if (ProcessStat.Read(Text(directory + "stat")) is not { } stat) return null;
        return new(
            stat,
            LinkTarget(directory + "exe"),
            [.. Text(directory + "cmdline").TrimEnd('\0').Split('\0')],
            UserIn(Text(directory + "status")),
            shared.MountInfo(directory),
            shared.CGroup(directory));
    }

    /// <summary>
    /// What all processes of a container have the same, once: some 20 kB for each process otherwise. The mounts are those of the mount namespace.
    /// </summary>
    private sealed class SharedTexts
    {
        private readonly Dictionary<string, string> _mountInfos = [];
        private readonly Dictionary<string, string> _cGroups = [];

        public string MountInfo(string directory)
        {
            var space = LinkTarget(directory + "ns/mnt");
            if (space.Length == 0) return Text(directory + "mountinfo");
            if (!_mountInfos.TryGetValue(space, out var text)) _mountInfos[space] = text = Text(directory + "mountinfo");
            return text;
        }

        public string CGroup(string directory)
        {
            var text = Text(directory + "cgroup");
            return _cGroups.TryGetValue(text, out var same) ? same : _cGroups[text] = text;
        }
    }

    /// <summary>Process 1, this one, its parent, and so on, as far as they can be seen.</summary>
    public static ImmutableArray<ProcessStat> Ancestry(int id)
    {
        var chain = new List<ProcessStat>();
        for (int? next = id; next > 0 && chain.All(p => p.Id != next) && Stat(next.Value) is { } stat; next = stat.Parent) chain.Add(stat);
        if (chain.All(p => p.Id != 1) && Stat(1) is { } first) chain.Add(first);
        return [.. chain];
    }

    private static ProcessStat? Stat(int id) => ProcessStat.Read(Text(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat")));

    /// <summary>A file's text; empty where it cannot be read.</summary>
    public static string Text(string path)
    {
        // File.OpenHandle also locks the file and asks for its length, which takes half of the time if there are thousands of processes.
        var file = Descriptors.OpenToRead(path);
        if (file < 0) return "";
        var content = ArrayPool<byte>.Shared.Rent(4096);
        var length = 0;
        // Files of /proc say that their length is 0.
        int read;
        while ((read = Descriptors.Read(file, content.AsSpan(length))) > 0 && length < LargestFile)
        {
            length += read;
            if (length == content.Length) Array.Resize(ref content, 2 * length);
        }

        _ = Libc.close(file);
        var text = read < 0 ? "" : Encoding.UTF8.GetString(content, 0, length);
        ArrayPool<byte>.Shared.Return(content);
        return text;
    }

    /// <summary>Where a link leads, as it is written; empty where that may not be read.</summary>
    public static unsafe string LinkTarget(string path)
    {
        var target = stackalloc byte[LongestPath];
        fixed (byte* link = Encoding.UTF8.GetBytes(path + '\0'))
        {
            var length = Libc.readlink(link, target, LongestPath);
            return length > 0 ? Encoding.UTF8.GetString(target, (int)length) : "";
        }
    }

    private static long UserIn(string status)
    {
        const string key = "\nUid:\t";
        var start = status.IndexOf(key, StringComparison.Ordinal);
        if (start < 0) return -1;
        var digits = status.AsSpan(start + key.Length);
        return long.TryParse(digits[..digits.IndexOf('\t')], NumberStyles.None, CultureInfo.InvariantCulture, out var user) ? user : -1;
    }
}
