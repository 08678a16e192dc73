using System.Globalization;

namespace Proa.Supervision;

/// <summary>How a worker ended that should not have, for people: what happened, and what to do.</summary>
/// <param name="Problem">What happened: <c>it was killed by SIGKILL</c>.</param>
internal readonly record struct WorkerEnd(string Problem, string Hint)
{
    private const string Memory = "the container's memory limit may be too low: proa needs some 32 MiB while it waits or ends the sidecars";
    private const string Processes = "allow more processes: a worker has some 6 threads (ulimit -u, the Pod's process limit)";
    private const string Line = "the line before this one says why";

    public static WorkerEnd OfExitCode(int exitCode) => new(string.Create(CultureInfo.InvariantCulture, $"it exited with {exitCode}"), exitCode switch
    {
        ExitCodes.WorkerFailed or ExitCodes.CannotRun => Line,
        ExitCodes.WorkerOutOfMemory => "its memory is bounded, and this Pod takes more: is the Pod object, or what the API server answers, very large?",
        RuntimeNotStarted => "the .NET runtime could not start: too few processes (ulimit -u, the Pod's process limit), or too little memory or address space (ulimit -v)",
        _ => "a line before this one may say why; if not, run proa --check in this container",
    });

    public static WorkerEnd OfSignal(int signal) => new("it was killed by " + Signals.Of(signal), Signals.Of(signal) switch
    {
        "SIGKILL" => Memory,
        "SIGABRT" => "the .NET runtime gave up, and a line before this one may say why: too few processes (ulimit -u, the Pod's process limit), or too little memory",
        "SIGSEGV" or "SIGBUS" or "SIGILL" or "SIGFPE" or "SIGTRAP" => "this is a fault in proa, or the container is short of stack or address space (ulimit -s, ulimit -v): report it with the output of proa --version",
        "SIGSYS" => "the seccomp profile ends what makes a system call that it does not know: use the profile RuntimeDefault",
        "SIGXFSZ" => "files may not be as large as they must be (ulimit -f): allow 1 MiB at least",
        "SIGXCPU" => "the limit of CPU time (ulimit -t) is used up: it counts for each process, and proa needs some seconds in a long wait",
        "SIGALRM" => "it has taken longer than it may: report it with the log at --log-level debug",
        _ => "something in the container has sent this signal to proa's process",
    });

    public static WorkerEnd OfStart(int errno, string errorText) => new("it could not be started from /proc/self/exe: " + errorText, errno switch
    {
        Errno.ENOENT or Errno.ENOTDIR => "is /proc mounted? proa starts itself from there",
        Errno.EAGAIN => Processes,
        Errno.ENOMEM => Memory,
        Errno.EPERM or Errno.EACCES or Errno.ENOSYS => "does the seccomp profile allow execve, and may this user execute proa (mode 755, no noexec mount)? proa starts itself anew",
        _ => "proa starts itself anew, from /proc",
    });

    /// <summary>It was ended by the supervisor, since it hung.</summary>
    /// <param name="exitCode">What follows from it, see <see cref="WorkerPulse.Overdue"/>.</param>
    public static WorkerEnd OfHang(int exitCode) => exitCode == ExitCodes.NotReadyInTime
        ? new("it hangs: it has not ended when its time was over", Processes)
        : new(string.Create(CultureInfo.InvariantCulture, $"it hangs: it has shown no sign of life for {WorkerPulse.LongestSilence.TotalSeconds} s"), Processes + ", and more CPU where it is throttled");

    private const int RuntimeNotStarted = 255; // NativeAOT's main, before any of our code
}
