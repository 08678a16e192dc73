using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Proa.Ending;
using Proa.Identity;
using Proa.Kubernetes;
using Proa.Linux;
using Proa.Logging;
using Proa.Pods;
using Proa.Sidecars;
using Proa.Watching;

namespace Proa.Workers;

/// <summary>The worker "shutdown": asks the sidecars to stop, waits for them, and reports how they ended. What it knows is on stdin.</summary>
internal sealed class ShutdownWorker : IDisposable
{
    /// <summary>The exit code, why main was not started, and whether it has run.</summary>
    public const int OwnArguments = 3;

    /// <summary>The last of them, where main has run.</summary>
    public const string AfterCommand = "after main";

    private const int LargestHandover = 16 * 1024 * 1024;
    private const uint HangSeconds = 60;
    private const uint HurrySeconds = 5;
    private static readonly TimeSpan _lastWord = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _lookTimeout = TimeSpan.FromSeconds(3);

    private readonly int _exitCode;
    private readonly EndingRule _rule;
    private readonly TimeSpan _delay;
    private readonly ILogger _log;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly CancellationTokenSource _hurried = new();
    private readonly PodView _pod;
    private readonly EndReport _report;
    private ShutdownPlan _plan;
    private ImmutableArray<SidecarLife> _told = [];
    private bool _mayBeSeen;
    private bool _wasAwaiting;
    private LostWay _way;

    private ShutdownWorker(int exitCode, bool hasMainRun, Options options, ILogger log)
    {
        _exitCode = exitCode;
        _rule = EndingRule.Of(options);
        _delay = hasMainRun ? options.ShutdownDelay : TimeSpan.Zero;
        _report = new(_rule.Ignore, log);
        _log = log;
        _pod = new(Handover.FromBytes(Descriptors.ReadFile(Libc.StandardInput, LargestHandover)), options, _time, log);
        _mayBeSeen = options.AsksApi;
        _plan = Plan();
    }

    /// <summary>Shuts down.</summary>
    public static int Run(string[] own, Options options, ILogger log)
    {
        using var worker = new ShutdownWorker(int.Parse(own[0], CultureInfo.InvariantCulture), own[2] == AfterCommand, options, log);
        if (own[1].Length > 0) TerminationMessage.Write(worker._pod.Known, own[1]);
        WorkerThreads.Require();
        using var life = new SignOfLife();
        if (worker._rule.MayHaveWork(worker._mayBeSeen)) worker.ShutDown();
        return 0;
    }

    /// <summary>This thread has nothing else to do, and hears of SIGTERM: another one less.</summary>
    private void ShutDown()
    {
        // Should we hang for a reason nobody thought of, the kernel ends us.
        SetAlarm(TimeSpan.Zero);
        var work = ShutDownAsync();
#pragma warning disable RS0030 // This thread cannot be woken, so it cannot return either.
        _ = work.ContinueWith(
            done => SignalQueue.WakeFromWait(otherwise: () => Environment.Exit(done.IsFaulted ? ExitCodes.WorkerFailed : 0)),
            TaskScheduler.Default);
#pragma warning restore RS0030
        while (!work.IsCompleted)
        {
            SignalQueue.WaitForTerminate();
            if (work.IsCompleted) break;
            // From here on a word or two is all that is left to say, and no other signal ends us.
            _ = Libc.alarm(HurrySeconds);
            _hurried.Cancel();
        }

        work.GetAwaiter().GetResult();
    }

