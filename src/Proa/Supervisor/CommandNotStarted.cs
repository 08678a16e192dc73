using System.Text;
using Proa.Linux;
using Proa.Supervision;

namespace Proa.Supervisor;

/// <summary>Says why the command could not be started, so that a person need not guess what errno means in an image without a shell.</summary>
internal static unsafe class CommandNotStarted
{
    /// <summary>With a message as <c>cannot start "pyton3": not found in PATH (/usr/bin:/bin)</c>.</summary>
    public static SupervisorEvent Because(string command, Libc.Spawned failed, ReadOnlySpan<byte> path) => failed.HasNoProcess
        ? SupervisorEvent.CommandNotStarted(
            ExitCodes.CannotRun,
            Text(command, $"cannot create a process: {Libc.ErrorText(failed.Errno)} (the Pod's process limit, ulimit -u, or its memory)"))
        : SupervisorEvent.CommandNotStarted(ExitCodes.OfExecError(failed.Errno), Text(command, Reason(command, failed.Errno, path)));

    /// <summary>Why the command could not be started if it were now, as far as that can be told without trying; null if it seems it could.</summary>
    public static string? Foresee(string command)
    {
        var errno = Errno.ENOENT;
        var path = CommandSearch.PathIn(GivenArguments.Environment);
        fixed (byte* name = Encoding.UTF8.GetBytes(command + '\0'))
        {
            for (var candidate = CommandSearch.Candidates(name, path); *candidate != null; candidate++)
            {
                var kind = Files.KindOf(*candidate);
                if (kind != FileKind.Directory && Libc.access(*candidate, Libc.X_OK) == 0) return null;
                if (kind != FileKind.None) errno = Errno.EACCES;
            }
        }

        return Text(command, Reason(command, errno, path));
    }

    private static string Text(string command, string reason) => $"cannot start \"{command}\": {reason}";

    private static string Reason(string command, int errno, ReadOnlySpan<byte> path)
    {
        switch (errno)
        {
            case Errno.ENOENT when command.Length == 0: return "the command is empty";
            case Errno.ENOENT when !command.Contains('/'): return $"not found in PATH ({Encoding.UTF8.GetString(path)})";
            case Errno.ENOENT when IsDanglingLink(command): return "it is a link to a file that does not exist";
            // execve(2): ENOENT too if a script's interpreter or the dynamic loader is missing.
            case Errno.ENOENT when File.Exists(command): return MissingInterpreter(command);
            case Errno.EACCES when Directory.Exists(command): return "it is a directory";
            case Errno.EACCES when File.Exists(command):
                return "permission denied: it, or its interpreter, has no execute permission for this user, or its file system is mounted noexec";
            case Errno.E2BIG: return "its arguments and environment are too long together (see execve(2))";
            default: return Libc.ErrorText(errno);
        }
    }

    private static bool IsDanglingLink(string command)
    {
        try
        {
            return new FileInfo(command) is { LinkTarget: not null } link && link.ResolveLinkTarget(returnFinalTarget: true) is not { Exists: true };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static string MissingInterpreter(string command)
    {
        var head = new byte[256];
        try
        {
            using var file = File.OpenRead(command);
            var length = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            var line = head.AsSpan(0, length);
            if (line.StartsWith("#!"u8))
            {
                line = line[2..];
                var end = line.IndexOf((byte)'\n');
                var interpreter = Encoding.UTF8.GetString(end < 0 ? line : line[..end]);
                return interpreter.EndsWith('\r')
                    ? "its #! line ends as on Windows, in CR LF: convert it with dos2unix"
                    : $"its interpreter, or the interpreter's own, is not in the image: {interpreter.Trim()}";
            }

            if (!line.StartsWith("\u007fELF"u8)) return "it has no #! line, and there is no /bin/sh to run it";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }

        return "it exists, but its dynamic loader is not in the image (is it built for another libc?)";
    }
}
