
namespace Proa.Logging;

/// <summary>
/// Everything that proa says: lower case, no full stop, no secrets. A failure says what cannot be done and why; a parameter named
/// hint says what to do.
/// </summary>
internal static class Messages
{
    // The command line

    public static void UsageError(this Log log, string problem, string hint) =>
        log.Write(LogLevel.Error, $"{problem}", ("hint", hint));

    public static void TakenFromScuttle(this Log log, string commandLine, string hint) =>
        log.Write(LogLevel.Info, $"scuttle's variables mean: {commandLine}", ("hint", hint));

    public static void VariableSkipped(this Log log, string variable, string problem, string hint) =>
        log.Write(LogLevel.Warn, $"not all of {variable} can be used: {problem}", ("hint", hint));

    // proa --install

    public static void Installed(this Log log, string path) =>
        log.Write(LogLevel.Info, $"installed {path}");

    public static void CannotInstall(this Log log, string path, string problem, string hint) =>
        log.Write(LogLevel.Error, $"cannot install {path}: {problem}", ("hint", hint));

    // The supervisor

    public static void CannotSupervise(this Log log, string problem) =>
        log.Write(LogLevel.Error, $"cannot run as an init process: {problem}");

    public static void CommandStarted(this Log log, LogLevel level, int pid) =>
        log.Write(level, $"main started", ("pid", pid));

    public static void CommandNotStarted(this Log log, string problem, int exitCode) =>
        log.Write(LogLevel.Error, $"{problem}", ("exitCode", exitCode));

    public static void CommandExited(this Log log, LogLevel level, int exitCode, string note) =>
        log.Write(level, $"main exited with {exitCode}{note}");

    public static void CommandKilled(this Log log, LogLevel level, string signal, int exitCode, string note) =>
        log.Write(level, $"main was killed by {signal}{note}", ("exitCode", exitCode));

    public static void SignalForwarded(this Log log, string signal) =>
        log.Write(LogLevel.Debug, $"{signal} forwarded to main");

    public static void SignalDropped(this Log log, string signal) =>
        log.Write(LogLevel.Info, $"{signal} ignored: main has not started yet");

    public static void WaitWorkerLost(this Log log, string problem, string hint) =>
        log.Write(LogLevel.Error, $"{problem}", ("hint", hint));

    public static void ShutdownWorkerLost(this Log log, string end, string hint) =>
        log.Write(LogLevel.Warn, $"the sidecars may keep running: the process that stops them has failed: {end}", ("hint", hint));

    public static void WatchWorkerLost(this Log log, string later, string end, string hint) =>
        log.Write(LogLevel.Warn, $"cannot watch the other containers{later}: the process that does so has failed ({end})", ("hint", hint));

    public static void CannotRemember(this Log log, string problem, string hint) =>
        log.Write(LogLevel.Warn, $"cannot create a memory file, so proa will fetch the Pod again after main: {problem}", ("hint", hint));

    public static void SupervisorFailed(this Log log, string what, string problem, string hint) =>
        log.Write(LogLevel.Error, $"internal error in {what}, proa continues: {problem}", ("hint", hint));

    // The worker "wait"

    public static void WhoWeAre(this Log log, string podNamespace, string pod, string container, string podFrom, string containerFrom, string accessFrom) =>
        log.Write(
            LogLevel.Info,
            $"this is container {container} of Pod {podNamespace}/{pod}",
            ("podFrom", podFrom),
            ("containerFrom", containerFrom),
            ("accessFrom", accessFrom));

    public static void NoSidecars(this Log log) =>
        log.Write(LogLevel.Info, $"no sidecars to wait for");

    public static void WaitingFor(this Log log, string sidecars, string hint) =>
        log.Write(LogLevel.Info, $"waiting for {sidecars}", ("hint", hint));

    public static void NoReadinessProbe(this Log log, string sidecars) =>
        log.Write(LogLevel.Info, $"no readinessProbe, so ready as soon as it runs: {sidecars}");

    public static void SidecarChanged(this Log log, string sidecar, string state, string? detail, string hint) =>
        log.Write(LogLevel.Info, $"{sidecar}: {state}", ("detail", detail), ("hint", hint));

