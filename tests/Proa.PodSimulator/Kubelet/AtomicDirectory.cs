using System.Text;

namespace Proa.PodSimulator;

/// <summary>
/// A directory of files as the kubelet keeps it for projected volumes: the files are links into ..data, which is a link to a directory
/// with the time in its name. Replacing the one link replaces all files in one step.
/// </summary>
internal static class AtomicDirectory
{
    private const UnixFileMode DirectoryMode = (UnixFileMode)0b111_101_101;

    public readonly record struct Content(byte[] Bytes, UnixFileMode Mode)
    {
        public const UnixFileMode DefaultMode = (UnixFileMode)0b110_100_100;

        public static Content Of(string text, int? mode = null) => Of(Encoding.UTF8.GetBytes(text), mode);

        public static Content Of(byte[] bytes, int? mode) => new(bytes, mode is { } bits ? (UnixFileMode)bits : DefaultMode);
    }

    /// <param name="directory">Made if absent.</param>
    /// <param name="files">By path relative to the directory, slashes allowed.</param>
    public static void Write(string directory, IReadOnlyDictionary<string, Content> files)
    {
        Directory.CreateDirectory(directory, DirectoryMode);
        var data = $"..{DateTimeOffset.UtcNow:yyyy_MM_dd_HH_mm_ss}.{Random.Shared.Next(100_000_000, 999_999_999)}";
        foreach (var (path, content) in files)
        {
            var file = Path.Combine(directory, data, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!, DirectoryMode);
            File.WriteAllBytes(file, content.Bytes);
            File.SetUnixFileMode(file, content.Mode);
        }

        Directory.CreateDirectory(Path.Combine(directory, data), DirectoryMode);
        var link = Path.Combine(directory, "..data");
        var previous = new DirectoryInfo(link).LinkTarget;
        var next = Path.Combine(directory, "..data_tmp");
        File.CreateSymbolicLink(next, data);
        // In one step; File.Move does not take a link to a directory.
        Libc.Rename(next, link);
        foreach (var name in files.Keys.Select(path => path.Split('/')[0]).Distinct())
        {
            var visible = Path.Combine(directory, name);
            if (new FileInfo(visible).LinkTarget is null) File.CreateSymbolicLink(visible, Path.Combine("..data", name));
        }

        if (previous is not null) Directory.Delete(Path.Combine(directory, previous), recursive: true);
    }
}
