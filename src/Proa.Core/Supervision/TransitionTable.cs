using System.Collections.Immutable;
using static Proa.Supervision.SupervisorAction;
using static Proa.Supervision.SupervisorEventKind;
using Step = (Proa.Supervision.SupervisorState State, Proa.Supervision.SupervisorActions Actions);

namespace Proa.Supervision;

// Rules of this file: everything that decides what the supervisor does next is here, as a function of plain data;
// nothing here waits, reads or calls; a state and an event that cannot meet are written down as such, not left out.

/// <summary>Where the supervisor is in the Pod's life.</summary>
internal enum Phase
{
    Begin,
    Waiting,

    /// <summary>A signal has ended the wait; the worker is being killed.</summary>
    Cancelling,

    /// <summary>The command runs, or is being started.</summary>
    Running,

    /// <summary>The command runs, and beside it the worker "watch".</summary>
    Watched,

    /// <summary>The command runs; the worker "watch" was lost, and another one is started after a pause.</summary>
    Unwatched,

    /// <summary>The command has ended; the worker "watch" has been told.</summary>
    Unwatching,

    /// <summary>The worker "shutdown" runs.</summary>
    ShuttingDown,

    /// <summary>A signal has ended the wait for the sidecars; the worker has been told.</summary>
    Hurrying,
    End,
}

/// <summary>The whole state of the supervisor.</summary>
/// <param name="ExitCode">What proa will exit with; meaningful from Cancelling on.</param>
/// <param name="HasNothingToEnd">Whether the worker "wait" has found no sidecar that is to be ended.</param>
/// <param name="Losses">How often the worker "watch" was lost.</param>
/// <param name="Hang">What follows from the worker's hanging, for which it is being killed; null: it does not hang.</param>
internal readonly record struct SupervisorState(Phase Phase, int ExitCode = 0, int? Hang = null, bool HasNothingToEnd = false, int Losses = 0)
{
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(256);

    /// <summary>How long the command runs without the worker "watch" until another one is started: 1 s at first, doubled with each loss, up to 256 s.</summary>
    public TimeSpan Pause => Losses < 9 ? TimeSpan.FromSeconds(1 << (Losses - 1)) : _longestPause;
}

/// <summary>What the supervisor cannot know from its state: what it was asked for.</summary>
/// <param name="Waits">Whether a worker runs before the command: to wait for the sidecars, or to make the command's environment.</param>
/// <param name="EndsSidecars">Whether sidecars are asked to stop or their end is awaited.</param>
internal readonly record struct SupervisorTask(bool Waits, bool EndsSidecars)
{
    /// <summary>Whether a worker watches the Pod while the command runs (<c>--stop-on</c>, <c>--until</c>).</summary>
    public bool Watches { get; init; }

    /// <summary>As in <see cref="Options.MapSignal"/>.</summary>
    public ImmutableArray<SignalMapping> MapSignal { get; init; } = [];

    /// <summary>As in <see cref="Options.ExitZero"/>.</summary>
    public ImmutableArray<int> ExitZero { get; init; } = [];

    /// <summary>What proa exits with where the command has exited with this code.</summary>
    public int Answer(int exitCode) => ExitZero.Contains(exitCode) ? 0 : exitCode;

    /// <summary>The signal that the command gets; its number is 0 where it gets none.</summary>
    public Signal Mapped(Signal signal)
    {
        foreach (var mapping in MapSignal)
        {
            if (mapping.From == signal.Number) return signal with { Number = mapping.To };
        }

        return signal;
    }
}

