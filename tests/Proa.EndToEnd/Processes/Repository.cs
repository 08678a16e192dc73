namespace Proa.EndToEnd.Processes;

/// <summary>The repository, which the tests are built in.</summary>
internal static class Repository
{
    private static readonly string? _root = FindRoot();

    /// <summary>Where a file of it is; null where there is none.</summary>
    public static string? Find(string path) => _root is not null && Path.Combine(_root, path) is var found && File.Exists(found) ? found : null;

    private static string? FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Proa.sln"))) directory = directory.Parent;
        return directory?.FullName;
    }
}
