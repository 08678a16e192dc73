using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Proa.Ending;
using Proa.Linux;
using Proa.Logging;
using Proa.Supervision;

namespace Proa.Supervisor;

/// <summary>
/// PID 1: waits for signals, among them SIGCHLD, turns them into events of the transition table (Supervision/TransitionTable.cs) and
/// carries out what it answers. One thread, one place that waits, one place that reaps.
/// </summary>
internal sealed class SupervisorLoop
{
    private const int NotYet = -1;

    private readonly SupervisorTask _task;
    private readonly Children _children;
    private readonly ILogger _log;
    private readonly LogLevel _lifeLevel;
    private readonly bool _signalsGroup;
    private readonly TimeSpan? _readyTimeout;
    private readonly SignalQueue _signals = new();

    private int _knowledge = NotYet;
    private SupervisorState _state = new(Phase.Begin);
    private int? _exitCode;
    private int _main;
    private int _worker;
    private WorkerPulse _pulse;
    private long _lookedAt;
    private WorkerEnd _workerEnd;
    private WorkerEnd? _hang;
    private string _whyNotStarted = "";
    private ArrivedSignal _signal;

    public SupervisorLoop(GivenArguments given, int commandIndex, Options options, ILogger log)
    {
        _task = new(Waits: !options.NoWait, EndsSidecars: EndingRule.Of(options).HasWork);
        _children = new(given, commandIndex);
        _log = log;
        // As a plain init proa is as quiet as one.
        _lifeLevel = _task.Waits || _task.EndsSidecars ? LogLevel.Information : LogLevel.Debug;
        _signalsGroup = options.SignalGroup;
        _readyTimeout = options.ReadyTimeout;
        // Where proa is not PID 1, main's orphans are to come to it all the same.
        _ = Libc.prctl(Libc.PrSetChildSubreaper, 1, 0, 0, 0);
    }

    /// <summary>Runs the life. Nothing in here may throw: the end of PID 1 is the end of main.</summary>
    /// <param name="isRefused">Whether the command line cannot be followed, so that only the sidecars are left to end.</param>
    /// <returns>The exit code.</returns>
    public int Run(bool isRefused)
    {
        Happens(isRefused ? new(SupervisorEventKind.MainNotStarted, ExitCodes.CannotRun) : new(SupervisorEventKind.Started));
        var arrived = new List<ArrivedSignal>();
        while (_exitCode is null)
        {
            _signals.Take(arrived, _worker > 0 ? WorkerPulse.Beat : null);
            // Ends first: a signal that arrived together with the end of the worker "wait" is then for main.
            Reap();
            foreach (var signal in arrived) Handle(signal);
            if (_worker > 0) FeelPulse();
        }

        return _exitCode.Value;
    }

    /// <summary>What a worker hands to the next; beside what is in it, its offset moves as long as the worker lives.</summary>
    private int Knowledge()
    {
        if (_knowledge == NotYet) _knowledge = MakeKnowledge();
        Descriptors.Advance(_knowledge);
        return _knowledge;
    }

    /// <summary>Where there can be no such file, the next worker asks the API server again.</summary>
    private int MakeKnowledge()
    {
        var file = Descriptors.MemoryFile();
        if (file >= 0) return file;
        if (_task.Waits) _log.CannotRemember(Libc.ErrorText(Marshal.GetLastPInvokeError()), "does the container's seccomp profile deny memfd_create(2)?");
        return Descriptors.EmptyFile();
    }

    private void Handle(ArrivedSignal signal)
    {
        if (signal.Number == Signals.Child) return;
        if (signal.Number == Signals.Continue) _children.GiveTerminalTo(_main);
        _signal = signal;
        Happens(new(TransitionTable.IsStopSignal(signal.Number) && !_signals.IsIgnored(signal.Number) ? SupervisorEventKind.StopSignal : SupervisorEventKind.OtherSignal, signal.Number));
    }

    /// <summary>Carries out what follows from an event, and from the events that follow from that.</summary>
    private void Happens(SupervisorEvent what)
    {
        for (SupervisorEvent? next = what; next is { } current && _exitCode is null;)
        {
            (_state, var actions) = TransitionTable.Next(_task, _state, current);
            next = null;
            foreach (var action in actions) next = CarryOut(action) ?? next;
        }
    }

    private SupervisorEvent? CarryOut(SupervisorAction action)
    {
        switch (action.Kind)
        {
            case SupervisorActionKind.StartWaitWorker: return WorkerStarted(_children.StartWaitWorker(Knowledge()));
            case SupervisorActionKind.StartMain: return MainStarted(_children.StartMain());
            case SupervisorActionKind.StartShutdownWorker:
                return WorkerStarted(_children.StartShutdownWorker(Knowledge(), action.Value, _whyNotStarted));
            case SupervisorActionKind.SignalMain: SignalMain(); break;
            case SupervisorActionKind.SignalWorker: _ = Libc.kill(_worker, action.Value); break;
            case SupervisorActionKind.StopSelf: StopSelf(action.Value); break;
            case SupervisorActionKind.DropKnowledge: Descriptors.Empty(_knowledge); break;
            case SupervisorActionKind.ReportDropped: _log.SignalDropped(Signals.Of(action.Value)); break;
            case SupervisorActionKind.ReportLost: ReportLost(); break;
            case SupervisorActionKind.Exit: _exitCode = action.Value; break;
        }

        return null;
    }

