
namespace Proa;

/// <summary>
/// The exit codes that proa itself chooses, as timeout(1) and env(1) use them. Everything else is the command's own code, unaltered.
/// </summary>
internal static class ExitCodes
{
    /// <summary>A sidecar ended that main cannot do without (<c>--stop-on</c>), and so main was ended.</summary>
    public const int SidecarEnded = 123;

    /// <summary>The sidecars were not ready within <c>--ready-timeout</c>.</summary>
    public const int NotReadyInTime = 124;

    /// <summary>proa could not start the command for another reason: bad usage, not in a Pod, access denied, a sidecar that cannot become ready.</summary>
    public const int CannotRun = 125;

    /// <summary>Only between a worker and the supervisor: the worker has failed in a way that nobody thought of (EX_SOFTWARE).</summary>
    public const int WorkerFailed = 70;

    /// <summary>Only between a worker and the supervisor: the worker has reached the limit of its memory.</summary>
    public const int WorkerOutOfMemory = 71;

    /// <summary>Only between a worker and the supervisor: main may start, and no sidecar is to be asked or awaited after it.</summary>
    public const int NothingToEnd = 72;

    /// <summary>Only between a worker and the supervisor: the container that the command runs for has ended (<c>--until</c>); proa exits with 0.</summary>
    public const int NoLongerNeeded = 73;

    /// <summary>The command was found but cannot be executed (execve(2) failed otherwise than with ENOENT).</summary>
    public const int NotExecutable = 126;

    public const int NotFound = 127;

    /// <summary>What a shell reports for a process that a signal ended: 128 + <paramref name="signal"/> (1 to 64).</summary>
    public static int OfSignal(int signal) => 128 + signal;

    /// <summary>The exit code for a command that could not be started, by the errno of execvp(3) (env(1): 127 not found, 126 not executable).</summary>
    public static int OfExecError(int errno) => errno == Errno.ENOENT ? NotFound : NotExecutable;
}