    public static void SidecarsReady(this Log log, string seconds) =>
        log.Write(LogLevel.Info, $"sidecars ready after {seconds} s");

    public static void PodEnds(this Log log, string why) =>
        log.Write(LogLevel.Info, $"{why}: main will not start");

    public static void CannotStart(this Log log, string problem, string hint, int exitCode) =>
        log.Write(LogLevel.Error, $"{problem}", ("hint", hint), ("exitCode", exitCode));

    public static void IgnoredIsAbsent(this Log log, string name, string names) =>
        log.Write(LogLevel.Warn, $"--ignore {name}: the Pod has no container of this name; it has {names}");

    public static void NothingEnds(this Log log, string sidecar, string why, string hint) =>
        log.Write(LogLevel.Warn, $"nothing stops {sidecar} when main exits, so the Pod does not complete: {why}", ("hint", hint));

    public static void MayNotEnd(this Log log, string sidecar, string doubt, string hint) =>
        log.Write(LogLevel.Info, $"{sidecar} will be asked to stop when main exits, but {doubt}", ("hint", hint));

    public static void WorkerFailed(this Log log, string title, string problem) =>
        log.Write(LogLevel.Error, $"the process \"{title}\" has failed: {problem}");

    public static void StatusNotBelieved(this Log log, string why, string limit) =>
        log.Write(LogLevel.Info, $"{why}; waiting up to {limit} for the next status");

    public static void StatusBelieved(this Log log, string why, string limit, string hint) =>
        log.Write(LogLevel.Warn, $"using the Pod's status after {limit}, although it does not look current: {why}", ("hint", hint));

    public static void WaitLasts(this Log log, string duration, string why, string hint) =>
        log.Write(LogLevel.Warn, $"main has not started after {duration}: {why}", ("hint", hint));

    public static void WaitOnlyLasts(this Log log, string duration, string why, string hint) =>
        log.Write(LogLevel.Warn, $"still waiting after {duration}: {why}", ("hint", hint));

    public static void WaitingForConditions(this Log log, string conditions) =>
        log.Write(LogLevel.Info, $"waiting for {conditions}");

    public static void ConditionChanged(this Log log, string condition, string outcome) =>
        log.Write(LogLevel.Info, $"{condition} {outcome}");

    public static void StartedUnready(this Log log, string limit, string why, string hint) =>
        log.Write(LogLevel.Warn, $"starting main after {limit}, although not everything is ready: {why}", ("hint", hint));

    public static void WorkerCannotGoOn(this Log log, string title, string problem, string hint) =>
        log.Write(LogLevel.Error, $"the process \"{title}\" cannot continue: {problem}", ("hint", hint));

    public static void ValueWithoutName(this Log log, string file, int line) =>
        log.Write(LogLevel.Warn, $"{file}, line {line}: a value without a name is skipped");

    // The worker "watch"

    public static void StoppedOn(this Log log, string sidecar, string how, string grace) =>
        log.Write(LogLevel.Warn, $"{sidecar} {how}, and main needs it (--stop-on): SIGTERM to main now, SIGKILL in {grace}");

    public static void StoppedUntil(this Log log, string container, string how, string grace) =>
        log.Write(LogLevel.Info, $"{container} {how}, so this sidecar is no longer needed (--until): SIGTERM to it now, SIGKILL in {grace}");

    public static void KilledAfterGrace(this Log log, string grace) =>
        log.Write(LogLevel.Warn, $"still running after {grace}: sending SIGKILL");

    public static void NothingToWatch(this Log log, string problem, string hint) =>
        log.Write(LogLevel.Error, $"{problem}, so nothing stops this sidecar", ("hint", hint));

    public static void CannotWatch(this Log log, string delay, string problem, string hint) =>
        log.Write(LogLevel.Warn, $"proa cannot see when other containers end, and retries in {delay}: {problem}", ("hint", hint));

    // The API server

    public static void ApiProblem(this Log log, string problem) =>
        log.Write(LogLevel.Info, $"{problem}; retrying");

    public static void Polling(this Log log, string problem, double seconds, string hint) =>
        log.Write(LogLevel.Warn, $"watching is not allowed, so proa polls the Pod every {seconds} s: {problem}", ("hint", hint));

    // The worker "shutdown"

