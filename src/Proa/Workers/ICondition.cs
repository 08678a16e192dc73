using Proa.Kubernetes;
using Proa.Waiting;

namespace Proa.Workers;

/// <summary>Something that main waits for. The worker runs all of them side by side, and main starts when all hold at the same time.</summary>
internal interface ICondition : IDisposable
{
    /// <summary>What is known of it now.</summary>
    ConditionState State { get; }

    /// <summary>Completes when the state may be another one, or needs another look.</summary>
    /// <exception cref="CannotRunException">It cannot be found out.</exception>
    Task NextAsync(CancellationToken cancellation);

    /// <summary>Ends the present step with a look that is made now, or is being made; false where the state is told without looking.</summary>
    bool LookAgain();
}
