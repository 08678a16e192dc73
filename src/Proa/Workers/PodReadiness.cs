using System.Globalization;
using Proa.Ending;
using Proa.Identity;
using Proa.Kubernetes;
using Proa.Linux;
using Proa.Logging;
using Proa.Pods;
using Proa.Waiting;

namespace Proa.Workers;

/// <summary>The condition that the Pod's sidecars are ready, by the API server.</summary>
internal sealed class PodReadiness : ICondition
{
    private const string InInit = "name it with --container; in an init container wait with --no-api for --wait-http, --wait-tcp, --wait-file or --known KIND";

    private readonly SidecarChoice _choice;
    private readonly EndingRule _rule;
    private readonly bool _isForMain;
    private readonly Log _log;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly PodConnection _connection;
    private readonly PodWatch _watch;
    private readonly WaitReport _report;
    private Task<Pod?>? _next;
    private ReadinessVerdict? _verdict;
    private ReadinessJudge? _judge;
    private bool _isSaid;

    /// <exception cref="CannotRunException">There is no API server to ask.</exception>
    public PodReadiness(Options options, TimeProvider time, Log log)
    {
        _choice = SidecarChoice.Of(options);
        _rule = EndingRule.Of(options);
        _isForMain = !options.WaitOnly;
        _log = log;
        _time = time;
        _began = time.GetTimestamp();
        _connection = new(options, time);
        _watch = new(_connection.Api, _connection.Identity, time, log);
        _report = new(options, log);
        Handover = new(_connection.Identity, null, null);
    }

    public ConditionState State => ConditionState.Of(_verdict, _watch.Problem);

    /// <summary>What the worker "shutdown" need not find out again.</summary>
    public Handover Handover { get; private set; }

    /// <summary>Whether no sidecar is to be asked or awaited after main, however it ends.</summary>
    public bool HasNothingToEnd => Handover is { Pod: { } pod, Container: { } self } && ShutdownPlan.Decide(pod, self.Name, 0, _rule).IsIdle;

    /// <summary>The sidecars that are tested on localhost; none until the Pod is known. They are conditions of their own.</summary>
    public IReadOnlyList<SidecarCondition> Tests { get; private set; } = [];

    /// <summary>Whether the sidecars are ready, by the Pod's status and by the tests; said once, until they are not.</summary>
    public void SayWhenReady()
    {
        var isReady = _verdict is { Readiness: Readiness.Start, Awaited.IsEmpty: false } && Tests.All(t => t.State.Readiness == Readiness.Start);
        if (isReady && !_isSaid) _log.SidecarsReady(Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture));
        _isSaid = isReady;
    }

    private TimeSpan Elapsed => _time.GetElapsedTime(_began);

    public async Task NextAsync(CancellationToken cancellation)
    {
        _next ??= _watch.NextAsync(cancellation);
        var doubtEnds = _judge?.DoubtEnds;
        var left = doubtEnds - Elapsed;
        await Task.WhenAny(_next, left > TimeSpan.Zero ? Task.Delay(AtLeast1Ms(left.Value), _time, CancellationToken.None) : _next).ConfigureAwait(false);

        Pod? pod = null;
        if (_next.IsCompleted) (pod, _next) = (await _next.ConfigureAwait(false), null);
        // A state that the API server has not been able to change meanwhile has shown nothing by lasting.
        if (doubtEnds <= Elapsed && _watch.Problem.Length == 0) pod ??= Handover.Pod;
        if (pod is not null) Judge(pod);
    }

    public bool LookAgain() => false;

    private static TimeSpan AtLeast1Ms(TimeSpan delay) => TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(delay.TotalMilliseconds)));

    private void Judge(Pod pod)
    {
        var self = Self(pod);
        _judge ??= new(self, _choice, _isForMain ? _connection.Life(pod, Libc.getppid()) : null);
        (_verdict, var believedThough) = _judge.Judge(pod, Elapsed);
        if (Tests.Count == 0) Tests = [.. _verdict.Tests.Select(t => new SidecarCondition(t, _time, _log))];
        foreach (var test in Tests) test.Sidecar = _verdict.Tests.FirstOrDefault(t => t.Sidecar.Name == test.Sidecar.Sidecar.Name) ?? test.Sidecar;
        _report.Write(pod, self, _verdict);
        if (_verdict.Readiness == Readiness.Wait) return;
        if (believedThough is not null)
            _log.StatusBelieved(believedThough, Duration.Format(OwnLife.LongestDoubt), "is the node's clock right, and does the kubelet reach the API server?");
    }

    /// <summary>Finds out which container we are, once.</summary>
    private string Self(Pod pod)
    {
        var self = Handover.Container;
        if (self is null)
        {
            self = _connection.Container.Decide(pod, out var error)
                ?? throw new CannotRunException("cannot tell our own container: " + error, _isForMain ? _connection.Container.Hint : InInit);
            _log.WhoWeAre(pod.Metadata.Namespace, pod.Metadata.Name, self.Name, _connection.Identity.Source, self.Source, _connection.Access.Source);
        }

        Handover = Handover with { Container = self, Pod = pod };
        return self.Name;
    }

    public void Dispose()
    {
        _watch.Dispose();
        _connection.Dispose();
    }
}