    public static void ShutdownRequested(this Log log, string method, string url, int status) =>
        log.Write(LogLevel.Info, $"asked a sidecar to stop: {method} {url}", ("status", status));

    public static void ShutdownDelayed(this Log log, string delay) =>
        log.Write(LogLevel.Info, $"asking the sidecars to stop in {delay}");

    public static void DelayEndedBySignal(this Log log) =>
        log.Write(LogLevel.Info, $"a signal ended the delay: asking the sidecars to stop now");

    public static void NobodyListens(this Log log, string url, string meaning) =>
        log.Write(LogLevel.Info, $"nothing listens at {url}: {meaning}");

    public static void ShutdownRequestFailed(this Log log, string method, string url, string problem, string hint) =>
        log.Write(LogLevel.Warn, $"cannot ask a sidecar to stop: {method} {url}: {problem}", ("hint", hint));

    public static void ShutdownRequestRetried(this Log log, string method, string url, string problem, string hint) =>
        log.Write(LogLevel.Warn, $"cannot ask a sidecar to stop yet: {method} {url}: {problem}; retrying", ("hint", hint));

    public static void Signalled(this Log log, string signal, string processes) =>
        log.Write(LogLevel.Info, $"sent {signal} to {processes}");

    public static void NoProcess(this Log log, string selector, string meaning, string others) =>
        log.Write(LogLevel.Info, $"no process {selector} to signal: {meaning}{others}");

    public static void LeftAlone(this Log log, string process, string why) =>
        log.Write(LogLevel.Info, $"not signalled: {process}: {why}");

    public static void MayNotSignal(this Log log, string process, long user, long own, string hint) =>
        log.Write(LogLevel.Warn, $"no permission to signal {process}: it runs as user {user}, proa as {own}", ("hint", hint));

    public static void CannotSignal(this Log log, string problem, string hint) =>
        log.Write(LogLevel.Warn, $"cannot signal the sidecars: {problem}", ("hint", hint));

    public static void SidecarsLeft(this Log log, string why) =>
        log.Write(LogLevel.Info, $"the sidecars keep running: {why}");

    public static void NativeNotAsked(this Log log, string request, string sidecar) =>
        log.Write(LogLevel.Info, $"not asked: {request} is the endpoint of {sidecar}, which is native: the kubelet stops it");

    public static void SidecarsEnded(this Log log, string ends) =>
        log.Write(LogLevel.Info, $"sidecars ended: {ends}");

    public static void PodWillFail(this Log log, string sidecars, string hint) =>
        log.Write(LogLevel.Warn, $"the Pod will end as Failed because of the exit code of {sidecars}", ("hint", hint));

    public static void SidecarsRestart(this Log log, string sidecars, string hint) =>
        log.Write(LogLevel.Warn, $"the kubelet restarts these sidecars: {sidecars}", ("hint", hint));

    public static void SidecarsStillRun(this Log log, string sidecars, string duration, string hint) =>
        log.Write(LogLevel.Warn, $"still running after {duration}: {sidecars}", ("hint", hint));

    public static void NotAwaited(this Log log, string why) =>
        log.Write(LogLevel.Info, $"{why}: not waiting for the sidecars");

    public static void AskedAgain(this Log log, string sidecars) =>
        log.Write(LogLevel.Info, $"restarted, so asking again: {sidecars}");

    public static void TokenNotSent(this Log log, string variable, string hint) =>
        log.Write(LogLevel.Warn, $"{variable} is not sent: it has a line break or another character that a header may not have", ("hint", hint));

    public static void NextStep(this Log log, string sidecars, string duration) =>
        log.Write(LogLevel.Info, $"not waiting for {sidecars} any longer than {duration}: asking the next sidecars to stop");

    public static void WaitEndedBySignal(this Log log) =>
        log.Write(LogLevel.Info, $"a signal ended the wait for the sidecars");

    public static void CannotSeePod(this Log log, LogLevel level, string problem, string hint) =>
        log.Write(level, $"{problem}", ("hint", hint));

    public static void SidecarsGone(this Log log, string problem) =>
        log.Write(LogLevel.Info, $"the sidecars that were asked no longer listen, and {problem}: assuming that they have ended");
}
