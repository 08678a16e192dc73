using Microsoft.Extensions.Logging;
using Proa.Lifecycle;
using Proa.Linux;
using Proa.Logging;

namespace Proa.Commands;

/// <summary><c>proa --install PATH</c>: for an init container that puts proa on a volume, from an image that has nothing else.</summary>
internal static class InstallCommand
{
    private const string Self = "/proc/self/exe";
    private const UnixFileMode Mode = (UnixFileMode)0b111_101_101;

    /// <summary>Copies the running executable. PATH is the old file, or none, until it is the whole new one.</summary>
    /// <returns>0, or 125 after an error that is logged.</returns>
    public static int Run(string path, ILogger log)
    {
        var partial = "";
        try
        {
            if (path.EndsWith('/') || Directory.Exists(path))
            {
                log.CannotInstall(path, "it is a directory", "name the file, as in " + Path.Combine(path, "proa"));
                return ExitCodes.CannotRun;
            }

            using var self = Open();
            // In the same directory, so that it can be renamed.
            partial = $"{path}.{Path.GetRandomFileName()}";
            Copy(self, partial);
            File.Move(partial, path, overwrite: true);
            log.Installed(path);
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Remove(partial);
            log.CannotInstall(path, Reason(e, path), "mount a volume there that this user may write to, such as an emptyDir");
            return ExitCodes.CannotRun;
        }
    }

    private static FileStream Open()
    {
        try
        {
            return new FileStream(Self, FileMode.Open, FileAccess.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{Self} cannot be read: is /proc mounted?");
        }
    }

    private static void Copy(FileStream self, string to)
    {
        using var file = new FileStream(to, FileMode.CreateNew, FileAccess.Write);
        self.CopyTo(file);
        // Not by the umask: whoever runs main must be able to.
        File.SetUnixFileMode(file.SafeFileHandle, Mode);
        file.Flush(flushToDisk: true);
    }

    private static void Remove(string partial)
    {
        try
        {
            if (partial.Length > 0) File.Delete(partial);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static string Reason(Exception e, string path) => e switch
    {
        DirectoryNotFoundException or FileNotFoundException => $"no file can be made in {Path.GetDirectoryName(Path.GetFullPath(path))}: is it there?",
        UnauthorizedAccessException => "permission denied",
        // What .NET has no exception of its own for has errno.
        IOException { HResult: > 0 and < Libc.NoChild } => Libc.ErrorText(e.HResult),
        _ => Wording.WithSmallInitial(e.Message),
    };
}
