using Proa.Identity;
using Proa.Linux;
using Proa.Logging;
using Proa.Workers;

namespace Proa.Commands;

/// <summary><c>proa --wait-only</c>: the wait alone, in this process and without a supervisor.</summary>
internal static class WaitCommand
{
    /// <param name="isContainers">Whether this is what the container was started with.</param>
    /// <returns>0; 124 or 125 after an error that is logged; as PID 1 128+n where signal n ended it.</returns>
    public static int Run(Options options, bool isContainers, Log log)
    {
        _ = Libc.prctl(Libc.PrSetDumpable, 0, 0, 0, 0); // it may have the token in memory
        using var worker = new WaitWorker(options, log) { IsWorker = false, IsContainers = isContainers };
        if (Libc.getpid() == ProcessStat.Init) return RunAsInit(worker);
        // A signal ends it as it ends any program.
        Libc.proa_unblock_signals();
        return worker.WaitAsync().GetAwaiter().GetResult();
    }

    /// <summary>The kernel ends no PID 1 by a signal that nobody handles.</summary>
    private static int RunAsInit(WaitWorker worker)
    {
        var work = worker.WaitAsync();
#pragma warning disable RS0030 // This thread cannot be woken, so it cannot return either.
        _ = work.ContinueWith(
            done => SignalQueue.WakeFromWait(otherwise: () => Environment.Exit(done.IsCompletedSuccessfully ? done.Result : ExitCodes.CannotRun)),
            TaskScheduler.Default);
#pragma warning restore RS0030
        var signal = SignalQueue.WaitForEnd();
        return work.IsCompleted ? work.GetAwaiter().GetResult() : ExitCodes.OfSignal(signal);
    }
}
