using Proa.Kubernetes;
using Proa.Linux;

namespace Proa.Workers;

/// <summary>The threads that a worker will have beside its own two: the .NET runtime, where it gets one too few, hangs or crashes without a word.</summary>
internal static class WorkerThreads
{
    /// <summary>
    /// Timers, sockets, the thread pool and the thread that watches over it, see build/native.props; and one more, as a thread that has just
    /// ended may still be counted.
    /// </summary>
    private const int Number = 5;

    /// <summary>Wakes the main thread, which waits for SIGTERM and has nothing else to do, when this is done.</summary>
    public static void WakeMainAfter(Task work) =>
#pragma warning disable RS0030 // A main thread that cannot be woken cannot return either.
        _ = work.ContinueWith(
            done => SignalQueue.WakeFromWait(otherwise: () => Environment.Exit(done.IsFaulted ? ExitCodes.WorkerFailed : 0)),
            TaskScheduler.Default);
#pragma warning restore RS0030

    /// <exception cref="CannotRunException">There cannot be so many.</exception>
    public static void Require()
    {
        if (Libc.proa_try_threads(Number) is not 0 and var errno)
            throw new CannotRunException(
                $"not enough threads can be started: {Libc.ErrorText(errno)}",
                $"allow {Number} processes more: the limits are ulimit -u, which counts all of this user on the node, and the Pod's own (pids.max)");
    }
}
