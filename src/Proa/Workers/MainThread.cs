using Proa.Linux;

namespace Proa.Workers;

/// <summary>A worker's main thread, which waits while others work.</summary>
internal static class MainThread
{
    /// <summary>Wakes it, which waits for SIGTERM and has nothing else to do, when this is done.</summary>
    public static void WakeAfter(Task work) =>
#pragma warning disable RS0030 // A main thread that cannot be woken cannot return either.
        _ = work.ContinueWith(
            done => SignalQueue.WakeFromWait(otherwise: () => Environment.Exit(done.IsFaulted ? ExitCodes.WorkerFailed : 0)),
            TaskScheduler.Default);
#pragma warning restore RS0030
}
