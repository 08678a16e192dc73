using System.Diagnostics;

namespace Proa.EndToEnd.Processes;

/// <summary>A directory for one test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory() => Path = Directory.CreateTempSubdirectory("proa-test-").FullName;

    public string Path { get; }

    /// <summary>The path of a file in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file.</summary>
    public string Write(string name, string content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var path = this[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, mode);
        return path;
    }

    /// <summary>Writes a file that may be executed.</summary>
    public string WriteProgram(string name, string content) =>
        Write(
            name,
            content,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

    public void Dispose()
    {
        // Names in it may be such that .NET cannot delete them.
        using var rm = Process.Start("rm", ["-rf", Path]);
        rm.WaitForExit();
    }
}
