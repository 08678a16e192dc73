namespace Proa.PodSimulator;

/// <summary>The kubelet's files on the host: a directory under the temporary one, held by a lock, removed in the end.</summary>
internal sealed class StateDirectory : IDisposable
{
    private const string Prefix = "pod-simulator-";
    private const string LockFile = "lock";
    private const int Attempts = 10;

    private readonly FileStream _lock;

    public StateDirectory()
    {
        RemoveAbandoned();
        (FullName, _lock) = Create(Attempts);
    }

    public string FullName { get; }

    public void Dispose()
    {
        Directory.Delete(FullName, recursive: true);
        _lock.Dispose();
    }

    // Until it is locked, another simulator that starts now may take it for abandoned.
    private static (string, FileStream) Create(int attempts)
    {
        var name = Directory.CreateTempSubdirectory(Prefix).FullName;
        try
        {
            return (name, new FileStream(Path.Combine(name, LockFile), FileMode.Create, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException) when (attempts > 1)
        {
            return Create(attempts - 1);
        }
    }

    // A simulator that was killed could not tidy up; its lock went with it.
    private static void RemoveAbandoned()
    {
        foreach (var directory in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            try
            {
                using (new FileStream(Path.Combine(directory, LockFile), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                    Directory.Delete(directory, recursive: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // In use, or just being made, or somebody else's.
            }
        }
    }
}
