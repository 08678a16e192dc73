using System.Globalization;
using Microsoft.Extensions.Logging;
using Proa.Identity;
using Proa.Kubernetes;
using Proa.Linux;
using Proa.Logging;
using Proa.Pods;
using Proa.Waiting;

namespace Proa.Workers;

/// <summary>The worker "wait": watches our Pod until main may start, and hands what it knows to the supervisor, on stdout.</summary>
internal sealed class WaitWorker
{
    private readonly Options _options;
    private readonly ILogger _log;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly long _began;
    private readonly WaitReport _report;
    private Handover? _knowledge;
    private ReadinessVerdict? _verdict;
    private ReadinessJudge? _judge;
    private TimeSpan _lastSaid;

    private WaitWorker(Options options, ILogger log)
    {
        _options = options;
        _log = log;
        _began = _time.GetTimestamp();
        _report = new(options, log);
    }

    /// <summary>How long it has waited.</summary>
    private TimeSpan Elapsed => _time.GetElapsedTime(_began);

    /// <summary>Waits. The exit code is 0 when main may start, else 124 or 125.</summary>
    public static int Run(Options options, ILogger log)
    {
        var worker = new WaitWorker(options, log);
        var exitCode = worker.WaitAsync().GetAwaiter().GetResult();
        if (worker._knowledge is { } knowledge) Descriptors.WriteFile(Libc.StandardOutput, knowledge.ToBytes());
        return exitCode;
    }

    private async Task<int> WaitAsync()
    {
        using var deadline = new CancellationTokenSource();
        PodWatch? watch = null;
        try
        {
            WorkerThreads.Require();
            using var life = new SignOfLife();
            deadline.CancelAfter(_options.ReadyTimeout ?? Timeout.InfiniteTimeSpan);
            using var session = new PodConnection(_options, _time);
            _knowledge = new(session.Identity, null, null);
            watch = new(session.Api, session.Identity, _time, _log);
            using (watch) await WaitAsync(session, watch, deadline.Token).ConfigureAwait(false);
            return 0;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            var cause = LongWait.Of(_verdict, watch?.Problem ?? "", _options).Why;
            return Refuse(ExitCodes.NotReadyInTime, $"the sidecars were not ready within {Duration.Format(_options.ReadyTimeout!.Value)}: {cause}", _verdict?.Hint ?? "");
        }
        catch (CannotRunException e)
        {
            return Refuse(ExitCodes.CannotRun, e.Message, e.Hint);
        }
    }

    private async Task WaitAsync(PodConnection session, PodWatch watch, CancellationToken cancellation)
    {
        Task<Pod?>? next = null;
        var (alarm, alarmAt) = (Task.CompletedTask, TimeSpan.Zero);
        while (true)
        {
            next ??= watch.NextAsync(cancellation);
            var due = Due();
            if (alarm.IsCompleted || due < alarmAt) (alarm, alarmAt) = (Task.Delay(Until(due), _time, CancellationToken.None), due);
            await Task.WhenAny(next, alarm).ConfigureAwait(false);

            Pod? pod = null;
            if (next.IsCompleted || cancellation.IsCancellationRequested) (pod, next) = (await next.ConfigureAwait(false), null);
            // A state that the API server has not been able to change meanwhile has shown nothing by lasting.
            if (_judge?.DoubtEnds <= Elapsed && watch.Problem.Length == 0) pod ??= _knowledge!.Pod;
            if (pod is not null && MayStart(session, pod)) return;
            SayThatItLasts(watch.Problem);
        }
    }

    /// <summary>When something is to be done even if nothing happens.</summary>
    private TimeSpan Due()
    {
        var word = LongWait.Next(_lastSaid);
        return _judge?.DoubtEnds is { } end && end > Elapsed && end < word ? end : word;
    }

    private TimeSpan Until(TimeSpan due) => TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling((due - Elapsed).TotalMilliseconds)));

    /// <exception cref="CannotRunException">Main may not start, ever.</exception>
    private bool MayStart(PodConnection session, Pod pod)
    {
        var self = Self(session, pod);
        _judge ??= new(self, _options, session.Life(pod, Libc.getppid()));
        (_verdict, var believedThough) = _judge.Judge(pod, Elapsed);
        _report.Write(pod, self, _verdict);
        if (_verdict.Readiness == Readiness.Wait) return false;
        if (believedThough is not null) _log.StatusBelieved(believedThough, Duration.Format(OwnLife.LongestDoubt), "is the node's clock right, and does the kubelet reach the API server?");
        if (_verdict.Readiness == Readiness.Never) throw new CannotRunException("cannot start main: " + _verdict.Why, _verdict.Hint);
        if (!_verdict.Awaited.IsEmpty) _log.SidecarsReady(Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>Finds out which container we are, once.</summary>
    private string Self(PodConnection session, Pod pod)
    {
        if (_knowledge!.Container is null)
        {
            var self = session.Container.Decide(pod, out var error) ?? throw new CannotRunException("cannot tell our own container: " + error, session.Container.Hint);
            _knowledge = _knowledge with { Container = self };
            _log.WhoWeAre(pod.Metadata.Namespace, pod.Metadata.Name, self.Name, session.Identity.Source, self.Source, session.Access.Source);
        }

        _knowledge = _knowledge with { Pod = pod };
        return _knowledge.Container!.Name;
    }

    private void SayThatItLasts(string problem)
    {
        if (Elapsed < LongWait.Next(_lastSaid)) return;
        var wait = LongWait.Of(_verdict, problem, _options);
        _log.WaitLasts(Duration.Format(TimeSpan.FromSeconds(Math.Floor(Elapsed.TotalSeconds))), wait.Why, wait.Hint);
        _lastSaid = Elapsed;
    }

    private int Refuse(int exitCode, string problem, string hint)
    {
        _log.CannotStart(problem, hint, exitCode);
        TerminationMessage.Write(_knowledge, problem, hint);
        return exitCode;
    }
}
