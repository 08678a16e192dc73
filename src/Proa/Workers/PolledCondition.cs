using Proa.Logging;
using Proa.Waiting;

namespace Proa.Workers;

/// <summary>A condition that nobody reports: it is looked at time and again, also while it holds, as it may cease to.</summary>
internal abstract class PolledCondition(string what, Look none, TimeProvider time, Log log) : ICondition
{
    private readonly HashSet<string> _said = [];
    private TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Look _look = none;
    private TimeSpan _delay;

    /// <summary>What is waited for, as it may be logged.</summary>
    public string What { get; } = what;

    /// <summary>What the last look came to.</summary>
    public Look Look => _look;

    public ConditionState State => _look.Of(What);

    public async Task NextAsync(CancellationToken cancellation)
    {
        await PauseAsync(cancellation).ConfigureAwait(false);
        var look = await LookOnceAsync(cancellation).ConfigureAwait(false);
        _delay = LookDelay.After(look.Readiness == Readiness.Start, _look.Readiness == Readiness.Start, _delay);
        if (look != _look) Report(look);
        _look = look;
    }

    public bool LookAgain()
    {
        _hurry.TrySetResult();
        return true;
    }

    /// <summary>Looks once, with a deadline.</summary>
    public async Task<Look> LookOnceAsync(CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(NetworkLook.Patience);
        var look = await TryAsync(deadline.Token).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        return look;
    }

    /// <summary>One attempt, which says so itself where the deadline is over.</summary>
    protected abstract Task<Look> TryAsync(CancellationToken deadline);

    private async Task PauseAsync(CancellationToken cancellation)
    {
        if (_delay > TimeSpan.Zero) await Task.WhenAny(Task.Delay(_delay, time, cancellation), _hurry.Task).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        if (_hurry.Task.IsCompleted) _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Each reason that it does not hold is said once, until it has held. What never will is left to the error that it becomes.</summary>
    private void Report(Look look)
    {
        if (look.Readiness == Readiness.Start) _said.Clear();
        if (look.Readiness != Readiness.Never && _said.Add(look.Outcome)) log.ConditionChanged(What, look.Outcome);
    }

    public virtual void Dispose()
    {
    }
}
