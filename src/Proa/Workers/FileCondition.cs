using Proa.Linux;
using Proa.Logging;
using Proa.Waiting;

namespace Proa.Workers;

/// <summary><c>--wait-file</c>: the file exists and is not empty.</summary>
internal sealed class FileCondition(string path, TimeProvider time, Log log) : PolledCondition(path, FileLook.None, time, log)
{
    private Task<Look>? _look;

    /// <summary>On a thread of its own: a file system whose daemon is not up keeps it, and the thread pool has no other. Such a look is waited for.</summary>
    protected override async Task<Look> TryAsync(CancellationToken deadline)
    {
        try
        {
            _look ??= Threads.Try(() => Files.Look(What));
            var look = await _look.Within(deadline).ConfigureAwait(false);
            _look = null;
            return look;
        }
        catch (OperationCanceledException)
        {
            return FileLook.Silent;
        }
        catch (TaskSchedulerException)
        {
            return FileLook.NoThread;
        }
    }
}
