namespace Proa.Linux;

/// <summary>
/// The threads that the .NET runtime starts when they are needed, up to four: for timers, sockets, the thread pool, and what watches over it
/// (build/native.props).
/// </summary>
internal static class Threads
{
    /// <summary>From here on this process says so and ends where one cannot be started (start.c).</summary>
    public static void Require() => Libc.proa_need_threads();

    /// <summary>Waits for it no longer than this. (Task.WaitAsync: Task&lt;T&gt;.WaitAsync would be compiled for each T.)</summary>
    /// <exception cref="OperationCanceledException">It is not done yet, and goes on.</exception>
    public static async Task<T> Within<T>(this Task<T> work, CancellationToken cancellation)
    {
        await ((Task)work).WaitAsync(cancellation).ConfigureAwait(false);
        return await work.ConfigureAwait(false);
    }

    /// <summary>Does work on a thread of its own, where it can be done without.</summary>
    /// <exception cref="TaskSchedulerException">The thread cannot be started.</exception>
    public static Task<T> Try<T>(Func<T> work)
    {
        Libc.proa_can_do_without_thread(1);
        try
        {
            return Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            Libc.proa_can_do_without_thread(0);
        }
    }
}
