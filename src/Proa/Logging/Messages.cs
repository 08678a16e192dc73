using Microsoft.Extensions.Logging;

namespace Proa.Logging;

/// <summary>
/// Everything that proa says: lower case, no full stop, no secrets. A failure says what cannot be done and why; a parameter named
/// hint says what to do.
/// </summary>
internal static partial class Messages
{
    // The command line

    [LoggerMessage(1, LogLevel.Error, "{problem}")]
    public static partial void UsageError(this ILogger log, string problem, string hint);

    [LoggerMessage(87, LogLevel.Information, "scuttle's variables mean: {commandLine}")]
    public static partial void TakenFromScuttle(this ILogger log, string commandLine, string hint);

    [LoggerMessage(92, LogLevel.Warning, "not all of {variable} can be used: {problem}")]
    public static partial void VariableSkipped(this ILogger log, string variable, string problem, string hint);

    // proa --install

    [LoggerMessage(2, LogLevel.Information, "installed {path}")]
    public static partial void Installed(this ILogger log, string path);

    [LoggerMessage(3, LogLevel.Error, "cannot install {path}: {problem}")]
    public static partial void CannotInstall(this ILogger log, string path, string problem, string hint);

    // The supervisor

    [LoggerMessage(9, LogLevel.Error, "cannot run as an init process: {problem}")]
    public static partial void CannotSupervise(this ILogger log, string problem);

    [LoggerMessage(EventId = 10, Message = "main started")]
    public static partial void CommandStarted(this ILogger log, LogLevel level, int pid);

    [LoggerMessage(11, LogLevel.Error, "{problem}")]
    public static partial void CommandNotStarted(this ILogger log, string problem, int exitCode);

    [LoggerMessage(EventId = 12, Message = "main exited with {exitCode}{note}")]
    public static partial void CommandExited(this ILogger log, LogLevel level, int exitCode, string note);

    [LoggerMessage(EventId = 13, Message = "main was killed by {signal}{note}")]
    public static partial void CommandKilled(this ILogger log, LogLevel level, string signal, int exitCode, string note);

    [LoggerMessage(14, LogLevel.Debug, "{signal} forwarded to main")]
    public static partial void SignalForwarded(this ILogger log, string signal);

    [LoggerMessage(15, LogLevel.Information, "{signal} ignored: main has not started yet")]
    public static partial void SignalDropped(this ILogger log, string signal);

    [LoggerMessage(16, LogLevel.Error, "{problem}")]
    public static partial void WaitWorkerLost(this ILogger log, string problem, string hint);

    [LoggerMessage(17, LogLevel.Warning, "the sidecars may keep running: the process that stops them has failed: {end}")]
    public static partial void ShutdownWorkerLost(this ILogger log, string end, string hint);

    [LoggerMessage(81, LogLevel.Warning, "cannot watch the other containers{later}: the process that does so has failed ({end})")]
    public static partial void WatchWorkerLost(this ILogger log, string later, string end, string hint);

    [LoggerMessage(18, LogLevel.Warning, "cannot create a memory file, so proa will fetch the Pod again after main: {problem}")]
    public static partial void CannotRemember(this ILogger log, string problem, string hint);

    [LoggerMessage(19, LogLevel.Error, "internal error in {what}, proa continues: {problem}")]
    public static partial void SupervisorFailed(this ILogger log, string what, string problem, string hint);

    // The worker "wait"

    [LoggerMessage(20, LogLevel.Information, "this is container {container} of Pod {podNamespace}/{pod}")]
    public static partial void WhoWeAre(
        this ILogger log, string podNamespace, string pod, string container, string podFrom, string containerFrom, string accessFrom);

    [LoggerMessage(21, LogLevel.Information, "no sidecars to wait for")]
    public static partial void NoSidecars(this ILogger log);

    [LoggerMessage(22, LogLevel.Information, "waiting for {sidecars}")]
    public static partial void WaitingFor(this ILogger log, string sidecars, string hint);

    [LoggerMessage(23, LogLevel.Information, "no readinessProbe, so ready as soon as it runs: {sidecars}")]
    public static partial void NoReadinessProbe(this ILogger log, string sidecars);

    [LoggerMessage(24, LogLevel.Information, "{sidecar}: {state}")]
    public static partial void SidecarChanged(this ILogger log, string sidecar, string state, string? detail, string hint);

    [LoggerMessage(25, LogLevel.Information, "sidecars ready after {seconds} s")]
    public static partial void SidecarsReady(this ILogger log, string seconds);