    private async Task ShutDownAsync()
    {
        // What was last seen may already make it certain that the sidecars are to be asked. Else the Pod is looked at now: its
        // deletion, which ends every restart, may have come since. So may another life of a sidecar, and a process is told by that
        // life's container ID; and who delays is to know how long the Pod lets it.
        var isUnseen = _pod.Known is null; // the worker "wait", where it knows who we are but not the Pod, has tried long enough
        if (isUnseen || (_plan.Asks ? !_plan.Processes.IsEmpty || _delay > TimeSpan.Zero : _plan.IsForRetry))
        {
            // Where the user asks for nothing, only the Pod can tell that there is a sidecar to ask; after a signal the Pod may be ending.
            await LookAsync(_plan.IsIdle && _exitCode < ExitCodes.OfSignal(0) ? _plan.Budget : _lookTimeout).ConfigureAwait(false);
            _plan = Plan();
        }

        if (_plan.IsIdle) return;
        foreach (var (request, sidecar) in _plan.Withheld) _log.NativeNotAsked(request.Describe(), sidecar);
        if (!_plan.Asks)
        {
            _log.SidecarsLeft(_plan.Ask.Why);
            return;
        }

        var left = Left();
        SetAlarm(left);
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(_hurried.Token);
        budget.CancelAfter(left);
        var deadline = _time.GetTimestamp() + (long)(left.TotalSeconds * _time.TimestampFrequency);

        // A mesh's proxy waits for open connections before it ends: none of ours may be among them.
        _pod.Close();
        var delay = ShutdownBudget.Delay(_delay, left);
        await DelayAsync(delay).ConfigureAwait(false);
        _wasAwaiting = !_plan.Awaited.IsEmpty || _pod.Known?.Pod is null;
        _told = Lives();
        using var farewell = new Farewell(_plan.Requests, _plan.Processes, Libc.getppid(), () => _pod.Known, () => _plan.Expectation, _log);
        left -= delay;
        using (var asking = new CancellationTokenSource(ShutdownBudget.ForFirstAttempt(_pod.Known?.Pod, left) ?? Timeout.InfiniteTimeSpan))
        {
            // A signal ends the waiting, but the sidecars are to hear of the end: without that the Pod might never complete.
            await using (_hurried.Token.Register(() => asking.CancelAfter(_lastWord)))
                await farewell.TellAsync(asking.Token).ConfigureAwait(false);
        }

        farewell.Retry(budget.Token);
        var isOver = await AwaitEndsAsync(farewell, budget, deadline).ConfigureAwait(false);
        await farewell.StopAsync().ConfigureAwait(false);
        if (!isOver) farewell.GiveUp();
    }

    /// <summary>What main has said last has this long to leave the sidecars.</summary>
    private async Task DelayAsync(TimeSpan delay)
    {
        if (delay == TimeSpan.Zero) return;
        _log.ShutdownDelayed(Duration.Format(delay));
        await Task.Delay(delay, _time, _hurried.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_hurried.IsCancellationRequested) _log.DelayEndedBySignal();
    }

    private void SetAlarm(TimeSpan duration)
    {
        if (!_hurried.IsCancellationRequested) _ = Libc.alarm((uint)duration.TotalSeconds + HangSeconds);
    }

    private ShutdownPlan Plan() => ShutdownPlan.Decide(_pod.Known?.Pod, _pod.Known?.Container?.Name, _exitCode, _rule, _mayBeSeen);

    private string Self => _pod.Known!.Container!.Name;

    private TimeSpan Left() => ShutdownBudget.Left(_pod.Known?.Pod, _plan.Budget, _time.GetUtcNow());

    private ImmutableArray<SidecarLife> Lives() => SidecarLife.Running(_pod.Known?.Pod, _plan.Awaited);

