using Proa.Kubernetes;
using Proa.Linux;
using Proa.Logging;
using Proa.Waiting;

namespace Proa.Workers;

/// <summary>
/// The worker "wait": waits until main may start, and hands to the supervisor what it knows, on stdin, and main's environment where files add
/// to it, on stdout. With <c>--wait-only</c> it is the wait alone.
/// </summary>
internal sealed class WaitWorker(Options options, Log log) : IDisposable
{
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private PodReadiness? _pod;
    private readonly List<ICondition> _conditions = [];
    private TimeSpan _lastSaid;

    /// <summary>Whether a supervisor has started it, which looks for its signs of life.</summary>
    public bool IsWorker { get; init; } = true;

    /// <summary>Whether its failure is how the container ends.</summary>
    public bool IsContainers { get; init; } = true;

    private TimeSpan Elapsed => _time.GetElapsedTime(_began);

    /// <summary>Waits. The exit code is 0 when main may start, else 124 or 125.</summary>
    public static int Run(Options options, Log log)
    {
        using var worker = new WaitWorker(options, log);
        var exitCode = worker.WaitAsync().GetAwaiter().GetResult();
        if (worker._pod is { } pod) Descriptors.WriteFile(Libc.StandardInput, pod.Handover.ToBytes());
        return SignalQueue.Say(exitCode);
    }

    public async Task<int> WaitAsync()
    {
        using var deadline = new CancellationTokenSource();
        try
        {
            Threads.Require();
            using var life = IsWorker ? new SignOfLife() : null;
            deadline.CancelAfter(options.ReadyTimeout ?? Timeout.InfiniteTimeSpan);
            if (options.AwaitsSidecars) _pod = new(options, _time, log);
            var own = Conditions.Of(options, _time, log);
            if (_pod is not null) _conditions.Add(_pod);
            _conditions.AddRange(own);
            if (own.Length > 0) log.WaitingForConditions(string.Join(", ", own.Select(c => c.What)));
            if (_conditions.Count > 0) await HoldAsync(deadline.Token).ConfigureAwait(false);
            await deadline.CancelAsync().ConfigureAwait(false); // what looks on has nothing more to say
            return Start(IsWorker && _pod is { HasNothingToEnd: true } ? ExitCodes.NothingToEnd : 0);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            var (cause, hint) = (LongWait.Of(States, isLimited: true).Why, string.Join("; ", States.Select(s => s.Hint).Where(h => h.Length > 0)));
            var limit = Duration.Format(options.ReadyTimeout!.Value);
            if (options is { OnTimeout: OnTimeout.Start, WaitOnly: false })
            {
                log.StartedUnready(limit, cause, hint);
                return Start(0);
            }

            var what = _conditions.TrueForAll(c => c is PodReadiness or SidecarCondition) ? "the sidecars were not ready" : "not everything was ready";
            return options.ReadyTimeout == TimeSpan.Zero
                ? Refuse(ExitCodes.NotReadyInTime, $"{what} at once: {cause}", "--ready-timeout 0 leaves no time to wait: write a longer one, or leave it out")
                : Refuse(ExitCodes.NotReadyInTime, $"{what} within {limit}: {cause}", hint);
        }
        catch (CannotRunException e)
        {
            return Refuse(ExitCodes.CannotRun, e.Message, await KnownOnLocalhost.HintAsync(e).ConfigureAwait(false));
        }
    }

    /// <summary>Hands over the environment, where there is one to be made: a file may have been written by a sidecar that is ready now.</summary>
    /// <param name="exitCode">The exit code if that succeeds.</param>
    private int Start(int exitCode)
    {
        try
        {
            EnvironmentFiles.HandOver(options, log);
            return exitCode;
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
        List<Task?> steps = [];
        HashSet<ICondition>? unsure = null;
        var (alarm, alarmAt) = (Task.CompletedTask, TimeSpan.Zero);
        while (true)
        {
            while (steps.Count < _conditions.Count) steps.Add(null);
            for (var i = 0; i < steps.Count; i++) steps[i] ??= _conditions[i].NextAsync(cancellation);
            var due = LongWait.Next(_lastSaid);
            if (alarm.IsCompleted || due < alarmAt) (alarm, alarmAt) = (AlarmAsync(due), due);
            await Task.WhenAny([.. steps!, alarm]).ConfigureAwait(false);
            var fresh = new List<ICondition>();
            for (var i = 0; i < steps.Count; i++)
            {
                if (steps[i] is not { IsCompleted: true } done) continue;
                steps[i] = null;
                await done.ConfigureAwait(false);
                fresh.Add(_conditions[i]);
            }

            // Which sidecars are tested is known when the Pod is.
            if (_pod is not null) _conditions.AddRange(_pod.Tests.Except(_conditions.OfType<SidecarCondition>()));
            _pod?.SayWhenReady();
            if (States.FirstOrDefault(s => s.Readiness == Readiness.Never) is { } never)
                throw new CannotRunException((options.WaitOnly ? "cannot wait: " : "cannot start main: ") + never.Why, never.Hint);
            if (States.All(s => s.Readiness == Readiness.Start))
            {
                // Each was seen to hold at another time: together they do if another look says so.
                unsure ??= [.. _conditions.Except(fresh).Where(c => c.LookAgain())];
                unsure.ExceptWith(fresh);
                if (unsure.Count == 0) return;
            }
            else
            {
                unsure = null;
                SayThatItLasts();
            }
        }
    }

    private Task AlarmAsync(TimeSpan due)
    {
        // The time may have passed since it was last looked at.
        var left = due - Elapsed;
        return left > TimeSpan.Zero ? Task.Delay(left, _time, CancellationToken.None) : Task.CompletedTask;
    }

    private void SayThatItLasts()
    {
        if (Elapsed < LongWait.Next(_lastSaid)) return;
        var wait = LongWait.Of(States, options.ReadyTimeout is not null);
        var elapsed = Duration.Format(TimeSpan.FromSeconds(Math.Floor(Elapsed.TotalSeconds)));
        if (options.WaitOnly) log.WaitOnlyLasts(elapsed, wait.Why, wait.Hint);
        else log.WaitLasts(elapsed, wait.Why, wait.Hint);
        _lastSaid = Elapsed;
    }

    private int Refuse(int exitCode, string problem, string hint)
    {
        log.CannotStart(problem, hint, exitCode);
        if (IsContainers) TerminationMessage.Write(_pod?.Handover, problem, hint);
        return exitCode;
    }

    public void Dispose()
    {
        foreach (var condition in _conditions) condition.Dispose();
    }
}
