namespace Proa.Supervision;

internal enum SupervisorEventKind
{
    Started,

    /// <summary>The command line cannot be followed, as has been said; only the sidecars are left to end.</summary>
    Refused,

    /// <summary>The worker of this phase exited with a code that it may exit with.</summary>
    WorkerExited,

    /// <summary>The worker of this phase crashed, was killed, exited with another code or could not be started.</summary>
    WorkerLost,

    /// <summary>The worker of this phase hangs; where it waits, the code is 124 or 125 (<see cref="WorkerPulse"/>).</summary>
    WorkerOverdue,

    /// <summary>The pause after which a lost worker is started again is over.</summary>
    PauseOver,
    CommandStarted,

    /// <summary>The code is 125, 126 or 127.</summary>
    CommandNotStarted,
    CommandExited,
    CommandKilled,
    CommandStopped,

    /// <summary>TERM, INT, HUP or QUIT arrived.</summary>
    StopSignal,
    OtherSignal,

    /// <summary>There was an exception while an action was carried out.</summary>
    ActionFailed,
}

/// <summary>Something that happened, with what is known of it, by the kind. A struct: signals may arrive all day, and the memory stays what it is.</summary>
/// <param name="Failed">The action that failed; null: the supervisor's own work.</param>
/// <param name="Why">Why the command was not started or the action failed.</param>
internal readonly record struct SupervisorEvent(
    SupervisorEventKind Kind,
    int ExitCode = 0,
    int Process = 0,
    Signal Signal = default,
    WorkerEnd End = default,
    SupervisorActionKind? Failed = null,
    string Why = "")
{
    public static SupervisorEvent Started => new(SupervisorEventKind.Started);
    public static SupervisorEvent Refused => new(SupervisorEventKind.Refused);
    public static SupervisorEvent WorkerExited(int exitCode) => new(SupervisorEventKind.WorkerExited, ExitCode: exitCode);
    public static SupervisorEvent WorkerLost(WorkerEnd end) => new(SupervisorEventKind.WorkerLost, End: end);
    public static SupervisorEvent WorkerOverdue(int exitCode) => new(SupervisorEventKind.WorkerOverdue, ExitCode: exitCode);
    public static SupervisorEvent PauseOver => new(SupervisorEventKind.PauseOver);
    public static SupervisorEvent CommandStarted(int process) => new(SupervisorEventKind.CommandStarted, Process: process);
    public static SupervisorEvent CommandNotStarted(int exitCode, string why) => new(SupervisorEventKind.CommandNotStarted, ExitCode: exitCode, Why: why);
    public static SupervisorEvent CommandExited(int exitCode) => new(SupervisorEventKind.CommandExited, ExitCode: exitCode);
    public static SupervisorEvent CommandKilled(int signal) => new(SupervisorEventKind.CommandKilled, Signal: new(signal));
    public static SupervisorEvent CommandStopped(int signal) => new(SupervisorEventKind.CommandStopped, Signal: new(signal));
    public static SupervisorEvent StopSignal(Signal signal) => new(SupervisorEventKind.StopSignal, Signal: signal);
    public static SupervisorEvent OtherSignal(Signal signal) => new(SupervisorEventKind.OtherSignal, Signal: signal);
    public static SupervisorEvent ActionFailed(SupervisorActionKind? action, string why) => new(SupervisorEventKind.ActionFailed, Failed: action, Why: why);
}
