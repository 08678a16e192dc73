namespace Proa.Commands;

/// <summary>
/// The new file under another name beside the old one, until it is whole and can be renamed. Its lock tells a run that is under way from
/// one that was killed: the kernel lets go of it with the process.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private const string Prefix = ".proa-partial-";

    private readonly string _target;
    private readonly string _path;

    /// <summary>Makes the file.</summary>
    public PartialFile(string target)
    {
        _target = target;
        _path = Path.Combine(DirectoryOf(target), Prefix + Path.GetRandomFileName());
        // FileShare.None is flock(2).
        Content = new FileStream(_path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
    }

    /// <summary>To be written.</summary>
    public FileStream Content { get; }

    /// <summary>Removes what runs that were killed have left behind. What cannot be checked stays.</summary>
    public static void RemoveLeftovers(string target)
    {
        try
        {
            foreach (var path in Directory.EnumerateFiles(DirectoryOf(target), Prefix + "*")) RemoveLeftover(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>
    /// Puts the file in the old one's place. It is closed before: a program that somebody has open for writing cannot be started. That lets go
    /// of the lock, too.
    /// </summary>
    /// <exception cref="FileNotFoundException">Another run has taken it for a leftover.</exception>
    public void Publish()
    {
        Content.Dispose();
        File.Move(_path, _target, overwrite: true);
    }

    /// <summary>Removes the file, unless it has been published.</summary>
    public void Dispose()
    {
        Remove(_path);
        Content.Dispose();
    }

    private static string DirectoryOf(string target) => Path.GetDirectoryName(Path.GetFullPath(target))!;

    private static void RemoveLeftover(string path)
    {
        try
        {
            // To write: a network's file system locks only then.
            using var locked = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            Remove(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
