using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Proa.Ending;
using Proa.Identity;
using Proa.Linux;
using Proa.Logging;

namespace Proa.Workers;

/// <summary>Signals the sidecars' processes in the Pod's shared PID namespace (<c>--kill</c>, <c>--kill-all</c>).</summary>
/// <param name="selection">Whom, and with which signal.</param>
/// <param name="supervisor">The supervisor's process ID.</param>
/// <param name="handover">What is known of the Pod, or null.</param>
/// <param name="expectation">Whether a sidecar may be started later, as it is known now.</param>
/// <param name="log">Where to say it.</param>
internal sealed class ShutdownSignals(ProcessSelection selection, int supervisor, Func<Handover?> handover, Func<Expectation> expectation, Log log)
{
    private const int MostNames = 20;
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    // A second signal may break off what the first has begun.
    private readonly HashSet<(int Id, ulong StartTime)> _signalled = [];
    private readonly ProcessSelection _all = selection;
    private ProcessSelection _missing = selection;
    private ImmutableArray<string> _containers = [];
    private bool _isRefused;
    private bool _isSaid;

    public ProcessSelection Selection => _all;

    /// <summary>Sends the signal to every process that is there.</summary>
    public void Send()
    {
        if (_missing.IsEmpty) return;
        var processes = ProcessTable.Read();
        if (SidecarProcesses.WhyNone(processes, supervisor, handover()?.Pod) is var (problem, hint))
        {
            log.CannotSignal(problem, hint);
            (_missing, _isRefused) = (_all with { Selectors = [], All = false }, true);
            return;
        }

        var others = Send(processes);
        if (_isSaid) return;
        var meaning = expectation() == Expectation.None ? "the sidecar is already gone" : "the sidecar is gone, or has not started it yet";
        foreach (var missing in _missing.Selectors) log.NoProcess(missing.ToString(), meaning, others.IsEmpty ? "" : $" (there are: {Names(others)})");
        if (_missing.All)
            log.NoProcess("of a sidecar", expectation() == Expectation.None ? "all are gone already" : "all are gone, or have not been started yet", "");
    }

    /// <summary>Looks for what is missing until it is there, or is no longer expected, or the budget is used up.</summary>
    public async Task RetryAsync(CancellationToken budget)
    {
        var began = Stopwatch.GetTimestamp();
        bool IsExpected() => Asking.After(
            Attempt.Refused, hasConnected: false, expectation(), hasEnded: false, Stopwatch.GetElapsedTime(began)) == NextAttempt.Again;
        try
        {
            while (!_missing.IsEmpty && IsExpected())
            {
                await Task.Delay(_interval, budget).ConfigureAwait(false);
                Send(ProcessTable.Read());
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>In these sidecars, which have been started again, all are missing again.</summary>
    public void Renew(ImmutableArray<string> sidecars)
    {
        if (_isRefused) return;
        (_missing, _containers, _isSaid) = (_all, sidecars, true);
    }

    /// <returns>All processes of other containers.</returns>
    private ImmutableArray<SidecarProcess> Send(ImmutableArray<ProcessFacts> processes)
    {
        var found = SidecarProcesses.Choose(processes, supervisor, handover()?.Pod, handover()?.Container?.Name, _missing);
        var signalled = found.Chosen.Where(IsMeant).Where(p => _signalled.Add((p.Process.Stat.Id, p.Process.Stat.StartTime)) && Send(p)).ToImmutable();
        if (!signalled.IsEmpty) log.Signalled(Signals.Of(_all.Signal), Names(signalled));
        if (!_isSaid) foreach (var spared in found.Spared) log.LeftAlone(spared.Process.Describe(), spared.Why);
        _missing = _missing with { Selectors = found.Missing, All = _missing.All && found.Chosen.IsEmpty };
        return found.All;
    }

    private bool IsMeant(SidecarProcess process) => _containers.IsEmpty || process.Container is null || _containers.Contains(process.Container);

    /// <summary>A line of the log is not to grow with the number of processes.</summary>
    private static string Names(ImmutableArray<SidecarProcess> processes)
    {
        var names = string.Join(", ", processes.Take(MostNames).Select(p => p.Describe()));
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
            if (Libc.proa_signal_process(descriptor, stat.Id, _all.Signal) == 0) return true;
            var error = Marshal.GetLastPInvokeError();
            if (error == Errno.EPERM)
            {
                log.MayNotSignal(target.Describe(), target.Process.User, Libc.geteuid(),
                    "run both containers as the same user (securityContext.runAsUser of the Pod), or proa as root with the capability KILL");
            }
            else if (error != Errno.ESRCH)
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
