namespace Proa.PodSimulator;

/// <summary>Wakes everybody who waits for a condition each time something changed. No polling, no clock.</summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource _next = Create();

    public void Pulse() => Interlocked.Exchange(ref _next, Create()).TrySetResult();

    public async Task WaitUntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Taken before the condition is looked at, so that a change in between is not missed.
            var next = Volatile.Read(ref _next).Task;
            if (condition()) return;
            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
