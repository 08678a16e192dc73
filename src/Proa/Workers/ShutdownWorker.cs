using System.Globalization;
using Microsoft.Extensions.Logging;
using Proa.CommandLine;
using Proa.Identity;
using Proa.Kubernetes;
using Proa.Lifecycle;
using Proa.Linux;
using Proa.Logging;
using Proa.Pods;
using Proa.Shutdown;

namespace Proa.Workers;

/// <summary>The worker "shutdown": asks the sidecars to stop, waits for them, and reports how they ended. What it knows is on stdin.</summary>
internal sealed class ShutdownWorker : IDisposable
{
    /// <summary>The exit code, and why main was not started.</summary>
    public const int OwnArguments = 2;

    private const int LargestKnowledge = 16 * 1024 * 1024;
    private const uint HangSeconds = 60;
    private static readonly TimeSpan _lastWord = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _lookTimeout = TimeSpan.FromSeconds(3);

    private readonly int _exitCode;
    private readonly Options _options;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _hurried = new();
    private readonly KnownPod _pod;

    private ShutdownWorker(int exitCode, Options options, ILogger log)
    {
        _exitCode = exitCode;
        _options = options;
        _log = log;
        _pod = new(PodKnowledge.FromBytes(Descriptors.ReadFile(Libc.StandardInput, LargestKnowledge)), options, TimeProvider.System, log);
    }

    /// <summary>Shuts down.</summary>
    public static int Run(string exitCode, string whyNotStarted, Options options, ILogger log)
    {
        using var worker = new ShutdownWorker(int.Parse(exitCode, CultureInfo.InvariantCulture), options, log);
        if (whyNotStarted.Length > 0) TerminationMessage.Write(worker._pod.Knowledge, whyNotStarted);
        WorkerThreads.Require();
        using var life = new SignOfLife();
        if (options.EndsSidecars) worker.ShutDown();
        return 0;
    }

    /// <summary>This thread has nothing else to do, and hears of SIGTERM: another one less.</summary>
    private void ShutDown()
    {
        // Should we hang for a reason nobody thought of, the kernel ends us.
        _ = Libc.alarm(HangSeconds);
        var work = ShutDownAsync();
#pragma warning disable RS0030 // This thread cannot be woken, so it cannot return either.
        _ = work.ContinueWith(
            done => SignalQueue.WakeFromTerminate(otherwise: () => Environment.Exit(done.IsFaulted ? ExitCodes.WorkerFailed : 0)),
            TaskScheduler.Default);
#pragma warning restore RS0030
        while (!work.IsCompleted)
        {
            SignalQueue.WaitForTerminate();
            if (!work.IsCompleted) _hurried.Cancel();
        }

        work.GetAwaiter().GetResult();
    }

    private async Task ShutDownAsync()
    {
        // What was last seen may already make it certain that the sidecars are to be asked. Else the Pod is looked at now: its
        // deletion, which ends every restart, may have come since. So may another life of a sidecar, and a process is told by that
        // life's container ID.
        var plan = Plan();
        var isUnseen = _pod.Knowledge is null; // the worker "wait", where it knows who we are but not the Pod, has tried long enough
        if (plan.Ask ? isUnseen || _options.Signals : plan.IsForRetry)
        {
            await LookAsync(_lookTimeout).ConfigureAwait(false);
            plan = Plan();
        }

        if (!plan.Ask)
        {
            _log.SidecarsLeft(plan.Why);
            return;
        }

        _ = Libc.alarm((uint)plan.Budget.TotalSeconds + HangSeconds);
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(_hurried.Token);
        budget.CancelAfter(plan.Budget);

        // A mesh's proxy waits for open connections before it ends: none of ours may be among them.
        _pod.Close();
        using var requests = new ShutdownRequests(_log);
        var signals = new ShutdownSignals(_options, Libc.getppid(), _log);
        ShutdownRequest[] failed;
        Options missing;
        // Who does not want to wait for the sidecars' end wants them to be asked all the same.
        using var asking = new CancellationTokenSource(plan.Budget > TimeSpan.Zero ? plan.Budget : Timeout.InfiniteTimeSpan);
        // A signal ends the waiting, but the sidecars are to hear of the end: without that the Pod might never complete.
        await using (_hurried.Token.Register(() => asking.CancelAfter(_lastWord)))
        {
            var asked = requests.AskAsync(_options.ShutdownRequests, mayListenLater: !plan.Awaited.IsEmpty, asking.Token);
            missing = signals.Send(_pod.Knowledge, mayStartLater: !plan.Awaited.IsEmpty);
            failed = await asked.ConfigureAwait(false);
        }

        var retries = Task.WhenAll(requests.RetryAsync(failed, budget.Token), signals.RetryAsync(missing, () => _pod.Knowledge, budget.Token));
        if (plan.Awaited.IsEmpty)
        {
            await retries.ConfigureAwait(false);
            return;
        }

        await AwaitEndsAsync(budget.Token).ConfigureAwait(false);
        await budget.CancelAsync().ConfigureAwait(false);
        await retries.ConfigureAwait(false);
    }

