using Proa.Ending;
using Proa.Identity;
using Proa.Kubernetes;
using Proa.Logging;
using Proa.Pods;
using Proa.Watching;

namespace Proa.Workers;

/// <summary>What is to be done, by the Pod as it was last seen: decided anew with each of its states.</summary>
internal sealed class LivePlan : IDisposable
{
    private readonly int _exitCode;
    private readonly EndingRule _rule;
    private readonly PodView _pod;
    private readonly TimeProvider _time;
    private readonly Log _log;

    public LivePlan(Handover? handover, int exitCode, Options options, TimeProvider time, Log log)
    {
        (_exitCode, _rule, _time, _log) = (exitCode, EndingRule.Of(options), time, log);
        _pod = new(handover, options, time, log);
        MayBeSeen = options.AsksApi;
        Now = Decide();
    }

    public ShutdownPlan Now { get; private set; }

    /// <summary>What is known of the Pod, or null.</summary>
    public Handover? Known => _pod.Known;

    /// <summary>Whether the API server can still be asked.</summary>
    public bool MayBeSeen { get; private set; }

    /// <summary>Why there is no newer state; null if there is.</summary>
    public ApiFailure? Failure => _pod.Failure;

    /// <summary>Whether there may be anything to do.</summary>
    public bool MayHaveWork => _rule.MayHaveWork(MayBeSeen);

    /// <summary>What of the budget the Pod leaves.</summary>
    public TimeSpan Left() => ShutdownBudget.Left(Known?.Pod, Now.Budget, _time.GetUtcNow());

    /// <summary>Looks at the Pod as it is now, if the API server lets us in this time.</summary>
    public async Task LookAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        if (!MayBeSeen) return;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(timeout);
        try
        {
            while (MayBeSeen && await NextAsync(deadline.Token).ConfigureAwait(false) is null)
            {
            }
        }
        catch (OperationCanceledException)
        {
        }

        Update();
    }

    /// <summary>Decides by the Pod as it was last seen.</summary>
    public void Update() => Now = Decide();

    /// <summary>The Pod's next state, or null where there is none this time.</summary>
    public async Task<Pod?> NextAsync(CancellationToken cancellation)
    {
        try
        {
            return await _pod.NextAsync(cancellation).ConfigureAwait(false);
        }
        catch (CannotRunException e)
        {
            // After 125 the worker "wait" has said it already.
            _log.CannotSeePod(_exitCode == ExitCodes.CannotRun ? LogLevel.Debug : LogLevel.Warn, e.Message, e.Hint);
            MayBeSeen = false;
            Update();
            return null;
        }
    }

    /// <summary>Closes the connections to the API server: a mesh's proxy waits for open ones before it ends, and none of ours may be among them.</summary>
    public void Close() => _pod.Close();

    /// <summary>From now on each look is a request on a connection of its own.</summary>
    public void LookSingly() => _pod.LookSingly();

    private ShutdownPlan Decide() => ShutdownPlan.Decide(Known?.Pod, Known?.Container?.Name, _exitCode, _rule, MayBeSeen);

    public void Dispose() => _pod.Dispose();
}
