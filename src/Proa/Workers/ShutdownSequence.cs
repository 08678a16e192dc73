using System.Collections.Immutable;
using Proa.Ending;
using Proa.Linux;
using Proa.Logging;
using Proa.Pods;
using Proa.Sidecars;
using Proa.Watching;

namespace Proa.Workers;

/// <summary>Carries out the plan: one step after the other, and then waits for whoever has not ended.</summary>
/// <param name="deadline">The end of the budget, as <paramref name="time"/>'s timestamp.</param>
/// <param name="hurried">Cancelled when nothing is waited for any longer.</param>
internal sealed class ShutdownSequence(
    LivePlan plan, EndReport report, TimeProvider time, long deadline, Log log, CancellationToken hurried) : IDisposable
{
    private static readonly TimeSpan _lastWord = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _portInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _firstLook = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _longestLook = TimeSpan.FromSeconds(2);

    private readonly Farewell _farewell = new(Libc.getppid(), () => plan.Known, () => plan.Now, log);
    private readonly CancellationTokenSource _budget = CancellationTokenSource.CreateLinkedTokenSource(hurried);
    private CancellationTokenSource? _looking;
    private Task<Pod?>? _next;
    private ShutdownPhase? _phase;
    private TimeSpan _share;
    private long _stepEnd;
    private bool _looksSingly;
    private TimeSpan _lookDelay = _firstLook;
    private ImmutableArray<SidecarLife> _told = [];
    private bool _wasAwaiting;
    private LostWay _way;

    private IEnumerable<ShutdownStep> Due => plan.Now.Steps.Where(s => s.Phase <= _phase);

    private IEnumerable<ShutdownStep> Later => plan.Now.Steps.Where(s => !(s.Phase <= _phase));

    private bool IsAwaiting => !plan.Now.Awaited.IsEmpty;

    private ImmutableArray<string> AwaitedNow => _phase is { } phase ? plan.Now.AwaitedUntil(phase) : [];

    private string Self => plan.Known!.Container!.Name;

    private TimeSpan Left => Until(deadline);

    /// <summary>Whether no state of the Pod will tell who has ended.</summary>
    private bool IsBlind => plan.Known?.Pod is null || !plan.MayBeSeen;

    public async Task RunAsync()
    {
        var left = Left;
        _budget.CancelAfter(left);
        _wasAwaiting = IsAwaiting || plan.Known?.Pod is null;
        // Where no end is awaited there is nothing to put in order.
        await BeginAsync(isAll: left == TimeSpan.Zero || !_wasAwaiting).ConfigureAwait(false);
        var limit = ShutdownBudget.ForFirstAttempt(plan.Known?.Pod, left) ?? Timeout.InfiniteTimeSpan;
        using (var asking = new CancellationTokenSource(Later.Any() ? _share : limit))
        {
            // A signal ends the waiting, but the sidecars are to hear of the end: without that the Pod might never complete.
            await using (hurried.Register(() => asking.CancelAfter(_lastWord)))
                await _farewell.TellAsync(Due, asking.Token).ConfigureAwait(false);
        }

        _farewell.Retry(_budget.Token);
        var isOver = await AwaitEndsAsync().ConfigureAwait(false);
        await _farewell.StopAsync().ConfigureAwait(false);
        if (Later.Any())
        {
            using var asking = new CancellationTokenSource(_lastWord);
            await _farewell.TellAsync(Later, asking.Token).ConfigureAwait(false);
        }

        if (!isOver) _farewell.GiveUp();
    }

    /// <summary>Goes on while a step is to come, a sidecar's end is awaited, or one is to be told again.</summary>
    /// <returns>Whether none need be told any more.</returns>
    private async Task<bool> AwaitEndsAsync()
    {
        try
        {
            while (Later.Any() || IsAwaiting || !_farewell.Retries.IsCompleted)
            {
                if (Later.Any() && await IsStepOverAsync().ConfigureAwait(false))
                {
                    await BeginAsync().ConfigureAwait(false);
                    await _farewell.AddAsync(Due, _budget.Token).ConfigureAwait(false);
                    continue;
                }

                if (plan.MayBeSeen) _next ??= NextAsync((_looking ??= CancellationTokenSource.CreateLinkedTokenSource(_budget.Token)).Token);
                await Task.WhenAny(Signs()).ConfigureAwait(false);
                _budget.Token.ThrowIfCancellationRequested();
                if (_next is not { IsCompleted: true }) continue;
                var pod = await _next.ConfigureAwait(false);
                _next = null;
                if (pod is null ? await IsWayLostAsync().ConfigureAwait(false) : await IsOverAsync(pod).ConfigureAwait(false)) return true;
            }
        }
        catch (OperationCanceledException) when (hurried.IsCancellationRequested)
        {
            if (IsAwaiting) log.WaitEndedBySignal();
        }
        catch (OperationCanceledException)
        {
            if (IsAwaiting) report.StillRun(plan.Known!.Pod!, Self, plan.Now);
        }
        finally
        {
            await _budget.CancelAsync().ConfigureAwait(false);
            await StopLookingAsync().ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>What may be the next to happen.</summary>
    private IEnumerable<Task> Signs()
    {
        if (_next is not null) yield return _next;
        if (!_farewell.Retries.IsCompleted) yield return _farewell.Retries;
        if (!Later.Any()) yield break;
        var left = Until(_stepEnd);
        // Without the Pod's states the ports alone tell of an end, and no event tells of a port.
        yield return Task.Delay(left < _portInterval || !(IsBlind || _farewell.Retries.IsCompleted) ? left : _portInterval, time, _budget.Token);
    }

    /// <summary>Whether the next step may begin: all have ended who were asked, or their share of the budget has.</summary>
    private async Task<bool> IsStepOverAsync() =>
        Until(_stepEnd) == TimeSpan.Zero
        || (IsBlind
            ? _farewell.Retries.IsCompleted && await _farewell.NoneListensAsync(_budget.Token).ConfigureAwait(false)
            : _farewell.IsSaid && AwaitedNow.IsEmpty);

    /// <summary>Begins the next step, or all that are left. What it sends is then due.</summary>
    private async Task BeginAsync(bool isAll = false)
    {
        if (!AwaitedNow.IsEmpty && !isAll)
            log.NextStep(string.Join(", ", AwaitedNow), Duration.Format(TimeSpan.FromSeconds(Math.Round(_share.TotalSeconds, 1))));
        _phase = isAll ? ShutdownPhase.Network : Later.FirstOrDefault()?.Phase ?? ShutdownPhase.Network;
        _share = ShutdownStep.Share(Left, 1 + Later.Count());
        _stepEnd = time.GetTimestamp() + (long)(_share.TotalSeconds * time.TimestampFrequency);
        _told = [.. _told.Concat(SidecarLife.Told(plan.Known?.Pod, AwaitedNow)).Distinct()];
        if (_looksSingly || !Due.Any(s => s.Phase == ShutdownPhase.Network)) return;
        // A mesh's proxy waits for open connections before it ends: none of ours may be among them.
        await StopLookingAsync().ConfigureAwait(false);
        plan.LookSingly();
        _looksSingly = true;
    }

    private async Task StopLookingAsync()
    {
        if (_looking is not null) await _looking.CancelAsync().ConfigureAwait(false);
        if (_next is not null) await ((Task)_next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _looking?.Dispose();
        (_looking, _next) = (null, null);
    }

    /// <summary>The Pod's next state, or null where there is none this time.</summary>
    private async Task<Pod?> NextAsync(CancellationToken cancellation)
    {
        // After a failure the watch itself waits.
        if (_looksSingly && plan.Failure is null) await PauseAsync(cancellation).ConfigureAwait(false);
        return await plan.NextAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>A port that is closed is the first sign of an end; the kubelet tells of it a little later. Without it, a look now and then is enough.</summary>
    private async Task PauseAsync(CancellationToken cancellation)
    {
        var listening = await _farewell.CountListeningAsync(cancellation).ConfigureAwait(false);
        if (listening == 0)
        {
            await Task.Delay(_lookDelay, time, cancellation).ConfigureAwait(false);
            _lookDelay = _lookDelay < _longestLook / 2 ? 2 * _lookDelay : _longestLook;
            return;
        }

        _lookDelay = _firstLook;
        var began = time.GetTimestamp();
        do await Task.Delay(_portInterval, time, cancellation).ConfigureAwait(false);
        while (time.GetElapsedTime(began) < _longestLook && await _farewell.CountListeningAsync(cancellation).ConfigureAwait(false) >= listening);
    }

    /// <summary>Whether all is done, by a state of the Pod. Sidecars that have been started again are told again.</summary>
    private async Task<bool> IsOverAsync(Pod pod)
    {
        var wasAwaiting = IsAwaiting;
        _way = default;
        plan.Update();
        if (!plan.Now.Asks)
        {
            // It was not known before.
            log.SidecarsLeft(plan.Now.Ask.Why);
            return true;
        }

        if (pod.IsEnding)
        {
            if (wasAwaiting) log.NotAwaited(pod.IsBeingDeleted ? "the Pod is being deleted" : "the Pod has failed");
            // Only who is still to be asked can delay us now, and no longer than this.
            var left = plan.Left();
            _budget.CancelAfter(left < Left ? left : Left);
            await BeginAsync(isAll: true).ConfigureAwait(false);
            if (left > TimeSpan.Zero) await TellDueAsync().ConfigureAwait(false);
            return left == TimeSpan.Zero;
        }

        if (!IsAwaiting)
        {
            if (!_wasAwaiting || Later.Any()) return false;
            report.Ended(pod, Self);
            return true;
        }

        _wasAwaiting = true;
        // Known sidecars, where the Pod is seen only now.
        await TellDueAsync().ConfigureAwait(false);
        var begun = SidecarLife.Running(pod, AwaitedNow).Where(life => !_told.Any(life.Is)).ToImmutable();
        if (begun.IsEmpty) return false;
        _told = [.. _told, .. begun];
        var names = begun.Select(life => life.Name).ToImmutable();
        log.AskedAgain(string.Join(", ", names));
        await _farewell.TellAgainAsync(names, _budget.Token).ConfigureAwait(false);
        return false;
    }

    private async Task TellDueAsync()
    {
        if (_farewell.IsNew(Due)) await _farewell.AddAsync(Due, _budget.Token).ConfigureAwait(false);
    }

    /// <summary>
    /// A mesh's proxy that has ended takes our way to the API server with it. It has been asked and none listens any more; while its
    /// port is open it still serves others.
    /// </summary>
    private async Task<bool> IsWayLostAsync()
    {
        var now = time.GetElapsedTime(0);
        _way = _way.After(plan.Failure, now);
        if (!_way.Is(now) || !_farewell.IsHeard || !await _farewell.NoneListensAsync(_budget.Token).ConfigureAwait(false)) return false;
        log.SidecarsGone(plan.Failure!.Message);
        return true;
    }

    private TimeSpan Until(long timestamp) =>
        time.GetElapsedTime(time.GetTimestamp(), timestamp) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    public void Dispose()
    {
        _looking?.Dispose();
        _budget.Dispose();
        _farewell.Dispose();
    }
}