    private SupervisorEvent? WorkerStarted(int child)
    {
        (_worker, _pulse, _lookedAt, _hang) = (child, new(SignOfLife()), Stopwatch.GetTimestamp(), null);
        if (child > 0)
        {
            Libc.proa_release_start_pages();
            return null;
        }

        _workerEnd = WorkerEnd.OfStart(-child, Libc.ErrorText(-child));
        return new(SupervisorEventKind.WorkerLost);
    }

    /// <summary>
    /// What the worker changes, see <see cref="WorkerPulse"/>: the offset in the file that it shares with us, or -1 where that file has none
    /// that changes, as /dev/null.
    /// </summary>
    private long SignOfLife() => Descriptors.Offset(_knowledge) is > 0 and var offset ? offset : -1;

    private void FeelPulse()
    {
        var now = Stopwatch.GetTimestamp();
        _pulse = _pulse.Next(SignOfLife(), Stopwatch.GetElapsedTime(_lookedAt, now));
        _lookedAt = now;
        if (_pulse.Overdue(_state.Phase == Phase.Waiting ? _readyTimeout : null) is not { } exitCode) return;
        _hang ??= WorkerEnd.OfHang(exitCode);
        Happens(new(SupervisorEventKind.WorkerOverdue, exitCode));
    }

    private SupervisorEvent? MainStarted(int child)
    {
        if (child > 0)
        {
            _main = child;
            _log.MainStarted(_lifeLevel, child);
            Libc.proa_release_descriptors();
            Children.LeaveDirectory();
            Libc.proa_release_start_pages();
            return null;
        }

        var exitCode = -child > Libc.NoChild ? ExitCodes.CannotRun : ExitCodes.OfExecError(-child);
        _whyNotStarted = _children.WhyNotStarted(-child);
        _log.MainNotStarted(_whyNotStarted, exitCode);
        return new(SupervisorEventKind.MainNotStarted, exitCode);
    }

    private void StopSelf(int signal)
    {
        // Main alone would not have stopped either where no shell could continue it. (Reading from a terminal that is not its
        // own, it would have failed; continued, it would only try again.)
        if (Libc.proa_stop_self(signal) == 0 && signal == Signals.TerminalStop) _ = Libc.kill(_main, Signals.Continue);
    }

    private void SignalMain()
    {
        // Main may have left the group that it was given, in which others may remain.
        if (!_signalsGroup || Libc.kill(-_main, _signal.Number) != 0 || Libc.getpgid(_main) is > 0 and var group && group != _main) SignalMainItself();
        if (_log.IsEnabled(LogLevel.Debug)) _log.SignalForwarded(Signals.Of(_signal.Number));
    }

    private void SignalMainItself()
    {
        // The value that sigqueue(3) was given goes on to main; where its queue is full the signal itself still counts.
        if (!_signal.IsQueued || Libc.sigqueue(_main, _signal.Number, _signal.Value) != 0) _ = Libc.kill(_main, _signal.Number);
    }

    /// <summary>The only place that reaps: main, the workers, and every orphan.</summary>
    private unsafe void Reap()
    {
        int status;
        for (int child; (child = Libc.waitpid(-1, &status, Libc.WNOHANG | Libc.WUNTRACED)) > 0;)
        {
            var end = new WaitStatus(status);
            if (child == _main) MainChanged(end);
            else if (child == _worker) WorkerChanged(end);
        }
    }

    private void MainChanged(WaitStatus status)
    {
        if (status.StopSignal is { } signal)
        {
            Happens(new(SupervisorEventKind.MainStopped, signal));
            return;
        }

        _children.TakeTerminalBackFrom(_main);
        _main = 0;
        if (status.TerminationSignal is { } fatal) _log.MainKilled(_lifeLevel, Signals.Of(fatal), status.ExitCode);
        else _log.MainExited(_lifeLevel, status.ExitCode);
        Happens(new(SupervisorEventKind.MainExited, status.ExitCode));
    }

    private void WorkerChanged(WaitStatus status)
    {
        if (status.StopSignal is not null)
        {
            // Nobody has a reason to stop it, and while it is stopped the Pod's life does not go on.
            _ = Libc.kill(_worker, Signals.Continue);
            return;
        }

        _worker = 0;
        _workerEnd = _hang ?? (status.TerminationSignal is { } fatal ? WorkerEnd.OfSignal(fatal) : WorkerEnd.OfExitCode(status.ExitCode));
        Happens(status.TerminationSignal is null && TransitionTable.IsWorkersExitCode(_state.Phase, status.ExitCode)
            ? new(SupervisorEventKind.WorkerExited, status.ExitCode)
            : new(SupervisorEventKind.WorkerLost));
    }

    private void ReportLost()
    {
        if (_state.Phase == Phase.End)
        {
            _log.ShutdownWorkerLost(_workerEnd.Problem, _workerEnd.Hint);
            return;
        }

        var what = _state.ExitCode == ExitCodes.NotReadyInTime ? "the sidecars were not ready in time" : "cannot wait for the sidecars";
        _whyNotStarted = $"{what}: the process that watches the Pod has failed: {_workerEnd.Problem}";
        _log.WaitWorkerLost(_whyNotStarted, _workerEnd.Hint);
        _whyNotStarted += "\n" + _workerEnd.Hint;
    }
}