    private ShutdownPlan Plan() => ShutdownPlan.Decide(_pod.Knowledge?.Pod, _pod.Knowledge?.Container?.Name, _exitCode, _options);

    /// <summary>Looks at the Pod as it is now, if the API server lets us in this time.</summary>
    private async Task LookAsync(TimeSpan timeout)
    {
        if (_options.NoWait) return;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_hurried.Token);
        deadline.CancelAfter(timeout);
        try
        {
            while (await _pod.NextAsync(deadline.Token).ConfigureAwait(false) is null)
            {
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (CannotRunException e)
        {
            ReportUnseen(e);
        }
    }

    private async Task AwaitEndsAsync(CancellationToken budget)
    {
        ShutdownPlan? plan = null;
        try
        {
            while (true)
            {
                var pod = await _pod.NextAsync(budget).ConfigureAwait(false);
                if (pod is null && _pod.Problem.Length > 0 && await ShutdownRequests.NobodyListensAsync(_options.ShutdownRequests, budget).ConfigureAwait(false))
                {
                    // A mesh's proxy that has ended takes our way to the API server with it.
                    _log.SidecarsGone(_pod.Problem);
                    return;
                }

                if (pod is null) continue;
                // What is awaited is decided once, by the first state after the requests: who is started again later is not waited for.
                plan ??= Plan();
                if (pod.IsBeingDeleted)
                {
                    _log.NotAwaited();
                    return;
                }

                if (!plan.StillRunning(pod).IsEmpty) continue;
                Report(pod);
                return;
            }
        }
        catch (OperationCanceledException) when (_hurried.IsCancellationRequested)
        {
            _log.WaitEndedBySignal();
        }
        catch (OperationCanceledException)
        {
            ReportTimeout(plan ?? Plan());
        }
        catch (CannotRunException e)
        {
            ReportUnseen(e);
        }
    }

    /// <summary>After 125 the worker "wait" has said it already.</summary>
    private void ReportUnseen(CannotRunException e) =>
        _log.CannotSeePod(_exitCode == ExitCodes.CannotRun ? LogLevel.Debug : LogLevel.Warning, e.Message, e.Hint);

    private void Report(Pod pod)
    {
        var report = ShutdownReport.Of(pod, _pod.Knowledge!.Container!.Name, _options);
        _log.SidecarsEnded(report.Ends);
        if (!report.Failing.IsEmpty)
            _log.PodWillFail(string.Join(", ", report.Failing), report.Ends.Contains("143", StringComparison.Ordinal)
                ? "ask such a sidecar over HTTP rather than by a signal, or let it exit with 0 on SIGTERM (the Cloud SQL Auth Proxy: --exit-zero-on-sigterm)"
                : "kubectl logs of such a sidecar tells why it did not exit with 0");
        if (!report.Restarting.IsEmpty)
            _log.SidecarsRestart(string.Join(", ", report.Restarting), "the Pod completes only when they stay ended: make them native sidecars (init containers with restartPolicy Always)");
    }

    private void ReportTimeout(ShutdownPlan plan)
    {
        var running = _pod.Knowledge?.Pod is { } pod ? plan.StillRunning(pod) : plan.Awaited;
        _log.SidecarsStillRun(
            string.Join(", ", running),
            Duration.Format(plan.Budget),
            "does one of the shutdown requests or --kill reach them? One that ends only after main is left out with --ignore");
    }

    public void Dispose()
    {
        _pod.Dispose();
        _hurried.Dispose();
    }
}
