using System.Text;
using Proa;
using Proa.CommandLine;
using Proa.Commands;
using Proa.Ending;
using Proa.Identity;
using Proa.Kubernetes;
using Proa.Linux;
using Proa.Logging;
using Proa.Sidecars;
using Proa.Supervisor;
using Proa.Workers;

// The supervisor, unless the supervisor has started this process as one of its workers.
Libc.proa_is_running();
var given = new GivenArguments();
var title = Libc.proa_is_worker() != 0 ? given.Text(0) : "";
var own = title switch
{
    WorkerTitle.Wait => WorkerTitle.FirstArgument,
    WorkerTitle.Watch => WorkerTitle.FirstArgument + WatchWorker.OwnArguments,
    WorkerTitle.Shutdown => WorkerTitle.FirstArgument + ShutdownWorker.OwnArguments,
    _ => 1,
};
var parsed = Parser.Parse(given.Texts(own), GivenArguments.Variable, title.Length == 0 ? given.Text(0) : "");
var log = Log.OnStandardError(parsed.Options.LogLevel, parsed.Options.LogFormat);

// A life that cannot begin is to end its sidecars all the same.
var isFailedLife = parsed is { Request: Request.Refuse, Wanted: Request.Run } && EndingRule.Of(parsed.Options).MayHaveWork(parsed.Options.AsksApi)
    && (title == WorkerTitle.Shutdown || IsContainers());

// Whatever is not a life ends as any program does, by Ctrl-C too; --install first removes what it has begun.
if (parsed.Request is not (Request.Run or Request.Install or Request.Wait) && !isFailedLife) Libc.proa_unblock_signals();
switch (parsed.Request)
{
    case Request.Help: return Print(HelpText.Text);
    case Request.Version: return Print(VersionCommand.Text(verbose: false));
    case Request.Versions: return Print(VersionCommand.Text(verbose: true));
    case Request.ListKnown: return Print(KnownSidecarsText.Write());
    case Request.Check: return CheckCommand.Run(given, parsed);
    case Request.CheckFiles: return Other("proa --check", () => CheckFilesCommand.Run(parsed.Options, log));
    case Request.Wait:
        SaySkipped();
        return Other("proa --wait-only", () => WaitCommand.Run(parsed.Options, IsContainers(), log));
    case Request.Install: return InstallCommand.Run(parsed.Options.InstallPath!, log);
    case Request.Refuse when title == WorkerTitle.Shutdown: break; // the supervisor has said it
    case Request.Refuse:
        log.UsageError(parsed.Error!.Message, parsed.Error.Hint);
        // A person's mistake in kubectl exec is not how the container ended.
        if (parsed.Wanted == Request.Run || (parsed.Wanted == Request.Wait && IsContainers()))
            TerminationMessage.Write(handover: null, parsed.Error.Message, parsed.Error.Hint);
        if (isFailedLife) return Supervise();
        return ExitCodes.CannotRun;
    case Request.Run:
        if (title.Length == 0) SaySkipped();
        if (title.Length == 0 && parsed.Scuttle is { Options.Count: > 0 } scuttle)
            log.TakenFromScuttle(scuttle.Equivalent, scuttle.Skipped.Count == 0 ? "" : "skipped: " + string.Join(", ", scuttle.Skipped));
        break;
}

return title switch
{
    WorkerTitle.Wait => End(() => WaitWorker.Run(parsed.Options, log)),
    WorkerTitle.Watch => End(() => WatchWorker.Run(given.Texts(WorkerTitle.FirstArgument)[..WatchWorker.OwnArguments], parsed.Options, log)),
    WorkerTitle.Shutdown =>
        End(() => ShutdownWorker.Run(given.Texts(WorkerTitle.FirstArgument)[..ShutdownWorker.OwnArguments], parsed.Options, log)),
    _ => Supervise(),
};

int End(Func<int> worker) => Exit(Work(title, worker));

// The supervisor waits for a worker's end, and the kubelet for the supervisor's. So it is over at once: the kernel frees the memory, and the runtime and
// OpenSSL need not.
static int Exit(int exitCode)
{
    Libc._exit(exitCode);
    return exitCode;
}

// Work that is done without a supervisor.
int Other(string name, Func<int> work) =>
    Work(name, work) is var exitCode and not (ExitCodes.WorkerFailed or ExitCodes.WorkerOutOfMemory) ? exitCode : ExitCodes.CannotRun;

int Work(string name, Func<int> worker)
{
    if (title.Length > 0) given.NameProcess();
    try
    {
        return worker();
    }
    catch (CannotRunException e)
    {
        log.WorkerCannotGoOn(name, e.Message, e.Hint);
        return ExitCodes.WorkerFailed;
    }
    catch (OutOfMemoryException)
    {
        log.WorkerCannotGoOn(name, "its memory is used up", "");
        return ExitCodes.WorkerOutOfMemory;
    }
#pragma warning disable CA1031 // One line says more than a crash; the exit code tells the supervisor.
    catch (Exception e)
#pragma warning restore CA1031
    {
        var cause = e.GetBaseException(); // a type's initializer says nothing itself
        log.WorkerFailed(name, $"{cause.GetType().Name}: {cause.Message}");
        return ExitCodes.WorkerFailed;
    }
}

void SaySkipped()
{
    if (parsed.Skipped is var (problem, hint)) log.VariableSkipped(OptionValues.OperatorsVariable, problem, hint);
}

bool IsContainers() => ContainerStart.IsBy(ProcessTable.Read(), Libc.getpid());

int Supervise()
{
    try
    {
        return Exit(new SupervisorLoop(given, own + parsed.CommandIndex, parsed.Options, log).Run(isFailedLife));
    }
    catch (InvalidOperationException e) // nothing has been started yet: Run does not throw
    {
        log.CannotSupervise(e.Message);
        return ExitCodes.CannotRun;
    }
}

// Help that was asked for goes to stdout, so that it can be piped into a pager.
static int Print(string text) => Descriptors.WriteAll(Libc.StandardOutput, Encoding.UTF8.GetBytes(text)) ? 0 : ExitCodes.CannotRun;
