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
    /// <summary>The exit code, and why main was not started.</summary>
    public const int OwnArguments = 2;

    private const int LargestKnowledge = 16 * 1024 * 1024;
    private const uint HangSeconds = 60;
    private const uint HurrySeconds = 5;
    private static readonly TimeSpan _lastWord = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _lookTimeout = TimeSpan.FromSeconds(3);

    private readonly int _exitCode;
    private readonly Options _options;
    private readonly ILogger _log;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly CancellationTokenSource _hurried = new();
    private readonly PodView _pod;
    private readonly Farewell _farewell;
    private ShutdownPlan _plan;
    private ImmutableArray<SidecarLife> _told = [];
    private bool _mayBeSeen;
    private bool _wasAwaiting;
    private LostWay _way;

    private ShutdownWorker(int exitCode, Options options, ILogger log)
    {
        _exitCode = exitCode;
        _options = options;
        _log = log;
        _pod = new(Handover.FromBytes(Descriptors.ReadFile(Libc.StandardInput, LargestKnowledge)), options, _time, log);
        _mayBeSeen = !options.NoWait;
        _plan = Plan();
        _farewell = new(options, Libc.getppid(), () => _pod.Knowledge, () => Asking.Of(_pod.Knowledge?.Pod, _plan, _mayBeSeen, _options), log);
    }

    /// <summary>Shuts down.</summary>
    public static int Run(string exitCode, string whyNotStarted, Options options, ILogger log)
    {
        using var worker = new ShutdownWorker(int.Parse(exitCode, CultureInfo.InvariantCulture), options, log);
        if (whyNotStarted.Length > 0) TerminationMessage.Write(worker._pod.Knowledge, whyNotStarted);
        WorkerThreads.Require();
        using var life = new SignOfLife();
        if (options.EndsSidecars) worker.ShutDown();
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
            done => SignalQueue.WakeFromTerminate(otherwise: () => Environment.Exit(done.IsFaulted ? ExitCodes.WorkerFailed : 0)),
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
        // life's container ID.
        var isUnseen = _pod.Knowledge is null; // the worker "wait", where it knows who we are but not the Pod, has tried long enough
        if (_plan.Ask ? isUnseen || _options.SignalsSidecars : _plan.IsForRetry)
        {
            await LookAsync(_lookTimeout).ConfigureAwait(false);
            _plan = Plan();
        }

        if (!_plan.Ask)
        {
            _log.SidecarsLeft(_plan.Why);
            return;
        }

        var left = Left();
        SetAlarm(left);
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(_hurried.Token);
        budget.CancelAfter(left);
        var deadline = _time.GetTimestamp() + (long)(left.TotalSeconds * _time.TimestampFrequency);

        // A mesh's proxy waits for open connections before it ends: none of ours may be among them.
        _pod.Close();
        _wasAwaiting = !_plan.Awaited.IsEmpty || _pod.Knowledge?.Pod is null;
        _told = Lives();
        using (var asking = new CancellationTokenSource(ShutdownBudget.ForFirstAttempt(_pod.Knowledge?.Pod, left) ?? Timeout.InfiniteTimeSpan))
        {
            // A signal ends the waiting, but the sidecars are to hear of the end: without that the Pod might never complete.
            await using (_hurried.Token.Register(() => asking.CancelAfter(_lastWord)))
                await _farewell.TellAsync(asking.Token).ConfigureAwait(false);
        }

        _farewell.Retry(budget.Token);
        var isOver = await AwaitEndsAsync(budget, deadline).ConfigureAwait(false);
        await _farewell.StopAsync().ConfigureAwait(false);
        if (!isOver) _farewell.GiveUp();
    }

    private void SetAlarm(TimeSpan duration)
    {
        if (!_hurried.IsCancellationRequested) _ = Libc.alarm((uint)duration.TotalSeconds + HangSeconds);
    }

    private ShutdownPlan Plan()
    {
        var plan = ShutdownPlan.Decide(_pod.Knowledge?.Pod, _pod.Knowledge?.Container?.Name, _exitCode, _options);
        // An end that cannot be seen cannot be awaited.
        return _mayBeSeen ? plan : plan with { Awaited = [] };
    }

    private TimeSpan Left() => ShutdownBudget.Left(_pod.Knowledge?.Pod, _plan.Budget, _time.GetUtcNow());

    private ImmutableArray<SidecarLife> Lives() => SidecarLife.Running(_pod.Knowledge?.Pod, _plan.Awaited);

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
    private async Task<bool> AwaitEndsAsync(CancellationTokenSource budget, long deadline)
    {
        Task<Pod?>? next = null;
        try
        {
            while (!_plan.Awaited.IsEmpty || !_farewell.Retries.IsCompleted)
            {
                if (_mayBeSeen) next ??= NextAsync(budget.Token);
                if (next is null || !_farewell.Retries.IsCompleted) await Task.WhenAny(next ?? _farewell.Retries, _farewell.Retries).ConfigureAwait(false);
                else await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (next is not { IsCompleted: true }) continue;
                var pod = await next.ConfigureAwait(false);
                next = null;
                if (pod is null ? await IsWayLostAsync(budget.Token).ConfigureAwait(false) : await IsOverAsync(pod, budget, deadline).ConfigureAwait(false)) return true;
            }
        }
        catch (OperationCanceledException) when (_hurried.IsCancellationRequested)
        {
            if (!_plan.Awaited.IsEmpty) _log.WaitEndedBySignal();
        }
        catch (OperationCanceledException)
        {
            if (!_plan.Awaited.IsEmpty) ReportTimeout();
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
    private async Task<bool> IsOverAsync(Pod pod, CancellationTokenSource budget, long deadline)
    {
        var awaited = _plan.Awaited;
        _way = default;
        _plan = Plan();
        if (!_plan.Ask)
        {
            // It was not known before.
            _log.SidecarsLeft(_plan.Why);
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
            Report(pod);
            return true;
        }

        _wasAwaiting = true;
        var begun = Lives().Except(_told).ToImmutableArray();
        if (begun.IsEmpty) return false;
        _told = _told.AddRange(begun);
        var names = begun.Select(life => life.Name).ToImmutableArray();
        _log.AskedAgain(string.Join(", ", names));
        await _farewell.TellAgainAsync(names, budget.Token).ConfigureAwait(false);
        return false;
    }

    /// <summary>
    /// A mesh's proxy that has ended takes our way to the API server with it. It has been asked and nobody listens any more; while its
    /// port is open it still serves others.
    /// </summary>
    private async Task<bool> IsWayLostAsync(CancellationToken cancellation)
    {
        var now = _time.GetElapsedTime(0);
        _way = _way.After(_pod.Failure, now);
        if (!_way.Is(now) || !_farewell.IsHeard || !await _farewell.NobodyListensAsync(cancellation).ConfigureAwait(false)) return false;
        _log.SidecarsGone(_pod.Failure!.Message);
        return true;
    }

    /// <summary>The API server cannot be asked any more. After 125 the worker "wait" has said it already.</summary>
    private void ReportUnseen(CannotRunException e)
    {
        _mayBeSeen = false;
        _log.CannotSeePod(_exitCode == ExitCodes.CannotRun ? LogLevel.Debug : LogLevel.Warning, e.Message, e.Hint);
    }

    private void Report(Pod pod)
    {
        var report = ShutdownReport.Of(pod, _pod.Knowledge!.Container!.Name, _options);
        _log.SidecarsEnded(report.Ends);
        if (!report.Failing.IsEmpty)
            _log.PodWillFail(string.Join(", ", report.Failing), report.IsBySignal
                ? "ask such a sidecar over HTTP rather than by a signal, or let it exit with 0 on SIGTERM (the Cloud SQL Auth Proxy: --exit-zero-on-sigterm)"
                : "kubectl logs of such a sidecar tells why it did not exit with 0");
        if (!report.Restarting.IsEmpty) ReportRestarts(report.Restarting);
    }

    private void ReportTimeout()
    {
        var pod = _pod.Knowledge!.Pod!;
        var awaited = Sidecar.Of(pod, _pod.Knowledge.Container!.Name, _options).Where(s => _plan.Awaited.Contains(s.Name)).ToImmutableArray();
        _log.SidecarsStillRun(
            string.Join(", ", awaited.Select(s => s.Status is { State.Running: not null } ? s.Name : $"{s.Name} ({s.Describe()})")),
            Duration.Format(_plan.Budget),
            "does one of the shutdown requests or --kill reach them? One that ends only after main is left out with --ignore");
        var restarting = ShutdownReport.Of(pod, _pod.Knowledge.Container.Name, _options).Restarting;
        if (!restarting.IsEmpty) ReportRestarts(restarting);
    }

    private void ReportRestarts(ImmutableArray<string> sidecars) =>
        _log.SidecarsRestart(string.Join(", ", sidecars), "the Pod completes only when they stay ended: make them native sidecars (init containers with restartPolicy Always)");

    public void Dispose()
    {
        _farewell.Dispose();
        _pod.Dispose();
        _hurried.Dispose();
    }
}
