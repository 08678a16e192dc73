using Proa.Logging;
using Proa.Waiting;

namespace Proa.Workers;

/// <summary>The condition that a sidecar is ready by a test on localhost, or by its own probe, whichever says so first.</summary>
internal sealed class SidecarCondition(SidecarTest sidecar, TimeProvider time, Log log) : ICondition
{
    private readonly PolledCondition _test = Conditions.OfTest(sidecar.What, sidecar.Test, time, log);

    /// <summary>The sidecar as it was last seen.</summary>
    public SidecarTest Sidecar { get; set; } = sidecar;

    public ConditionState State => Sidecar.StateOf(_test.Look);

    public Task NextAsync(CancellationToken cancellation) => _test.NextAsync(cancellation);

    public bool LookAgain() => !Sidecar.IsReadyByProbe && _test.LookAgain();

    public void Dispose() => _test.Dispose();
}