    [LoggerMessage(26, LogLevel.Information, "{why}: main will not start")]
    public static partial void PodEnds(this ILogger log, string why);

    [LoggerMessage(27, LogLevel.Error, "{problem}")]
    public static partial void CannotStart(this ILogger log, string problem, string hint, int exitCode);

    [LoggerMessage(80, LogLevel.Warning, "--ignore {name}: the Pod has no container of this name; it has {names}")]
    public static partial void IgnoredIsAbsent(this ILogger log, string name, string names);

    [LoggerMessage(28, LogLevel.Warning, "nothing stops {sidecar} when main exits, so the Pod does not complete: {why}")]
    public static partial void NothingEnds(this ILogger log, string sidecar, string why, string hint);

    [LoggerMessage(90, LogLevel.Information, "{sidecar} will be asked to stop when main exits, but {doubt}")]
    public static partial void MayNotEnd(this ILogger log, string sidecar, string doubt, string hint);

    [LoggerMessage(29, LogLevel.Error, "the process \"{title}\" has failed: {problem}")]
    public static partial void WorkerFailed(this ILogger log, string title, string problem);

    [LoggerMessage(58, LogLevel.Information, "{why}; waiting up to {limit} for the next status")]
    public static partial void StatusNotBelieved(this ILogger log, string why, string limit);

    [LoggerMessage(59, LogLevel.Warning, "using the Pod's status after {limit}, although it does not look current: {why}")]
    public static partial void StatusBelieved(this ILogger log, string why, string limit, string hint);

    [LoggerMessage(60, LogLevel.Warning, "main has not started after {duration}: {why}")]
    public static partial void WaitLasts(this ILogger log, string duration, string why, string hint);

    [LoggerMessage(61, LogLevel.Warning, "still waiting after {duration}: {why}")]
    public static partial void WaitOnlyLasts(this ILogger log, string duration, string why, string hint);

    [LoggerMessage(62, LogLevel.Information, "waiting for {conditions}")]
    public static partial void WaitingForConditions(this ILogger log, string conditions);

    [LoggerMessage(63, LogLevel.Information, "{condition} {outcome}")]
    public static partial void ConditionChanged(this ILogger log, string condition, string outcome);

    [LoggerMessage(64, LogLevel.Warning, "starting main after {limit}, although not everything is ready: {why}")]
    public static partial void StartedUnready(this ILogger log, string limit, string why, string hint);

    [LoggerMessage(71, LogLevel.Error, "the process \"{title}\" cannot continue: {problem}")]
    public static partial void WorkerCannotGoOn(this ILogger log, string title, string problem, string hint);

    [LoggerMessage(88, LogLevel.Warning, "{file}, line {line}: a value without a name is skipped")]
    public static partial void ValueWithoutName(this ILogger log, string file, int line);

    // The worker "watch"

    [LoggerMessage(82, LogLevel.Warning, "{sidecar} {how}, and main needs it (--stop-on): SIGTERM to main now, SIGKILL in {grace}")]
    public static partial void StoppedOn(this ILogger log, string sidecar, string how, string grace);

    [LoggerMessage(83, LogLevel.Information, "{container} {how}, so this sidecar is no longer needed (--until): SIGTERM to it now, SIGKILL in {grace}")]
    public static partial void StoppedUntil(this ILogger log, string container, string how, string grace);

    [LoggerMessage(84, LogLevel.Warning, "still running after {grace}: sending SIGKILL")]
    public static partial void KilledAfterGrace(this ILogger log, string grace);

    [LoggerMessage(85, LogLevel.Error, "{problem}, so nothing stops this sidecar")]
    public static partial void NothingToWatch(this ILogger log, string problem, string hint);

    [LoggerMessage(86, LogLevel.Warning, "proa cannot see when other containers end, and retries in {delay}: {problem}")]
    public static partial void CannotWatch(this ILogger log, string delay, string problem, string hint);

    // The API server

    [LoggerMessage(30, LogLevel.Information, "{problem}; retrying")]
    public static partial void ApiProblem(this ILogger log, string problem);

    [LoggerMessage(31, LogLevel.Warning, "watching is not allowed, so proa polls the Pod every {seconds} s: {problem}")]
    public static partial void Polling(this ILogger log, string problem, double seconds, string hint);

    // The worker "shutdown"