    /// <summary>Looks at the Pod as it is now, if the API server lets us in this time.</summary>
    private async Task LookAsync(TimeSpan timeout)
    {
        if (!_mayBeSeen) return;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_hurried.Token);
        deadline.CancelAfter(timeout);
        try
        {
            while (await _pod.NextAsync(deadline.Token).ConfigureAwait(false) is null)
            {
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (CannotRunException e)
        {
            ReportUnseen(e);
        }
    }

    /// <summary>Goes on while a sidecar's end is awaited or one is to be told again.</summary>
    /// <returns>Whether nobody need be told any more.</returns>
    private async Task<bool> AwaitEndsAsync(Farewell farewell, CancellationTokenSource budget, long deadline)
    {
        Task<Pod?>? next = null;
        try
        {
            while (!_plan.Awaited.IsEmpty || !farewell.Retries.IsCompleted)
            {
                if (_mayBeSeen) next ??= NextAsync(budget.Token);
                if (next is null || !farewell.Retries.IsCompleted) await Task.WhenAny(next ?? farewell.Retries, farewell.Retries).ConfigureAwait(false);
                else await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (next is not { IsCompleted: true }) continue;
                var pod = await next.ConfigureAwait(false);
                next = null;
                if (pod is null
                    ? await IsWayLostAsync(farewell, budget.Token).ConfigureAwait(false)
                    : await IsOverAsync(farewell, pod, budget, deadline).ConfigureAwait(false))
                    return true;
            }
        }
        catch (OperationCanceledException) when (_hurried.IsCancellationRequested)
        {
            if (!_plan.Awaited.IsEmpty) _log.WaitEndedBySignal();
        }
        catch (OperationCanceledException)
        {
            if (!_plan.Awaited.IsEmpty) _report.StillRun(_pod.Known!.Pod!, Self, _plan);
        }
        finally
        {
            await budget.CancelAsync().ConfigureAwait(false);
            if (next is not null) await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    /// <summary>The Pod's next state, or null where there is none this time.</summary>
    private async Task<Pod?> NextAsync(CancellationToken cancellation)
    {
        try
        {
            return await _pod.NextAsync(cancellation).ConfigureAwait(false);
        }
        catch (CannotRunException e)
        {
            ReportUnseen(e);
            _plan = Plan();
            return null;
        }
    }

    /// <summary>Whether all is done, by a state of the Pod. Sidecars that have been started again are told again.</summary>
    private async Task<bool> IsOverAsync(Farewell farewell, Pod pod, CancellationTokenSource budget, long deadline)
    {
        var awaited = _plan.Awaited;
        _way = default;
        _plan = Plan();
        if (!_plan.Asks)
        {
            // It was not known before.
            _log.SidecarsLeft(_plan.Ask.Why);
            return true;
        }

        if (pod.IsEnding)
        {
            if (!awaited.IsEmpty) _log.NotAwaited(pod.IsBeingDeleted ? "the Pod is being deleted" : "the Pod has failed");
            // Only who is still to be asked can delay us now, and no longer than this.
            var rest = _time.GetElapsedTime(_time.GetTimestamp(), deadline);
            var left = Left();
            budget.CancelAfter(left < rest ? left : rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
            return left == TimeSpan.Zero;
        }

        if (_plan.Awaited.IsEmpty)
        {
            if (!_wasAwaiting) return false;
            _report.Ended(pod, Self);
            return true;
        }

        _wasAwaiting = true;
        // Known sidecars, where the Pod is seen only now.
        await farewell.AddAsync(_plan.Requests, budget.Token).ConfigureAwait(false);
        var begun = Lives().Except(_told).ToImmutableArray();
        if (begun.IsEmpty) return false;
        _told = _told.AddRange(begun);
        var names = begun.Select(life => life.Name).ToImmutableArray();
        _log.AskedAgain(string.Join(", ", names));
        await farewell.TellAgainAsync(names, budget.Token).ConfigureAwait(false);
        return false;
    }

    /// <summary>
    /// A mesh's proxy that has ended takes our way to the API server with it. It has been asked and nobody listens any more; while its
    /// port is open it still serves others.
    /// </summary>
    private async Task<bool> IsWayLostAsync(Farewell farewell, CancellationToken cancellation)
    {
        var now = _time.GetElapsedTime(0);
        _way = _way.After(_pod.Failure, now);
        if (!_way.Is(now) || !farewell.IsHeard || !await farewell.NobodyListensAsync(cancellation).ConfigureAwait(false)) return false;
        _log.SidecarsGone(_pod.Failure!.Message);
        return true;
    }

    /// <summary>The API server cannot be asked any more. After 125 the worker "wait" has said it already.</summary>
    private void ReportUnseen(CannotRunException e)
    {
        _mayBeSeen = false;
        _log.CannotSeePod(_exitCode == ExitCodes.CannotRun ? LogLevel.Debug : LogLevel.Warning, e.Message, e.Hint);
    }

    public void Dispose()
    {
        _pod.Dispose();
        _hurried.Dispose();
    }
}
