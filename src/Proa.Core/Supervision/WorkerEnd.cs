using System.Globalization;

namespace Proa.Supervision;

internal enum WorkerEndKind
{
    None,
    Exited,
    Killed,
    NotStarted,

    /// <summary>It hung, and was killed for it.</summary>
    Hung,

    /// <summary>There was an exception while it was being started.</summary>
    Failed,
}

/// <summary>How a worker ended that should not have. Words are made of it where they are needed: where memory is short, they alone are lost.</summary>
/// <param name="Number">The exit code, the signal, errno, or what follows from the hanging (see <see cref="WorkerPulse.Overdue"/>), by the kind.</param>
/// <param name="Text">What went wrong with the start.</param>
internal readonly record struct WorkerEnd(WorkerEndKind Kind, int Number, string Text = "")
{
    private const string Memory = "the container's memory limit may be too low: proa needs some 32 MiB while it waits for or stops the sidecars";
    private const string Processes = "allow more processes: a worker has some 6 threads (ulimit -u, the Pod's process limit)";
    private const string Line = "the line before this one says why";
    private const int RuntimeNotStarted = 255; // NativeAOT's main, before any of our code

    public static WorkerEnd OfExitCode(int exitCode) => new(WorkerEndKind.Exited, exitCode);

    public static WorkerEnd OfSignal(int signal) => new(WorkerEndKind.Killed, signal);

    public static WorkerEnd OfStart(int errno, string errorText) => new(WorkerEndKind.NotStarted, errno, errorText);

    public static WorkerEnd OfHang(int exitCode) => new(WorkerEndKind.Hung, exitCode);

    public static WorkerEnd OfFailure(string problem) => new(WorkerEndKind.Failed, 0, problem);

    /// <summary>What happened, for people: <c>it was killed by SIGKILL</c>.</summary>
    public string Problem => Kind switch
    {
        WorkerEndKind.None => "",
        WorkerEndKind.Exited => string.Create(CultureInfo.InvariantCulture, $"it exited with {Number}"),
        WorkerEndKind.Killed => "it was killed by " + Signals.Of(Number),
        WorkerEndKind.NotStarted => "it could not be started from /proc/self/exe: " + Text,
        WorkerEndKind.Hung when Number == ExitCodes.NotReadyInTime => "it hangs: it has not ended in time",
        WorkerEndKind.Hung =>
            string.Create(CultureInfo.InvariantCulture, $"it hangs: it has not responded for {WorkerPulse.LongestSilence.TotalSeconds} s"),
        WorkerEndKind.Failed => "it could not be started: " + Text,
    };

    /// <summary>What to do about it.</summary>
    public string Hint => Kind switch
    {
        WorkerEndKind.None => "",
        WorkerEndKind.Exited => Number switch
        {
            ExitCodes.WorkerFailed or ExitCodes.CannotRun => Line,
            ExitCodes.WorkerOutOfMemory => "its memory is limited, and this Pod needs more: is the Pod object, or what the API server answers, very large?",
            RuntimeNotStarted =>
                "the .NET runtime could not start: too few processes (ulimit -u, the Pod's process limit), or too little memory or address space (ulimit -v)",
            _ => "a line before this one may say why; if not, run proa --check in this container",
        },
        WorkerEndKind.Killed => Signals.Of(Number) switch
        {
            "SIGKILL" => Memory,
            "SIGABRT" =>
                "the .NET runtime gave up, and a line before this one may say why: too few processes (ulimit -u, the Pod's process limit), or too "
                    + "little memory",
            "SIGSEGV" or "SIGBUS" or "SIGILL" or "SIGFPE" or "SIGTRAP" =>
                "this is a bug in proa, or the container has too little stack or address space (ulimit -s, ulimit -v): report it with the output of "
                    + "proa --version",
            "SIGSYS" => "the seccomp profile kills processes that make a system call it does not know: use the profile RuntimeDefault",
            "SIGXFSZ" => "the limit of the file size is too low (ulimit -f): allow at least 1 MiB",
            "SIGXCPU" => "the limit of CPU time (ulimit -t) is used up: it counts for each process, and proa needs some seconds in a long wait",
            "SIGALRM" => "it took too long: report it with the log at --log-level debug",
            _ => "something in the container has sent this signal to proa's process",
        },
        WorkerEndKind.NotStarted => Number switch
        {
            Errno.ENOENT or Errno.ENOTDIR => "is /proc mounted? proa starts itself from there",
            Errno.EAGAIN => Processes,
            Errno.ENOMEM => Memory,
            Errno.EPERM or Errno.EACCES or Errno.ENOSYS =>
                "does the seccomp profile allow execve, and may this user execute proa (mode 755, no noexec mount)? proa starts itself again",
            _ => "proa starts itself again, from /proc",
        },
        WorkerEndKind.Hung => Number == ExitCodes.NotReadyInTime ? Processes : Processes + ", and more CPU if it is throttled",
        WorkerEndKind.Failed => Memory,
    };

    /// <summary>Why the command was not started, where this was the end of the worker "wait".</summary>
    /// <param name="exitCode">124 or 125.</param>
    public string WhyNotStarted(int exitCode)
    {
        var what = exitCode == ExitCodes.NotReadyInTime ? "the sidecars were not ready in time" : "cannot wait for the sidecars";
        return $"{what}: the process that watches the Pod has failed: {Problem}";
    }
}