    [LoggerMessage(40, LogLevel.Information, "asked a sidecar to stop: {method} {url}")]
    public static partial void ShutdownRequested(this ILogger log, string method, string url, int status);

    [LoggerMessage(65, LogLevel.Information, "asking the sidecars to stop in {delay}")]
    public static partial void ShutdownDelayed(this ILogger log, string delay);

    [LoggerMessage(66, LogLevel.Information, "a signal ended the delay: asking the sidecars to stop now")]
    public static partial void DelayEndedBySignal(this ILogger log);

    [LoggerMessage(41, LogLevel.Information, "nothing listens at {url}: {meaning}")]
    public static partial void NobodyListens(this ILogger log, string url, string meaning);

    [LoggerMessage(42, LogLevel.Warning, "cannot ask a sidecar to stop: {method} {url}: {problem}")]
    public static partial void ShutdownRequestFailed(this ILogger log, string method, string url, string problem, string hint);

    [LoggerMessage(52, LogLevel.Warning, "cannot ask a sidecar to stop yet: {method} {url}: {problem}; retrying")]
    public static partial void ShutdownRequestRetried(this ILogger log, string method, string url, string problem, string hint);

    [LoggerMessage(53, LogLevel.Information, "sent {signal} to {processes}")]
    public static partial void Signalled(this ILogger log, string signal, string processes);

    [LoggerMessage(54, LogLevel.Information, "no process {selector} to signal: {meaning}{others}")]
    public static partial void NoProcess(this ILogger log, string selector, string meaning, string others);

    [LoggerMessage(55, LogLevel.Information, "not signalled: {process}: {why}")]
    public static partial void LeftAlone(this ILogger log, string process, string why);

    [LoggerMessage(56, LogLevel.Warning, "no permission to signal {process}: it runs as user {user}, proa as {own}")]
    public static partial void MayNotSignal(this ILogger log, string process, long user, long own, string hint);

    [LoggerMessage(57, LogLevel.Warning, "cannot signal the sidecars: {problem}")]
    public static partial void CannotSignal(this ILogger log, string problem, string hint);

    [LoggerMessage(43, LogLevel.Information, "the sidecars keep running: {why}")]
    public static partial void SidecarsLeft(this ILogger log, string why);

    [LoggerMessage(73, LogLevel.Information, "not asked: {request} is the endpoint of {sidecar}, which is native: the kubelet stops it")]
    public static partial void NativeNotAsked(this ILogger log, string request, string sidecar);

    [LoggerMessage(44, LogLevel.Information, "sidecars ended: {ends}")]
    public static partial void SidecarsEnded(this ILogger log, string ends);

    [LoggerMessage(45, LogLevel.Warning, "the Pod will end as Failed because of the exit code of {sidecars}")]
    public static partial void PodWillFail(this ILogger log, string sidecars, string hint);

    [LoggerMessage(46, LogLevel.Warning, "the kubelet restarts these sidecars: {sidecars}")]
    public static partial void SidecarsRestart(this ILogger log, string sidecars, string hint);

    [LoggerMessage(47, LogLevel.Warning, "still running after {duration}: {sidecars}")]
    public static partial void SidecarsStillRun(this ILogger log, string sidecars, string duration, string hint);

    [LoggerMessage(48, LogLevel.Information, "{why}: not waiting for the sidecars")]
    public static partial void NotAwaited(this ILogger log, string why);

    [LoggerMessage(72, LogLevel.Information, "restarted, so asking again: {sidecars}")]
    public static partial void AskedAgain(this ILogger log, string sidecars);

    [LoggerMessage(91, LogLevel.Warning, "{variable} is not sent: it has a line break or another character that a header may not have")]
    public static partial void TokenNotSent(this ILogger log, string variable, string hint);

    [LoggerMessage(89, LogLevel.Information, "not waiting for {sidecars} any longer than {duration}: asking the next sidecars to stop")]
    public static partial void NextStep(this ILogger log, string sidecars, string duration);

    [LoggerMessage(49, LogLevel.Information, "a signal ended the wait for the sidecars")]
    public static partial void WaitEndedBySignal(this ILogger log);

    [LoggerMessage(EventId = 50, Message = "{problem}")]
    public static partial void CannotSeePod(this ILogger log, LogLevel level, string problem, string hint);

    [LoggerMessage(51, LogLevel.Information, "the sidecars that were asked no longer listen, and {problem}: assuming that they have ended")]
    public static partial void SidecarsGone(this ILogger log, string problem);
}
