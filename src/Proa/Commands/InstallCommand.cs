using Proa.Linux;
using Proa.Logging;

namespace Proa.Commands;

/// <summary><c>proa --install PATH</c>: for an init container that puts proa on a volume, from an image that has nothing else.</summary>
internal static class InstallCommand
{
    private const string Self = "/proc/self/exe";
    private const UnixFileMode Mode = (UnixFileMode)0b111_101_101;
    private const int Attempts = 3;
    private const int ChunkSize = 1 << 20;

    private const string Writable = "mount a volume there that this user may write to, such as an emptyDir";
    private const string AnotherName = "name a file that does not exist yet, or a regular one";

    /// <summary>
    /// Copies the running executable. PATH is the old file, or none, until it is the whole new one. A signal that ends the command waits
    /// for the next megabyte, so that the partial file can be removed: all signals are blocked since before the runtime started.
    /// </summary>
    /// <returns>0; 125 after an error that is logged; 128+n where signal n ended it.</returns>
    public static int Run(string path, Log log)
    {
        try
        {
            if (WhyNotReplace(path) is var (problem, hint))
            {
                log.CannotInstall(path, problem, hint);
                return ExitCodes.CannotRun;
            }

            using var self = Open();
            Replace(self, path);
            log.Installed(path);
            return 0;
        }
        catch (EndedBySignalException e)
        {
            log.CannotInstall(path, $"{Signals.Of(e.Signal)} interrupted it", "");
            // Here it ends proa as it ends any program, unless proa is PID 1.
            Libc.proa_unblock_signals();
            return ExitCodes.OfSignal(e.Signal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            log.CannotInstall(path, Reason(e, path), Writable);
            return ExitCodes.CannotRun;
        }
    }

    /// <summary>Only a regular file is replaced, or a link to one: a device or FIFO of this name is somebody's, and may be the machine's.</summary>
    private static (string Problem, string Hint)? WhyNotReplace(string path)
    {
        if (path.EndsWith('/') || Directory.Exists(path)) return ("it is a directory", "name the file, as in " + Path.Combine(path, "proa"));
        return (Files.KindOf(path, followLink: false), Files.KindOf(path, followLink: true)) switch
        {
            (FileKind.None, _) or (_, FileKind.Regular) => null,
            (FileKind.Link, FileKind.None) => ("it is a link to nothing", "remove the link, or name another file"),
            (FileKind.Link, var target) => ("it is a link to " + Name(target), AnotherName),
            var (kind, _) => ("it is " + Name(kind), AnotherName),
        };
    }

    private static string Name(FileKind kind) => kind switch
    {
        FileKind.CharacterDevice => "a character device",
        FileKind.BlockDevice => "a block device",
        FileKind.Fifo => "a FIFO",
        FileKind.Socket => "a socket",
        _ => "not a regular file",
    };

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

    /// <summary>
    /// Another run in this directory may take the new file for a leftover in the moments before it is locked and before it is renamed: then
    /// it is made once more.
    /// </summary>
    private static void Replace(FileStream self, string path)
    {
        PartialFile.RemoveLeftovers(path);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var partial = new PartialFile(path);
                Copy(self, partial.Content);
                partial.Publish();
                return;
            }
            catch (IOException e) when (attempt < Attempts && (e is FileNotFoundException || e.HResult == Errno.EAGAIN))
            {
            }
        }
    }

    private static void Copy(FileStream self, FileStream to)
    {
        self.Position = 0;
        var chunk = new byte[ChunkSize];
        for (int read; (read = self.Read(chunk)) > 0;)
        {
            EndIfSignalled();
            to.Write(chunk, 0, read);
        }

        // Not by the umask: whoever runs main must be able to.
        File.SetUnixFileMode(to.SafeFileHandle, Mode);
        to.Flush(flushToDisk: true);
        EndIfSignalled();
    }

    private static void EndIfSignalled()
    {
        if (SignalQueue.PendingEnd() is { } signal) throw new EndedBySignalException(signal);
    }

    private static string Reason(Exception e, string path) => e switch
    {
        DirectoryNotFoundException or FileNotFoundException => $"cannot create a file in {Path.GetDirectoryName(Path.GetFullPath(path))}: does it exist?",
        UnauthorizedAccessException => "permission denied",
        // What .NET has no exception of its own for has errno.
        IOException { HResult: > 0 and <= Libc.LastErrno } => Libc.ErrorText(e.HResult),
        _ => Wording.WithSmallInitial(e.Message),
    };

    private sealed class EndedBySignalException(int signal) : Exception
    {
        public int Signal { get; } = signal;
    }
}
