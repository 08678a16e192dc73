using System.Globalization;
using Proa.Ending;
using Proa.Identity;
using Proa.Kubernetes;
using Proa.Linux;
using Proa.Logging;
using Proa.Stopping;
using Proa.Supervisor;

namespace Proa.Workers;

/// <summary>
/// The worker "watch", beside main where that is asked for: ends main when another container has ended. It tells the supervisor by SIGTERM,
/// as the kubelet would, and kills main after the grace period. What it knows is on stdin.
/// </summary>
internal sealed class WatchWorker : IDisposable
{
    /// <summary>Main's process ID.</summary>
    public const int OwnArguments = 1;

    private static readonly TimeSpan _firstPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(5);

    private readonly int _main;
    private readonly int _mainDescriptor;
    private readonly Options _options;
    private readonly StopRule _rule;
    private readonly Log _log;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private readonly CancellationTokenSource _mainHasEnded = new();
    private readonly PodView _pod;
    private StopJudge? _judge;
    private StopCause? _cause;
    private TimeSpan _pause = _firstPause;

    private WatchWorker(int main, Options options, Log log)
    {
        _main = main;
        // Whatever becomes of its ID, the signal is for this process.
        _mainDescriptor = Libc.proa_open_process(main);
        _options = options;
        _rule = StopRule.Of(options);
        _log = log;
        _pod = new(HandoverFile.OnInput(), options, _time, log);
    }

    private TimeSpan Elapsed => _time.GetElapsedTime(_began);

    /// <summary>Watches until the supervisor says that main has ended. The exit code says whether that was by this worker.</summary>
    public static int Run(string[] own, Options options, Log log)
    {
        using var worker = new WatchWorker(int.Parse(own[0], CultureInfo.InvariantCulture), options, log);
        Threads.Require();
        using var life = new SignOfLife();
        var work = worker.WatchAsync();
        MainThread.WakeAfter(work);
        SignalQueue.WaitForTerminate();
        worker._mainHasEnded.Cancel();
        work.GetAwaiter().GetResult();
        return SignalQueue.Say(worker.Conclude());
    }

    private int Conclude()
    {
        if (_cause is not { } cause) return 0;
        if (!cause.IsUntil) TerminationMessage.Write(_pod.Known, $"main was stopped, because sidecar {cause.Container} {cause.How}");
        return cause.ExitCode;
    }

    private async Task WatchAsync()
    {
        try
        {
            if (await FindCauseAsync().ConfigureAwait(false) is { } cause) await EndMainAsync(cause).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_mainHasEnded.IsCancellationRequested)
        {
        }
    }

    /// <summary>Why main is to be ended; null where nothing can ever be.</summary>
    private async Task<StopCause?> FindCauseAsync()
    {
        if (_pod.Known?.Pod is { } known) Judge(_pod.Known).See(known);
        Task<bool>? next = null;
        while (true)
        {
            next ??= NextAsync();
            var left = _judge?.DoubtEnds - Elapsed;
            await Task.WhenAny(next, left is { } wait ? Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _time, _mainHasEnded.Token) : next)
                .ConfigureAwait(false);
            if (next.IsCompleted)
            {
                var isNew = await next.ConfigureAwait(false);
                next = null;
                if (!isNew && left is null) continue;
            }

            _mainHasEnded.Token.ThrowIfCancellationRequested();
            if (_pod.Known is not { Pod: { } pod } handover) continue;
            if (_rule.WrongName(pod, Self(handover)) is { } problem)
            {
                _log.NothingToWatch(problem, "correct it: kubectl get pod -o yaml shows the containers");
                return null;
            }

            if (Judge(handover).Judge(pod, Elapsed) is { } cause) return cause;
        }
    }

    /// <summary>Whether there is a new state of the Pod. An API server that is away or refuses is no reason to end main.</summary>
    private async Task<bool> NextAsync()
    {
        try
        {
            if (await _pod.NextAsync(_mainHasEnded.Token).ConfigureAwait(false) is null) return false;
            _pause = _firstPause;
            return true;
        }
        catch (CannotRunException e)
        {
            _log.CannotWatch(Duration.Format(_pause), e.Message, e.Hint);
            _pod.Close();
            await Task.Delay(_pause, _time, _mainHasEnded.Token).ConfigureAwait(false);
            _pause = _pause * 2 < _longestPause ? _pause * 2 : _longestPause;
            return false;
        }
    }

    private async Task EndMainAsync(StopCause cause)
    {
        var period = ShutdownBudget.Of(_pod.Known!.Pod, null);
        var grace = Duration.Format(period);
        if (cause.IsUntil) _log.StoppedUntil(cause.Container, cause.How, grace);
        else _log.StoppedOn(cause.Container, cause.How, grace);
        // A mesh's proxy waits for open connections before it ends.
        _pod.Close();
        _mainHasEnded.Token.ThrowIfCancellationRequested();
        _cause = cause;
        _ = Libc.kill(Libc.getppid(), Signals.Terminate);
        await Task.Delay(period, _time, _mainHasEnded.Token).ConfigureAwait(false);
        _log.KilledAfterGrace(grace);
        if (_options.SignalGroup) _ = Libc.kill(-_main, Signals.Kill);
        _ = Libc.proa_signal_process(_mainDescriptor, _main, Signals.Kill);
        await Task.Delay(Timeout.InfiniteTimeSpan, _time, _mainHasEnded.Token).ConfigureAwait(false);
    }

    private StopJudge Judge(Handover handover) =>
        _judge ??= new(_rule, Self(handover), PodConnection.Life(handover.Pod!, Libc.getppid(), _time));

    /// <summary>Our container's name; where it cannot be told, none is taken for ours.</summary>
    private static string Self(Handover handover) => handover.Container?.Name ?? "";

    public void Dispose()
    {
        _pod.Dispose();
        _mainHasEnded.Dispose();
    }
}