internal static class TransitionTable
{
    /// <summary>What follows when <paramref name="what"/> happens in <paramref name="state"/>.</summary>
    public static Step Next(SupervisorTask task, SupervisorState state, SupervisorEvent what) => (state.Phase, what.Kind) switch
    {
        (Phase.Begin, Started) => task.Waits ? Do(new(Phase.Waiting), StartWaitWorker) : Run,
        (Phase.Begin, Refused) => Shutdown(ExitCodes.CannotRun),

        (Phase.Waiting, WorkerExited) => what.ExitCode switch
        {
            0 => Run,
            ExitCodes.NothingToEnd => Do(new(Phase.Running, HasNothingToEnd: true), StartCommand),
            var exitCode => ShutdownOrExit(task, state, exitCode),
        },
        (Phase.Waiting, WorkerLost) => WaitWorkerLost(state, what.End),
        (Phase.Waiting, StopSignal) => Do(new(Phase.Cancelling, ExitCodes.OfSignal(what.Signal.Number)), SignalWorker(Signals.Kill)),
        (Phase.Waiting, OtherSignal) => Do(state, ReportSignalDropped(what.Signal)),
        (Phase.Waiting, ActionFailed) =>
            what.Failed == SupervisorActionKind.StartWaitWorker ? WaitWorkerLost(state, WorkerEnd.OfFailure(what.Why)) : Reported(state, what),

        // It was killed or had just ended: in either case the signal came first.
        (Phase.Cancelling, WorkerExited or WorkerLost) => ShutdownOrExit(task, state, state.ExitCode, DropHandover),
        (Phase.Cancelling, StopSignal or OtherSignal) => DoNothing(state),

        (Phase.Running, CommandStarted) => task.Watches
            ? (state with { Phase = Phase.Watched }, [ReportCommandStarted(what.Process), LetGo, StartWatchWorker])
            : Do(state, ReportCommandStarted(what.Process), LetGo),
        (Phase.Running, CommandNotStarted) => CommandIsNotStarted(what.ExitCode, what.Why),
        (Phase.Running or Phase.Watched or Phase.Unwatched, CommandExited) => CommandHasEnded(task, state, what.ExitCode, ReportCommandExited(what.ExitCode)),
        (Phase.Running or Phase.Watched or Phase.Unwatched, CommandKilled) =>
            CommandHasEnded(task, state, ExitCodes.OfSignal(what.Signal.Number), ReportCommandKilled(what.Signal)),
        // A command stopped by STOP is somebody's doing who will continue it, not us.
        (Phase.Running or Phase.Watched or Phase.Unwatched, CommandStopped) =>
            what.Signal.Number is Signals.TerminalStop or Signals.TerminalInput or Signals.TerminalOutput ? Do(state, StopSelf(what.Signal)) : DoNothing(state),
        (Phase.Running or Phase.Watched or Phase.Unwatched, StopSignal or OtherSignal) => Forward(state, task.Mapped(what.Signal)),
        (Phase.Running, ActionFailed) =>
            what.Failed == SupervisorActionKind.StartCommand ? CommandIsNotStarted(ExitCodes.CannotRun, what.Why) : Reported(state, what),

        // It has nothing to watch.
        (Phase.Watched, WorkerExited) => DoNothing(state with { Phase = Phase.Running, Hang = null }),
        (Phase.Watched, WorkerLost) => WatchWorkerLost(state, what.End),
        (Phase.Watched, ActionFailed) =>
            what.Failed == SupervisorActionKind.StartWatchWorker ? WatchWorkerLost(state, WorkerEnd.OfFailure(what.Why)) : Reported(state, what),
        (Phase.Unwatched, PauseOver) => Do(state with { Phase = Phase.Watched }, StartWatchWorker),

        // It says whether the command's end was its doing.
        (Phase.Unwatching, WorkerExited) => ShutdownOrExit(task, state, what.ExitCode switch
        {
            ExitCodes.SidecarEnded => ExitCodes.SidecarEnded,
            ExitCodes.NoLongerNeeded => 0,
            _ => state.ExitCode,
        }),
        (Phase.Unwatching, WorkerLost) => ShutdownOrExit(task, state, state.ExitCode, ReportWatchWorkerLost(WhyLost(state, what.End))),
        (Phase.Unwatching, StopSignal or OtherSignal) => DoNothing(state),

        (Phase.ShuttingDown or Phase.Hurrying, WorkerExited) => Exited(state.ExitCode),
        (Phase.ShuttingDown or Phase.Hurrying, WorkerLost) => ShutdownWorkerLost(state, what.End),
        (Phase.ShuttingDown, StopSignal) => Do(state with { Phase = Phase.Hurrying }, SignalWorker(Signals.Terminate)),
        // The worker has been told and has seconds left: killed before it has asked the sidecars, none would be asked.
        (Phase.Hurrying, StopSignal) => DoNothing(state),
        (Phase.ShuttingDown or Phase.Hurrying, OtherSignal) => DoNothing(state),
        (Phase.ShuttingDown or Phase.Hurrying, ActionFailed) =>
            what.Failed == SupervisorActionKind.StartShutdownWorker ? ShutdownWorkerLost(state, WorkerEnd.OfFailure(what.Why)) : Reported(state, what),

        (Phase.Waiting or Phase.Watched or Phase.Unwatching or Phase.ShuttingDown or Phase.Hurrying, WorkerOverdue) =>
            Do(state with { Hang = state.Hang ?? what.ExitCode }, SignalWorker(Signals.Kill)),
        // It is being killed already.
        (Phase.Cancelling, WorkerOverdue) => DoNothing(state),

        // Whatever else fails, the life goes on.
        (Phase.Begin or Phase.Cancelling or Phase.Unwatched or Phase.Unwatching, ActionFailed) => Reported(state, what),

        // What cannot happen changes nothing: an init process that gives up over a surprise takes the command with it.
        (Phase.Begin, _) => DoNothing(state),
        (not Phase.Begin, Started or Refused) => DoNothing(state),
        (not Phase.Running, CommandStarted or CommandNotStarted) => DoNothing(state),
        (not (Phase.Running or Phase.Watched or Phase.Unwatched), CommandExited or CommandKilled or CommandStopped) => DoNothing(state),
        (Phase.Running or Phase.Unwatched, WorkerExited or WorkerLost or WorkerOverdue) => DoNothing(state),
        (not Phase.Unwatched, PauseOver) => DoNothing(state),
        (Phase.End, _) => DoNothing(state),
    };

