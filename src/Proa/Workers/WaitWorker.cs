using System.Globalization;
using Microsoft.Extensions.Logging;
using Proa.CommandLine;
using Proa.Identity;
using Proa.Kubernetes;
using Proa.Lifecycle;
using Proa.Linux;
using Proa.Logging;
using Proa.Pods;
using Proa.Processes;

namespace Proa.Workers;

/// <summary>The worker "wait": watches our Pod until main may start, and hands what it knows to the supervisor, on stdout.</summary>
internal sealed class WaitWorker
{
    private readonly Options _options;
    private readonly ILogger _log;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly long _began;
    private readonly Dictionary<string, string> _lastStates = [];
    private readonly HashSet<string> _hints = [];
    private PodKnowledge? _knowledge;
    private ReadinessVerdict? _verdict;

    private WaitWorker(Options options, ILogger log)
    {
        _options = options;
        _log = log;
        _began = _time.GetTimestamp();
    }

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
            using var session = new PodSession(_options, _time);
            _knowledge = new(session.Identity, null, null);
            watch = new(session.Api, session.Identity, _time, _log);
            using (watch)
            {
                while (true)
                {
                    if (await watch.NextAsync(deadline.Token).ConfigureAwait(false) is not { } pod) continue;
                    var verdict = ReadinessVerdict.Decide(pod, Self(session, pod), _options);
                    Report(pod, verdict);
                    switch (verdict.Readiness)
                    {
                        case Readiness.Start: return 0;
                        case Readiness.Never: throw new CannotRunException("cannot start main: " + verdict.Why, verdict.Hint);
                        case Readiness.Wait: break;
                    }
                }
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            var cause = watch is { Problem.Length: > 0 } ? watch.Problem : _verdict?.Why;
            return Refuse(ExitCodes.NotReadyInTime, $"the sidecars were not ready within {Duration.Format(_options.ReadyTimeout!.Value)}: {cause}", _verdict?.Hint ?? "");
        }
        catch (CannotRunException e)
        {
            return Refuse(ExitCodes.CannotRun, e.Message, e.Hint);
        }
    }

    /// <summary>Finds out which container we are, once.</summary>
    private string Self(PodSession session, Pod pod)
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

    /// <summary>Logs what has changed, each change once.</summary>
    private void Report(Pod pod, ReadinessVerdict verdict)
    {
        _verdict = verdict;
        if (verdict.Readiness == Readiness.Never) return;
        if (_lastStates.Count == 0) ReportFirst(pod, verdict);
        else if (verdict.Readiness != Readiness.Start)
        {
            foreach (var sidecar in verdict.Awaited.Where(s => _lastStates.GetValueOrDefault(s.Name) != s.Describe()))
                _log.SidecarChanged(sidecar.Name, sidecar.Describe(), sidecar.Status?.State.Waiting?.Message, NewHint(sidecar));
        }

        foreach (var sidecar in verdict.Awaited) _lastStates[sidecar.Name] = sidecar.Describe();
        if (pod.IsBeingDeleted && _lastStates.TryAdd("", "")) _log.PodIsBeingDeleted();
        if (verdict.Readiness == Readiness.Start && !verdict.Awaited.IsEmpty) _log.SidecarsReady(_time.GetElapsedTime(_began).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture));
    }

    /// <summary>What helps is said once, though the state that it is for comes and goes.</summary>
    private string NewHint(Sidecar sidecar) => sidecar.Hint() is { Length: > 0 } hint && _hints.Add(hint) ? hint : "";

    private void ReportFirst(Pod pod, ReadinessVerdict verdict)
    {
        var regular = Sidecar.Of(pod, _knowledge!.Container!.Name, _options).Where(s => s.Kind == SidecarKind.Regular && !Restarts.WillRestart(pod, s.Container, 0)).Select(s => s.Name).ToArray();
        if (regular.Length > 0 && !_options.EndsSidecars) _log.NobodyAsks(string.Join(", ", regular));
        if (_options.Signals && SidecarProcesses.WhyNone([], Libc.getppid(), pod) is var (problem, hint)) _log.CannotSignal(problem, hint);
        if (verdict.Awaited.IsEmpty)
        {
            _log.NoSidecars();
            return;
        }

        _log.WaitingFor(
            string.Join(", ", verdict.Awaited.Select(s => $"{s.Name} ({s.Describe()})")),
            string.Join("; ", verdict.Awaited.Select(NewHint).Where(h => h.Length > 0)));
        var unprobed = verdict.Awaited.Where(s => s.Container.ReadinessProbe is null).Select(s => s.Name).ToArray();
        if (unprobed.Length > 0) _log.NoReadinessProbe(string.Join(", ", unprobed));
    }

    private int Refuse(int exitCode, string problem, string hint)
    {
        _log.CannotStart(problem, hint, exitCode);
        TerminationMessage.Write(_knowledge, hint.Length > 0 ? problem + "\n" + hint : problem);
        return exitCode;
    }
}
