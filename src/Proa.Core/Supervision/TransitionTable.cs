using System.Collections.Immutable;

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

    /// <summary>Main runs, or is being started.</summary>
    Running,

    /// <summary>The worker "shutdown" runs.</summary>
    ShuttingDown,

    /// <summary>A signal has ended the wait for the sidecars; the worker has been told.</summary>
    Hurrying,
    End,
}

/// <summary>The whole state of the supervisor.</summary>
/// <param name="ExitCode">What proa will exit with; meaningful from Cancelling on, and while a worker that hangs is being killed.</param>
internal readonly record struct SupervisorState(Phase Phase, int ExitCode = 0);

/// <summary>What the supervisor cannot know from its state: what it was asked for.</summary>
/// <param name="Waits">Whether the sidecars' readiness is awaited (not <c>--no-wait</c>).</param>
/// <param name="EndsSidecars">Whether sidecars are asked to stop or their end is awaited.</param>
internal readonly record struct SupervisorTask(bool Waits, bool EndsSidecars);

internal enum SupervisorEventKind
{
    Started,

    /// <summary>The worker of this phase exited with a code that it may exit with.</summary>
    WorkerExited,

    /// <summary>The worker of this phase crashed, was killed, exited with another code or could not be started.</summary>
    WorkerLost,

    /// <summary>The worker of this phase hangs; where it waits, the code is 124 or 125 (<see cref="WorkerPulse"/>).</summary>
    WorkerOverdue,

    /// <summary>Main could not be started; the code is 125, 126 or 127.</summary>
    MainNotStarted,

    /// <summary>Main has exited, with this code or 128 + signal.</summary>
    MainExited,
    MainStopped,

    /// <summary>TERM, INT, HUP or QUIT arrived.</summary>
    StopSignal,
    OtherSignal,
}

/// <param name="Value">The exit code or the signal, by the kind.</param>
internal readonly record struct SupervisorEvent(SupervisorEventKind Kind, int Value = 0);

internal enum SupervisorActionKind
{
    StartWaitWorker,
    StartMain,

    /// <summary>Start the worker "shutdown", with what is known and the exit code.</summary>
    StartShutdownWorker,
    SignalMain,
    SignalWorker,

    /// <summary>Stop ourselves with this signal, so that the shell that controls us sees a stopped job.</summary>
    StopSelf,

    /// <summary>Forget what the worker "wait" handed back.</summary>
    DropKnowledge,

    /// <summary>Say that this signal was dropped because main does not run.</summary>
    ReportDropped,

    /// <summary>Say that the worker was lost, and what follows.</summary>
    ReportLost,
    Exit,
}

/// <param name="Value">The exit code or the signal, by the kind.</param>
internal readonly record struct SupervisorAction(SupervisorActionKind Kind, int Value = 0);

internal static class TransitionTable
{
    private static readonly ImmutableArray<SupervisorAction> _nothing = [];

    // Made once: main may be signalled all day, and the supervisor's memory stays what it is.
    private static readonly ImmutableArray<SupervisorAction>[] _signalMain =
        [.. Enumerable.Range(0, Signals.Last + 1).Select(signal => ImmutableArray.Create(new SupervisorAction(SupervisorActionKind.SignalMain, signal)))];

