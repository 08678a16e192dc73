using System.Diagnostics;
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
    private static readonly TimeSpan _untilIdle = TimeSpan.FromSeconds(1);

    private readonly SupervisorTask _task;
    private readonly Dispatcher _life;
    private readonly Children _children;
    private readonly HandoverFile _handover;
    private readonly HandoverFile? _environment;
    private readonly Log _log;
    private readonly LogLevel _lifeLevel;
    private readonly bool _signalsGroup;
    private readonly TimeSpan? _readyTimeout;
    private readonly SignalQueue _signals = new();

    private int _command;
    private int _worker;
    private int _leaving;
    private WorkerPulse _pulse;
    private long _lookedAt;
    private long _pausedAt;
    private bool _isIdle;
    private bool _hasCommandRun;

    public SupervisorLoop(GivenArguments given, int commandIndex, Options options, Log log)
    {
        var task = new SupervisorTask(Waits: options.Prepares, EndsSidecars: EndingRule.Of(options).MayHaveWork(options.AsksApi))
        {
            Watches = options.Watches,
            MapSignal = options.MapSignal,
            ExitZero = options.ExitZero,
        };
        _task = task;
        _life = new(task, CarryOut);
        _children = new(given, commandIndex, MakeRoom);
        _handover = new(log, isMissed: options.Waits);
        if (!options.EnvFiles.IsEmpty) _environment = new(log, isMissed: false);
        _log = log;
        // As a plain init proa is as quiet as one.
        _lifeLevel = options.Waits || task.EndsSidecars ? LogLevel.Info : LogLevel.Debug;
        _signalsGroup = options.SignalGroup;
        _readyTimeout = options.ReadyTimeout;
        // Where proa is not PID 1, the command's orphans are to come to it all the same.
        _ = Libc.prctl(Libc.PrSetChildSubreaper, 1, 0, 0, 0);
    }

    /// <summary>Runs the life. The end of PID 1 is the end of the command: only the table decides on it, whatever fails.</summary>
    /// <param name="isRefused">Whether the command line cannot be followed, so that only the sidecars are left to end.</param>
    /// <returns>The exit code.</returns>
    public int Run(bool isRefused)
    {
        _life.Happens(isRefused ? SupervisorEvent.Refused : SupervisorEvent.Started);
        var turn = Turn;
        while (_life.ExitCode is null)
        {
            if (!_life.Try(turn)) SignalQueue.Pause();
        }

        _ = MakeRoom(); // proa leaves no process behind
        return _life.ExitCode.Value;
    }

    private void Turn()
    {
        // Memory is given back a second after the last event: not between two of them, and not where the command ends at once.
        var arrived = _signals.Take(!_isIdle ? _untilIdle : _worker > 0 ? WorkerPulse.Beat : PauseLeft, hasRest: _isIdle);
        _isIdle = arrived.IsEmpty;
        // Ends first: a signal that arrived together with the end of the worker "wait" is then for the command.
        if (_signals.Said is { } verdict) Believe(verdict);
        Reap();
        foreach (var signal in arrived) Handle(signal);
        if (_worker > 0) FeelPulse();
        if (PauseLeft == TimeSpan.Zero) _life.Happens(SupervisorEvent.PauseOver);
    }

    /// <summary>How long until a lost worker is started again; null where none is.</summary>
    private TimeSpan? PauseLeft
    {
        get
        {
            if (_life.State.Phase != Phase.Unwatched) return null;
            var left = _life.State.Pause - Stopwatch.GetElapsedTime(_pausedAt);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    private void Handle(Signal signal)
    {
        if (signal.Number == Signals.Child) return;
        if (signal.Number == Signals.Continue) _children.GiveTerminalTo(_command);
        var isToStop = Signals.Stop.Contains(signal.Number) && !_signals.IsIgnored(signal.Number);
        _life.Happens(isToStop ? SupervisorEvent.StopSignal(signal) : SupervisorEvent.OtherSignal(signal));
    }

    /// <summary>The place that reaps: the command, the workers, and every orphan.</summary>
    private unsafe void Reap()
    {
        int status;
        for (int child; (child = Libc.waitpid(-1, &status, Libc.WNOHANG | Libc.WUNTRACED)) > 0;)
        {
            var end = new WaitStatus(status);
            if (child == _command) CommandChanged(end);
            else if (child == _worker) WorkerChanged(end);
            else if (child == _leaving) _leaving = 0;
        }
    }

    private void CommandChanged(WaitStatus status)
    {
        if (status.StopSignal is { } signal)
        {
            _life.Happens(SupervisorEvent.CommandStopped(signal));
            return;
        }

        _children.TakeTerminalBackFrom(_command);
        _command = 0;
        _life.Happens(status.TerminationSignal is { } fatal ? SupervisorEvent.CommandKilled(fatal) : SupervisorEvent.CommandExited(status.ExitCode));
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
        _life.Happens(
            status.TerminationSignal is { } fatal ? SupervisorEvent.WorkerLost(WorkerEnd.OfSignal(fatal))
            : TransitionTable.IsWorkersExitCode(_life.State.Phase, status.ExitCode) ? SupervisorEvent.WorkerExited(status.ExitCode)
            : SupervisorEvent.WorkerLost(WorkerEnd.OfExitCode(status.ExitCode)));
    }

    /// <summary>A worker that has said what it exits with has nothing left to do: its exit is reaped as an orphan's is.</summary>
    private void Believe(SignalQueue.Verdict verdict)
    {
        if (verdict.Worker != _worker || !TransitionTable.IsWorkersExitCode(_life.State.Phase, verdict.ExitCode)) return;
        _ = Libc.kill(_worker, Signals.Kill); // it cannot hang now
        (_leaving, _worker) = (_worker, 0);
        _life.Happens(SupervisorEvent.WorkerExited(verdict.ExitCode));
    }

    /// <summary>Whether there is a process less now: the worker that has had its say, which counts until it is reaped.</summary>
    private unsafe bool MakeRoom()
    {
        if (_leaving == 0) return false;
        int status;
        _ = Libc.waitpid(_leaving, &status, 0);
        _leaving = 0;
        return true;
    }

    private void FeelPulse()
    {
        var now = Stopwatch.GetTimestamp();
        _pulse = _pulse.Next(_handover.SignOfLife(), Stopwatch.GetElapsedTime(_lookedAt, now));
        _lookedAt = now;
        if (_pulse.Overdue(_life.State.Phase == Phase.Waiting ? _readyTimeout : null) is { } exitCode) _life.Happens(SupervisorEvent.WorkerOverdue(exitCode));
    }

    private SupervisorEvent? CarryOut(SupervisorAction action)
    {
        var signal = action.Signal.Number;
        switch (action.Kind)
        {
            case SupervisorActionKind.StartWaitWorker: return Started(_children.StartWaitWorker(_handover.ForWorker(), _environment));
            case SupervisorActionKind.StartCommand: return Started(_children.StartCommand(_environment));
            case SupervisorActionKind.LetGo: Children.LetGo(); break;
            case SupervisorActionKind.StartWatchWorker: return Started(_children.StartWatchWorker(_handover.ForWorker(), _command));
            case SupervisorActionKind.BeginPause: _pausedAt = Stopwatch.GetTimestamp(); break;
            case SupervisorActionKind.StartShutdownWorker:
                return Started(_children.StartShutdownWorker(_handover.ForWorker(), action.ExitCode, action.WhyNotStarted, _hasCommandRun));
            case SupervisorActionKind.SignalCommand: if (_command > 0) SignalCommand(action.Signal); break;
            case SupervisorActionKind.SignalWorker: if (_worker > 0) _ = Libc.kill(_worker, signal); break;
            case SupervisorActionKind.StopSelf: StopSelf(signal); break;
            case SupervisorActionKind.DropHandover: _handover.Empty(); _environment?.Empty(); break;
            case SupervisorActionKind.ReportCommandStarted: _log.CommandStarted(_lifeLevel, action.Process); break;
            case SupervisorActionKind.ReportCommandNotStarted: _log.CommandNotStarted(action.Why, action.ExitCode); break;
            case SupervisorActionKind.ReportCommandExited: _log.CommandExited(_lifeLevel, action.ExitCode, Note(action.ExitCode)); break;
            case SupervisorActionKind.ReportCommandKilled:
                _log.CommandKilled(_lifeLevel, Signals.Of(signal), ExitCodes.OfSignal(signal), Note(ExitCodes.OfSignal(signal)));
                break;
            case SupervisorActionKind.ReportSignalForwarded: if (_log.IsEnabled(LogLevel.Debug)) _log.SignalForwarded(Signals.Of(signal)); break;
            case SupervisorActionKind.ReportSignalDropped: _log.SignalDropped(Signals.Of(signal)); break;
            case SupervisorActionKind.ReportWaitWorkerLost: _log.WaitWorkerLost(action.End.WhyNotStarted(action.ExitCode), action.End.Hint); break;
            case SupervisorActionKind.ReportWatchWorkerLost: _log.WatchWorkerLost(Later(action.Pause), action.End.Problem, action.End.Hint); break;
            case SupervisorActionKind.ReportShutdownWorkerLost: _log.ShutdownWorkerLost(action.End.Problem, action.End.Hint); break;
            case SupervisorActionKind.ReportActionFailed:
                _log.SupervisorFailed(action.Failed?.ToString() ?? "its own work", action.Why, "report it with the output of proa --version");
                break;
            case SupervisorActionKind.Exit: break; // the dispatcher's
        }

        return null;
    }

    private SupervisorEvent Started(SupervisorEvent command)
    {
        _command = command.Process;
        _hasCommandRun = _command > 0;
        return command;
    }

    private static string Later(TimeSpan pause) => pause == default ? "" : $", retrying in {Duration.Format(pause)}";

    private string Note(int exitCode) => _task.Answer(exitCode) == exitCode ? "" : ": proa exits with 0";

    private SupervisorEvent? Started(Libc.Spawned worker)
    {
        (_worker, _pulse, _lookedAt) = (worker.Process, new(_handover.SignOfLife()), Stopwatch.GetTimestamp());
        return _worker == 0 ? SupervisorEvent.WorkerLost(WorkerEnd.OfStart(worker.Errno, Libc.ErrorText(worker.Errno))) : null;
    }

    private void SignalCommand(Signal signal)
    {
        // The command may have left the group that it was given, in which others may remain.
        if (_signalsGroup && Libc.kill(-_command, signal.Number) == 0 && !(Libc.getpgid(_command) is > 0 and var group && group != _command)) return;
        // The value that sigqueue(3) was given goes on to the command; where its queue is full the signal itself still counts.
        if (signal.Value is not { } value || Libc.sigqueue(_command, signal.Number, value) != 0) _ = Libc.kill(_command, signal.Number);
    }

    private void StopSelf(int signal)
    {
        // The command alone would not have stopped either where no shell could continue it. (Reading from a terminal that is not its
        // own, it would have failed; continued, it would only try again.)
        if (Libc.proa_stop_self(signal) == 0 && signal == Signals.TerminalStop) _ = Libc.kill(_command, Signals.Continue);
    }
}
