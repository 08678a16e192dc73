using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Proa.Supervision;

internal enum SupervisorActionKind
{
    StartWaitWorker,
    StartCommand,

    /// <summary>Let go of what the command has been given.</summary>
    LetGo,

    StartWatchWorker,

    /// <summary>From now on, the pause that the state tells; then <see cref="SupervisorEventKind.PauseOver"/>.</summary>
    BeginPause,

    /// <summary>With the exit code, and with why the command was not started where nobody else has written that down.</summary>
    StartShutdownWorker,
    SignalCommand,
    SignalWorker,

    /// <summary>Stop ourselves with this signal, so that the shell that controls us sees a stopped job.</summary>
    StopSelf,

    /// <summary>Forget what the worker "wait" handed back.</summary>
    DropHandover,
    ReportCommandStarted,
    ReportCommandNotStarted,
    ReportCommandExited,
    ReportCommandKilled,
    ReportSignalForwarded,
    ReportSignalDropped,
    ReportWaitWorkerLost,
    ReportWatchWorkerLost,
    ReportShutdownWorkerLost,
    ReportActionFailed,
    Exit,
}

/// <summary>Something to do, with what it needs, by the kind.</summary>
/// <param name="Failed">As in <see cref="SupervisorEvent"/>.</param>
/// <param name="Why">As in <see cref="SupervisorEvent"/>.</param>
/// <param name="Pause">After which another worker is started; 0: none is.</param>
internal readonly record struct SupervisorAction(
    SupervisorActionKind Kind,
    int ExitCode = 0,
    int Process = 0,
    Signal Signal = default,
    WorkerEnd End = default,
    SupervisorActionKind? Failed = null,
    string Why = "",
    TimeSpan Pause = default)
{
    /// <summary>The container's last words, where the command was not started and nobody else has left any.</summary>
    public string WhyNotStarted => End.Kind == WorkerEndKind.None ? Why : End.WhyNotStarted(ExitCode) + "\n" + End.Hint;

    public static SupervisorAction StartWaitWorker => new(SupervisorActionKind.StartWaitWorker);
    public static SupervisorAction StartCommand => new(SupervisorActionKind.StartCommand);
    public static SupervisorAction LetGo => new(SupervisorActionKind.LetGo);
    public static SupervisorAction StartWatchWorker => new(SupervisorActionKind.StartWatchWorker);
    public static SupervisorAction BeginPause => new(SupervisorActionKind.BeginPause);
    public static SupervisorAction DropHandover => new(SupervisorActionKind.DropHandover);
    public static SupervisorAction StartShutdownWorker(int exitCode, string why = "", WorkerEnd end = default) =>
        new(SupervisorActionKind.StartShutdownWorker, ExitCode: exitCode, Why: why, End: end);
    public static SupervisorAction SignalCommand(Signal signal) => new(SupervisorActionKind.SignalCommand, Signal: signal);
    public static SupervisorAction SignalWorker(int signal) => new(SupervisorActionKind.SignalWorker, Signal: new(signal));
    public static SupervisorAction StopSelf(Signal signal) => new(SupervisorActionKind.StopSelf, Signal: signal);
    public static SupervisorAction ReportCommandStarted(int process) => new(SupervisorActionKind.ReportCommandStarted, Process: process);
    public static SupervisorAction ReportCommandNotStarted(int exitCode, string why) =>
        new(SupervisorActionKind.ReportCommandNotStarted, ExitCode: exitCode, Why: why);
    public static SupervisorAction ReportCommandExited(int exitCode) => new(SupervisorActionKind.ReportCommandExited, ExitCode: exitCode);
    public static SupervisorAction ReportCommandKilled(Signal signal) => new(SupervisorActionKind.ReportCommandKilled, Signal: signal);
    public static SupervisorAction ReportSignalForwarded(Signal signal) => new(SupervisorActionKind.ReportSignalForwarded, Signal: signal);
    public static SupervisorAction ReportSignalDropped(Signal signal) => new(SupervisorActionKind.ReportSignalDropped, Signal: signal);
    public static SupervisorAction ReportWaitWorkerLost(int exitCode, WorkerEnd end) =>
        new(SupervisorActionKind.ReportWaitWorkerLost, ExitCode: exitCode, End: end);
    public static SupervisorAction ReportWatchWorkerLost(WorkerEnd end, TimeSpan pause = default) =>
        new(SupervisorActionKind.ReportWatchWorkerLost, End: end, Pause: pause);
    public static SupervisorAction ReportShutdownWorkerLost(WorkerEnd end) => new(SupervisorActionKind.ReportShutdownWorkerLost, End: end);
    public static SupervisorAction ReportActionFailed(SupervisorActionKind? action, string why) =>
        new(SupervisorActionKind.ReportActionFailed, Failed: action, Why: why);
    public static SupervisorAction Exit(int exitCode) => new(SupervisorActionKind.Exit, ExitCode: exitCode);
}

/// <summary>Actions in their order. A struct too: nothing is allocated between a signal's arrival and its being forwarded.</summary>
[CollectionBuilder(typeof(SupervisorActions), nameof(Of))]
internal struct SupervisorActions
{
    private const int Most = 3;

    private Slots _slots;
    private int _count;

    public static SupervisorActions Of(ReadOnlySpan<SupervisorAction> actions)
    {
        var all = new SupervisorActions { _count = actions.Length };
        actions.CopyTo(all._slots);
        return all;
    }

    [UnscopedRef]
    public readonly ReadOnlySpan<SupervisorAction>.Enumerator GetEnumerator() => ((ReadOnlySpan<SupervisorAction>)_slots)[.._count].GetEnumerator();

    [InlineArray(Most)]
    private struct Slots
    {
        private SupervisorAction _first;
    }
}