    /// <summary>What follows when <paramref name="what"/> happens in <paramref name="state"/>.</summary>
    public static (SupervisorState State, ImmutableArray<SupervisorAction> Actions) Next(
        SupervisorTask task,
        SupervisorState state,
        SupervisorEvent what) => (state.Phase, what.Kind) switch
    {
        (Phase.Begin, SupervisorEventKind.Started) => task.Waits
            ? (state with { Phase = Phase.Waiting }, [new(SupervisorActionKind.StartWaitWorker)])
            : StartMain(state),

        // The command line cannot be followed, and the sidecars run all the same.
        (Phase.Begin, SupervisorEventKind.MainNotStarted) => Shutdown(state with { ExitCode = what.Value }),

        (Phase.Waiting, SupervisorEventKind.WorkerExited) => what.Value == 0
            ? StartMain(state)
            : ShutdownOrExit(task, state with { ExitCode = what.Value }),
        (Phase.Waiting, SupervisorEventKind.WorkerLost) =>
            Shutdown(state with { ExitCode = state.ExitCode == 0 ? ExitCodes.CannotRun : state.ExitCode }, new(SupervisorActionKind.ReportLost), new(SupervisorActionKind.DropKnowledge)),
        (Phase.Waiting, SupervisorEventKind.WorkerOverdue) => (state with { ExitCode = what.Value }, [new(SupervisorActionKind.SignalWorker, Signals.Kill)]),
        (Phase.Waiting, SupervisorEventKind.StopSignal) =>
            (state with { Phase = Phase.Cancelling, ExitCode = ExitCodes.OfSignal(what.Value) }, [new(SupervisorActionKind.SignalWorker, Signals.Kill)]),
        (Phase.Waiting, SupervisorEventKind.OtherSignal) => (state, [new(SupervisorActionKind.ReportDropped, what.Value)]),

        // It was killed or had just ended: in either case the signal came first.
        (Phase.Cancelling, SupervisorEventKind.WorkerExited or SupervisorEventKind.WorkerLost) =>
            ShutdownOrExit(task, state, new SupervisorAction(SupervisorActionKind.DropKnowledge)),
        (Phase.Cancelling, SupervisorEventKind.StopSignal or SupervisorEventKind.OtherSignal) => (state, _nothing),

        // Why it was not started is for the worker to write down, too.
        (Phase.Running, SupervisorEventKind.MainNotStarted) => Shutdown(state with { ExitCode = what.Value }),
        (Phase.Running, SupervisorEventKind.MainExited) => ShutdownOrExit(task, state with { ExitCode = what.Value }),
        // Main stopped by STOP is somebody's doing who will continue main, not us.
        (Phase.Running, SupervisorEventKind.MainStopped) => what.Value is Signals.TerminalStop or Signals.TerminalInput or Signals.TerminalOutput
            ? (state, [new(SupervisorActionKind.StopSelf, what.Value)])
            : (state, _nothing),
        (Phase.Running, SupervisorEventKind.StopSignal or SupervisorEventKind.OtherSignal) =>
            (state, what.Value is >= 0 and <= Signals.Last ? _signalMain[what.Value] : _nothing),

        (Phase.ShuttingDown, SupervisorEventKind.WorkerExited) => Exit(state),
        (Phase.ShuttingDown, SupervisorEventKind.WorkerLost) => Exit(state, new SupervisorAction(SupervisorActionKind.ReportLost)),
        (Phase.ShuttingDown or Phase.Hurrying, SupervisorEventKind.WorkerOverdue) => (state, [new(SupervisorActionKind.SignalWorker, Signals.Kill)]),
        (Phase.ShuttingDown, SupervisorEventKind.StopSignal) =>
            (state with { Phase = Phase.Hurrying }, [new(SupervisorActionKind.SignalWorker, Signals.Terminate)]),
        (Phase.ShuttingDown, SupervisorEventKind.OtherSignal) => (state, _nothing),

        (Phase.Hurrying, SupervisorEventKind.WorkerExited) => Exit(state),
        (Phase.Hurrying, SupervisorEventKind.WorkerLost) => Exit(state, new SupervisorAction(SupervisorActionKind.ReportLost)),
        // The worker has been told and has seconds left: killed before it has asked the sidecars, none would be asked.
        (Phase.Hurrying, SupervisorEventKind.StopSignal) => (state, _nothing),
        (Phase.Hurrying, SupervisorEventKind.OtherSignal) => (state, _nothing),

        // It is being killed already.
        (Phase.Cancelling, SupervisorEventKind.WorkerOverdue) => (state, _nothing),

        // What cannot happen changes nothing: an init process that gives up over a surprise takes main with it.
        (Phase.Begin, _) => (state, _nothing),
        (Phase.Waiting or Phase.Cancelling, SupervisorEventKind.Started or SupervisorEventKind.MainNotStarted
            or SupervisorEventKind.MainExited or SupervisorEventKind.MainStopped) => (state, _nothing),
        (Phase.Running, SupervisorEventKind.Started or SupervisorEventKind.WorkerExited or SupervisorEventKind.WorkerLost
            or SupervisorEventKind.WorkerOverdue) => (state, _nothing),
        (Phase.ShuttingDown or Phase.Hurrying, SupervisorEventKind.Started or SupervisorEventKind.MainNotStarted
            or SupervisorEventKind.MainExited or SupervisorEventKind.MainStopped) => (state, _nothing),
        (Phase.End, _) => (state, _nothing),
    };

    /// <summary>
    /// TERM, INT, HUP and QUIT end what proa waits for; they are how a kubelet, a terminal and a shell end a process.
    /// </summary>
    public static bool IsStopSignal(int signal) => signal is Signals.Hangup or Signals.Interrupt or Signals.Quit or Signals.Terminate;

    /// <summary>Whether a worker may exit with this code: 0, and from the worker "wait" also 124 and 125.</summary>
    public static bool IsWorkersExitCode(Phase phase, int exitCode) => exitCode switch
    {
        0 => true,
        ExitCodes.NotReadyInTime or ExitCodes.CannotRun => phase is Phase.Waiting or Phase.Cancelling,
        _ => false,
    };

    private static (SupervisorState State, ImmutableArray<SupervisorAction> Actions) StartMain(SupervisorState state) =>
        (state with { Phase = Phase.Running }, [new(SupervisorActionKind.StartMain)]);

    private static (SupervisorState State, ImmutableArray<SupervisorAction> Actions) ShutdownOrExit(
        SupervisorTask task,
        SupervisorState state,
        params ReadOnlySpan<SupervisorAction> before) => task.EndsSidecars ? Shutdown(state, before) : Exit(state, before);

    private static (SupervisorState State, ImmutableArray<SupervisorAction> Actions) Shutdown(
        SupervisorState state,
        params ReadOnlySpan<SupervisorAction> before) =>
        (state with { Phase = Phase.ShuttingDown }, [.. before, new(SupervisorActionKind.StartShutdownWorker, state.ExitCode)]);

    private static (SupervisorState State, ImmutableArray<SupervisorAction> Actions) Exit(
        SupervisorState state,
        params ReadOnlySpan<SupervisorAction> before) =>
        (state with { Phase = Phase.End }, [.. before, new(SupervisorActionKind.Exit, state.ExitCode)]);
}
