using System.Collections.Immutable;
using System.Text;
using Proa.Checking;
using Proa.CommandLine;
using Proa.Identity;
using Proa.Kubernetes;
using Proa.Linux;
using Proa.Pods;
using Proa.Supervisor;
using Proa.Watching;
using Proa.Workers;

namespace Proa.Commands;

/// <summary>
/// <c>proa --check</c>, for a person in the Pod: what proa sees, and what it would do. It asks the API server what a life would ask,
/// once each, connects to where the requests would go without sending anything, and changes nothing.
/// </summary>
internal static class CheckCommand
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(15);

    /// <summary>Prints the report on stdout.</summary>
    /// <returns>0: main could be started; 1: so, with warnings; 124: not yet; 125: not at all.</returns>
    public static int Run(GivenArguments given, ParseResult parsed)
    {
        _ = Libc.prctl(Libc.PrSetDumpable, 0, 0, 0, 0); // it will have the token in memory
        var findings = FindAsync(Begin(given, parsed)).GetAwaiter().GetResult();
        findings = findings with
        {
            Tried = ListenProbe.TryAsync(CheckReport.RequestsOf(findings)).GetAwaiter().GetResult(),
            Conditions = Conditions.TryAsync(findings.Options, CheckReport.TestsOf(findings)).GetAwaiter().GetResult(),
        };
        var report = CheckReport.Of(findings);
        var isWritten = Descriptors.WriteAll(
            Libc.StandardOutput,
            parsed.Options.LogFormat == LogFormat.Json ? CheckJson.Write(report) : Encoding.UTF8.GetBytes(CheckText.Write(report)));
        return isWritten ? report.ExitCode : ExitCodes.CannotRun;
    }

    /// <summary>Whose options count: where only <c>--check</c> is given, those of the proa that this container was started with.</summary>
    private static CheckFindings Begin(GivenArguments given, ParseResult parsed)
    {
        var processes = ProcessTable.Read();
        var own = processes.FirstOrDefault(p => p.Stat.Id == Libc.getpid());
        var running = Supervisor(processes, own);
        var (main, mainProcess) = running is null ? (MainNow.Unknown, 0) : MainOf(processes, running.Stat.Id);
        if (parsed.IsBare && running is not null)
        {
            var variables = VariablesOf(running.Stat.Id);
            if (Parser.Parse(running.Arguments.AsSpan(1..), variables, running.Arguments[0]) is { Request: Request.Run } life)
            {
                return new(life.Options, Source($"process {running.Stat.Id}: {Parser.Show(running.Arguments[1..(life.CommandIndex + 1)])}", variables))
                {
                    Processes = processes,
                    Supervisor = running.Stat.Id,
                    Main = main,
                    MainProcess = mainProcess,
                    Obstacle = main is MainNow.Runs or MainNow.HasEnded ? null : Foresee(running.Arguments[life.CommandIndex + 1]),
                };
            }
        }

        return new(parsed.Options, Source("the command line", GivenArguments.Variable))
        {
            Processes = processes,
            Supervisor = Libc.getpid(),
            Main = main,
            MainProcess = mainProcess,
            Obstacle = parsed.CommandIndex + 1 < given.Count ? Foresee(given.Text(parsed.CommandIndex + 1)) : null,
        };
    }

    private static string Source(string commandLine, Func<string, string?> variable) => string.Join(", and ", [commandLine, .. Parser.ShowVariables(variable)]);

    /// <summary>The variables that a process was started with; those of kubectl exec, which are the container's too, where they may not be read.</summary>
    private static Func<string, string?> VariablesOf(int process)
    {
        var environment = ProcessTable.Text(FormattableString.Invariant($"/proc/{process}/environ"));
        if (environment.Length == 0) return GivenArguments.Variable;
        var entries = environment.Split('\0');
        return name => entries.FirstOrDefault(e => e.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
    }

    /// <summary>By the supervisor's children: a worker before main, main, a worker after it. The oldest is main, as orphans come later.</summary>
    private static (MainNow, int Process) MainOf(ImmutableArray<ProcessFacts> processes, int supervisor)
    {
        ImmutableArray<ProcessFacts> children = [.. processes.Where(p => p.Stat.Parent == supervisor).OrderBy(p => (long)p.Stat.StartTime)];
        if (children.Any(c => c.Arguments[0] == WorkerTitle.Shutdown)) return (MainNow.HasEnded, 0);
        return children is [var first, ..] && first.Arguments[0] != WorkerTitle.Wait ? (MainNow.Runs, first.Stat.Id) : (MainNow.Waits, 0);
    }

    private static (string Problem, string Hint)? Foresee(string command) =>
        CommandNotStarted.Foresee(command) is { } problem ? (problem, "") : null;

    /// <summary>The proa of our container. On a machine, where no kubelet has made the mounts, another proa is none of ours unless it is PID 1.</summary>
    private static ProcessFacts? Supervisor(ImmutableArray<ProcessFacts> processes, ProcessFacts? own)
    {
        if (own is not { ExecutablePath.Length: > 0 }) return null;
        var isInPod = MountTable.ContainerName(own.MountInfo, "") is not null;
        var sharesMounts = MountTable.SharedWith(own.MountInfo);
        return processes
            .Where(p => p.Stat.Id != own.Stat.Id && (isInPod || p.Stat.Id == ProcessStat.Init))
            .Where(p => p.ExecutablePath == own.ExecutablePath && sharesMounts(p.MountInfo))
            .Where(p => !WorkerTitle.IsOf(p))
            .MinBy(p => (long)p.Stat.StartTime);
    }

    private static async Task<CheckFindings> FindAsync(CheckFindings findings)
    {
        if (!findings.Options.AsksApi) return findings;
        using var deadline = new CancellationTokenSource(_timeout);
        try
        {
            using var session = new PodConnection(findings.Options, TimeProvider.System);
            var identity = session.Identity;
            var server = session.Access.Server.GetLeftPart(UriPartial.Path).TrimEnd('/');
            findings = findings with { ApiServer = (server, session.Access.Source), Identity = identity };

            Pod? pod = null;
            ApiFailure? failure = null;
            foreach (var name in identity.Names)
            {
                (pod, failure) = await TryAsync(() => session.Api.GetPodAsync(identity.Namespace, name, deadline.Token)).ConfigureAwait(false);
                if (failure?.Kind != ApiFailureKind.NotFound) break;
            }

            if (pod is { } other && identity.Uid.Length > 0 && other.Metadata.Uid != identity.Uid)
                (pod, failure) = (null, ApiFailure.OfAnotherPod(other, identity.Uid));
            var (podName, version) = (pod?.Metadata.Name ?? identity.Names[0], pod?.Metadata.ResourceVersion);
            var (watch, refusal) = await TryAsync(() => session.Api.WatchPodAsync(identity.Namespace, podName, version, deadline.Token))
                .ConfigureAwait(false);
            watch?.Dispose();
            findings = findings with { Permissions = new(failure?.Message, refusal?.Message) };
            if (refusal?.Kind == ApiFailureKind.Forbidden) findings = findings with { PermissionHint = AccessHint.Role(identity) };
            if (pod is null)
                throw new CannotRunException("cannot read the Pod: " + failure!.Message, AccessHint.For(failure, identity, session.Api.TrustHint))
                {
                    IsWithoutAccess = failure.IsOfAccess,
                };

            var self = session.Container.Decide(pod, out var error);
            findings = findings with { Pod = pod, Container = self, Life = findings.Main == MainNow.Waits ? session.Life(pod, findings.Supervisor) : null };
            return self is null ? throw new CannotRunException("cannot tell our own container: " + error, session.Container.Hint) : findings;
        }
        catch (CannotRunException e)
        {
            return findings with { Obstacle = (e.Message, await KnownOnLocalhost.HintAsync(e).ConfigureAwait(false)) };
        }
        catch (OperationCanceledException)
        {
            return findings with { Obstacle = ($"the API server has not answered within {Duration.Format(_timeout)}", "") };
        }
    }

    private static async Task<(T? Result, ApiFailure? Failure)> TryAsync<T>(Func<Task<T>> request)
        where T : class
    {
        try
        {
            return (await request().ConfigureAwait(false), null);
        }
        catch (ApiException e)
        {
            return (null, e.Failure);
        }
    }
}
