using Microsoft.Extensions.Logging;
using Proa.Kubernetes;
using Proa.Linux;
using Proa.Logging;
using Proa.Waiting;

namespace Proa.Workers;

/// <summary>The worker "wait": waits until main may start, and hands what it knows to the supervisor, on stdout.</summary>
internal sealed class WaitWorker(Options options, ILogger log) : IDisposable
{
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private PodReadiness? _pod;
    private ICondition[] _conditions = [];
    private TimeSpan _lastSaid;

    private TimeSpan Elapsed => _time.GetElapsedTime(_began);

    /// <summary>Waits. The exit code is 0 when main may start, else 124 or 125.</summary>
    public static int Run(Options options, ILogger log)
    {
        using var worker = new WaitWorker(options, log);
        var exitCode = worker.WaitAsync().GetAwaiter().GetResult();
        if (worker._pod is { } pod) Descriptors.WriteFile(Libc.StandardOutput, pod.Handover.ToBytes());
        return exitCode;
    }

    private async Task<int> WaitAsync()
    {
        using var deadline = new CancellationTokenSource();
        try
        {
            WorkerThreads.Require();
            using var life = new SignOfLife();
            deadline.CancelAfter(options.ReadyTimeout ?? Timeout.InfiniteTimeSpan);
            _pod = new(options, _time, log);
            _conditions = [_pod];
            await HoldAsync(deadline.Token).ConfigureAwait(false);
            return _pod.HasNothingToEnd ? ExitCodes.NothingToEnd : 0;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            var (cause, hint) = (LongWait.Of(States, isLimited: true).Why, string.Join("; ", States.Select(s => s.Hint).Where(h => h.Length > 0)));
            return Refuse(ExitCodes.NotReadyInTime, $"the sidecars were not ready within {Duration.Format(options.ReadyTimeout!.Value)}: {cause}", hint);
        }
        catch (CannotRunException e)
        {
            return Refuse(ExitCodes.CannotRun, e.Message, e.Hint);
        }
    }

    private IEnumerable<ConditionState> States => _conditions.Select(c => c.State);

    /// <summary>Returns when all conditions hold.</summary>
    /// <exception cref="CannotRunException">One never will.</exception>
    private async Task HoldAsync(CancellationToken cancellation)
    {
        var steps = new Task?[_conditions.Length];
        var (alarm, alarmAt) = (Task.CompletedTask, TimeSpan.Zero);
        while (true)
        {
            for (var i = 0; i < steps.Length; i++) steps[i] ??= _conditions[i].NextAsync(cancellation);
            var due = LongWait.Next(_lastSaid);
            if (alarm.IsCompleted || due < alarmAt) (alarm, alarmAt) = (Task.Delay(due - Elapsed, _time, CancellationToken.None), due);
            await Task.WhenAny([.. steps!, alarm]).ConfigureAwait(false);
            for (var i = 0; i < steps.Length; i++)
            {
                if (steps[i] is not { IsCompleted: true } done) continue;
                steps[i] = null;
                await done.ConfigureAwait(false);
            }

            if (States.FirstOrDefault(s => s.Readiness == Readiness.Never) is { } never)
                throw new CannotRunException("cannot start main: " + never.Why, never.Hint);
            if (States.All(s => s.Readiness == Readiness.Start)) return;
            SayThatItLasts();
        }
    }

    private void SayThatItLasts()
    {
        if (Elapsed < LongWait.Next(_lastSaid)) return;
        var wait = LongWait.Of(States, options.ReadyTimeout is not null);
        log.WaitLasts(Duration.Format(TimeSpan.FromSeconds(Math.Floor(Elapsed.TotalSeconds))), wait.Why, wait.Hint);
        _lastSaid = Elapsed;
    }

    private int Refuse(int exitCode, string problem, string hint)
    {
        log.CannotStart(problem, hint, exitCode);
        TerminationMessage.Write(_pod?.Handover, problem, hint);
        return exitCode;
    }

    public void Dispose()
    {
        foreach (var condition in _conditions) condition.Dispose();
    }
}
