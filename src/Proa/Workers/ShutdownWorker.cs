using System.Globalization;
using Proa.Ending;
using Proa.Linux;
using Proa.Logging;
using Proa.Supervisor;

namespace Proa.Workers;

/// <summary>The worker "shutdown": asks the sidecars to stop, waits for them, and reports how they ended. What it knows is on stdin.</summary>
internal sealed class ShutdownWorker : IDisposable
{
    /// <summary>The exit code, why main was not started, and whether it has run.</summary>
    public const int OwnArguments = 3;

    /// <summary>The last of them, where main has run.</summary>
    public const string AfterCommand = "after main";

    private const uint HangSeconds = 60;
    private const uint HurrySeconds = 5;
    private static readonly TimeSpan _lookTimeout = TimeSpan.FromSeconds(3);

    private readonly int _exitCode;
    private readonly Options _options;
    private readonly TimeSpan _delay;
    private readonly Log _log;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly CancellationTokenSource _hurried = new();
    private readonly LivePlan _plan;

    private ShutdownWorker(int exitCode, bool hasMainRun, Options options, Log log)
    {
        (_exitCode, _options, _log) = (exitCode, options, log);
        _delay = hasMainRun ? options.ShutdownDelay : TimeSpan.Zero;
        _plan = new(HandoverFile.OnInput(), exitCode, options, _time, log);
    }

    /// <summary>Shuts down.</summary>
    public static int Run(string[] own, Options options, Log log)
    {
        using var worker = new ShutdownWorker(int.Parse(own[0], CultureInfo.InvariantCulture), own[2] == AfterCommand, options, log);
        if (own[1].Length > 0) TerminationMessage.Write(worker._plan.Known, own[1]);
        Threads.Require();
        using var life = new SignOfLife();
        if (worker._plan.MayHaveWork) worker.ShutDown();
        return 0;
    }

    /// <summary>This thread has nothing else to do, and hears of SIGTERM: another one less.</summary>
    private void ShutDown()
    {
        // Should we hang for a reason nobody thought of, the kernel ends us.
        SetAlarm(TimeSpan.Zero);
        var work = EndAfterAsync(ShutDownAsync());
        MainThread.WakeAfter(work);
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

    /// <summary>The Pod waits for our end: it comes here, without a detour by the main thread.</summary>
    private static async Task EndAfterAsync(Task work)
    {
        await work.ConfigureAwait(false);
        Libc._exit(0);
    }

    private async Task ShutDownAsync()
    {
        // What was last seen may already make it certain that the sidecars are to be asked. Else the Pod is looked at now: its
        // deletion, which ends every restart, may have come since. So may another life of a sidecar, and a process is told by that
        // life's container ID; and who delays is to know how long the Pod lets it.
        var isUnseen = _plan.Known is null; // the worker "wait", where it knows who we are but not the Pod, has tried long enough
        if (isUnseen || (_plan.Now.Asks ? !_plan.Now.Processes.IsEmpty || _delay > TimeSpan.Zero : _plan.Now.IsForRetry))
        {
            // Where the user asks for nothing, only the Pod can tell that there is a sidecar to ask; after a signal the Pod may be ending.
            var isForPod = _plan.Now.IsIdle && _exitCode < ExitCodes.OfSignal(0);
            await _plan.LookAsync(isForPod ? _plan.Now.Budget : _lookTimeout, _hurried.Token).ConfigureAwait(false);
        }

        if (_plan.Now.IsIdle) return;
        foreach (var (request, sidecar) in _plan.Now.Withheld) _log.NativeNotAsked(request.Describe(), sidecar);
        if (!_plan.Now.Asks)
        {
            _log.SidecarsLeft(_plan.Now.Ask.Why);
            return;
        }

        var left = _plan.Left();
        SetAlarm(left);
        var deadline = _time.GetTimestamp() + (long)(left.TotalSeconds * _time.TimestampFrequency);
        _plan.Close();
        await DelayAsync(ShutdownBudget.Delay(_delay, left)).ConfigureAwait(false);
        using var sequence = new ShutdownSequence(_plan, new(_options.Ignore, _log), _time, deadline, _log, _hurried.Token);
        await sequence.RunAsync().ConfigureAwait(false);
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

    public void Dispose()
    {
        _plan.Dispose();
        _hurried.Dispose();
    }
}
