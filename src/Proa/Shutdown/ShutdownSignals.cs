using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Proa.CommandLine;
using Proa.Identity;
using Proa.Linux;
using Proa.Logging;
using Proa.Processes;

namespace Proa.Shutdown;

/// <summary>Signals the sidecars' processes in the Pod's shared PID namespace (<c>--kill</c>, <c>--kill-all</c>).</summary>
/// <param name="options">Whom, and with which signal.</param>
/// <param name="proa">The supervisor's process ID.</param>
/// <param name="log">Where to say it.</param>
internal sealed class ShutdownSignals(Options options, int proa, ILogger log)
{
    private const int MostNames = 20;
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    /// <summary>Sends the signal to every process that is there.</summary>
    /// <param name="knowledge">What is known of the Pod, or null.</param>
    /// <param name="mayStartLater">Whether a sidecar runs that may not have started the process yet, as where main was never started.</param>
    /// <returns>The options with what is still missing in <see cref="Options.Kill"/>: nothing, unless it may start later.</returns>
    public Options Send(PodKnowledge? knowledge, bool mayStartLater)
    {
        if (!options.Signals) return options;
        var processes = ProcessTable.Read();
        if (SidecarProcesses.WhyNone(processes, proa, knowledge?.Pod) is var (problem, hint))
        {
            log.CannotSignal(problem, hint);
            return options with { Kill = [], KillAll = false };
        }

        var found = Send(processes, knowledge, options);
        foreach (var missing in found.Missing)
        {
            log.NoProcess(
                missing.ToString(),
                mayStartLater ? "the sidecar is gone, or has not started it yet" : "the sidecar is already gone",
                found.All.IsEmpty ? "" : $" (there are: {Names(found.All)})");
        }

        if (options.KillAll && found.Chosen.IsEmpty) log.NoProcess("of a sidecar", "all are gone already", "");

        return options with { Kill = mayStartLater ? found.Missing : [], KillAll = false };
    }

    /// <summary>Looks for what is missing until it is there or the budget is used up.</summary>
    public async Task RetryAsync(Options missing, Func<PodKnowledge?> knowledge, CancellationToken budget)
    {
        try
        {
            while (missing.Signals)
            {
                await Task.Delay(_interval, budget).ConfigureAwait(false);
                missing = missing with { Kill = Send(ProcessTable.Read(), knowledge(), missing).Missing };
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private SidecarProcesses Send(ImmutableArray<ProcessFacts> processes, PodKnowledge? knowledge, Options wanted)
    {
        var found = SidecarProcesses.Choose(processes, proa, knowledge?.Pod, knowledge?.Container?.Name, wanted);
        var signalled = found.Chosen.Where(Send).ToImmutableArray();
        if (!signalled.IsEmpty) log.Signalled(SignalNames.Of(options.KillSignal), Names(signalled));
        foreach (var spared in found.Spared) log.LeftAlone(spared.Process.Describe(), spared.Why);
        return found;
    }

    /// <summary>A line of the log is not to grow with the number of processes.</summary>
    private static string Names(ImmutableArray<SidecarProcess> processes)
    {
        var names = string.Join(", ", processes.Where((_, index) => index < MostNames).Select(p => p.Describe()));
        return processes.Length > MostNames ? FormattableString.Invariant($"{names} and {processes.Length - MostNames} others") : names;
    }

    private bool Send(SidecarProcess target)
    {
        var stat = target.Process.Stat;
        var descriptor = Libc.proa_open_process(stat.Id);
        try
        {
            // Its ID may be another process's by now.
            if (ProcessTable.Read(stat.Id)?.Stat.StartTime != stat.StartTime) return false;
            if (Libc.proa_signal_process(descriptor, stat.Id, options.KillSignal) == 0) return true;
            var error = Marshal.GetLastPInvokeError();
            if (error == Libc.EPERM)
            {
                log.MayNotSignal(target.Describe(), target.Process.User, Libc.geteuid(),
                    "run both containers as the same user (securityContext.runAsUser of the Pod), or proa as root with the capability KILL");
            }
            else if (error != Libc.ESRCH)
            {
                log.CannotSignal($"{target.Describe()}: {Libc.ErrorText(error)}", "");
            }

            return false;
        }
        finally
        {
            if (descriptor >= 0) _ = Libc.close(descriptor);
        }
    }
}