    /// <summary>
    /// Whether a worker may exit with this code: 0; the worker "wait" also with 124, 125 and that there is nothing to end; the worker "watch" also
    /// with why it has ended the command.
    /// </summary>
    public static bool IsWorkersExitCode(Phase phase, int exitCode) => exitCode switch
    {
        0 => true,
        ExitCodes.NotReadyInTime or ExitCodes.CannotRun or ExitCodes.NothingToEnd => phase is Phase.Waiting or Phase.Cancelling,
        ExitCodes.SidecarEnded or ExitCodes.NoLongerNeeded => phase is Phase.Watched or Phase.Unwatching,
        _ => false,
    };

    private static Step Run => Do(new(Phase.Running), StartCommand);

    private static Step WaitWorkerLost(SupervisorState state, WorkerEnd end)
    {
        var exitCode = state.Hang ?? ExitCodes.CannotRun;
        end = WhyLost(state, end);
        return (new(Phase.ShuttingDown, exitCode), [ReportWaitWorkerLost(exitCode, end), DropHandover, StartShutdownWorker(exitCode, end: end)]);
    }

    private static Step ShutdownWorkerLost(SupervisorState state, WorkerEnd end) => Exited(state.ExitCode, ReportShutdownWorkerLost(WhyLost(state, end)));

    private static Step WatchWorkerLost(SupervisorState state, WorkerEnd end)
    {
        var lost = state with { Phase = Phase.Unwatched, Hang = null, Losses = state.Losses + 1 };
        return (lost, [ReportWatchWorkerLost(WhyLost(state, end), lost.Pause), BeginPause]);
    }

    private static WorkerEnd WhyLost(SupervisorState state, WorkerEnd end) => state.Hang is { } hang ? WorkerEnd.OfHang(hang) : end;

    private static Step CommandHasEnded(SupervisorTask task, SupervisorState state, int exitCode, SupervisorAction report) =>
        state.Phase == Phase.Watched
            ? Do(state with { Phase = Phase.Unwatching, ExitCode = task.Answer(exitCode) }, report, SignalWorker(Signals.Terminate))
            : ShutdownOrExit(task, state, task.Answer(exitCode), report);

    private static Step Forward(SupervisorState state, Signal signal) =>
        signal.Number == 0 ? DoNothing(state) : Do(state, SignalCommand(signal), ReportSignalForwarded(signal));

    private static Step CommandIsNotStarted(int exitCode, string why) =>
        Do(new(Phase.ShuttingDown, exitCode), ReportCommandNotStarted(exitCode, why), StartShutdownWorker(exitCode, why));

    private static Step ShutdownOrExit(SupervisorTask task, SupervisorState state, int exitCode, SupervisorAction? before = null) =>
        task.EndsSidecars && !state.HasNothingToEnd ? Shutdown(exitCode, before) : Exited(exitCode, before);

    private static Step Shutdown(int exitCode, SupervisorAction? before = null) =>
        Do(new(Phase.ShuttingDown, exitCode), before, StartShutdownWorker(exitCode));

    private static Step Exited(int exitCode, SupervisorAction? before = null) => Do(new(Phase.End, exitCode), before, Exit(exitCode));

    /// <summary>A failure to report a failure is not reported: that would have no end.</summary>
    private static Step Reported(SupervisorState state, SupervisorEvent what) =>
        what.Failed == SupervisorActionKind.ReportActionFailed ? DoNothing(state) : Do(state, ReportActionFailed(what.Failed, what.Why));

    private static Step DoNothing(SupervisorState state) => (state, []);

    private static Step Do(SupervisorState state, SupervisorAction action) => (state, [action]);

    private static Step Do(SupervisorState state, SupervisorAction? first, SupervisorAction second) =>
        (state, first is { } before ? [before, second] : [second]);
}
