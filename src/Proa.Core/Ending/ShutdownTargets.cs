using System.Collections.Immutable;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Ending;

/// <param name="Sidecar">The native sidecar that it would reach.</param>
internal sealed record WithheldRequest(ShutdownRequest Request, string Sidecar);

/// <summary>Who is asked, how and when: by what the user says first, else by what proa knows of the sidecar.</summary>
internal sealed class ShutdownTargets
{
    private readonly Pod _pod;
    private readonly EndingRule _rule;
    private readonly ImmutableArray<Sidecar> _regular;
    private readonly List<WithheldRequest> _withheld = [];
    private readonly List<PlannedRequest> _requests = [];
    private readonly List<(ProcessSelector Selector, int Signal)> _signalled = [];
    private readonly Dictionary<string, Decision> _asked = [];
    private readonly Dictionary<string, string> _remedies = [];
    private readonly Dictionary<string, EndDoubt> _doubts = [];

    /// <param name="all">All sidecars of the Pod.</param>
    public ShutdownTargets(Pod pod, ImmutableArray<Sidecar> all, EndingRule rule)
    {
        (_pod, _rule, HasWork) = (pod, rule, rule.HasWork);
        _regular = [.. all.Where(s => s.Kind == SidecarKind.Regular && !rule.Ignore.Contains(s.Name))];
        foreach (var request in rule.Requests) Place(request, all);
        PlaceTheRest();
        var unplaced = _requests.Where(r => r.Sidecar is null).Select(r => r.Request.Describe()).ToArray();
        foreach (var sidecar in _regular) _asked[sidecar.Name] = Choose(sidecar);
        if (unplaced.Length > 0) TellRivals(string.Join(", ", unplaced));
    }

    /// <summary>Whether there is a sidecar to be asked, or was one that has ended.</summary>
    public bool HasWork { get; private set; }

    /// <summary>All that is sent, in order.</summary>
    public ImmutableArray<ShutdownStep> Steps => ShutdownStep.Of(
        _requests.Select(r => (PhaseOf(r.Sidecar), r)),
        ShutdownStep.AllPhases.Select(phase => (phase, SelectedIn(phase)))
            .Concat(_signalled.Select(s => (Phase: PhaseOf(s.Selector.Container), s.Signal)).Distinct()
                .Select(alike => (alike.Phase, new ProcessSelection([.. SelectorsOf(alike)], All: false, alike.Signal, [])))));

    private IEnumerable<ProcessSelector> SelectorsOf((ShutdownPhase Phase, int Signal) alike) =>
        _signalled.Where(s => (PhaseOf(s.Selector.Container), s.Signal) == alike).Select(s => s.Selector);

    public ImmutableArray<WithheldRequest> Withheld => [.. _withheld];

    public Decision Asked(string sidecar) => _asked[sidecar];

    /// <summary>What makes it possible to end it, where nothing does; else empty.</summary>
    public string RemedyFor(string sidecar) => _remedies.GetValueOrDefault(sidecar, "");

    /// <summary>Why it may not end though it is asked, and what to do then; null where nothing tells so.</summary>
    public EndDoubt? DoubtOf(string sidecar) => _doubts.GetValueOrDefault(sidecar);

    public ShutdownPhase PhaseOf(string? sidecar) =>
        _rule.UsesKnown && _regular.FirstOrDefault(s => s.Name == sidecar) is { } found && found.Known is { } known
            ? known.Sidecar.Phase
            : ShutdownPhase.Plain;

    private void Place(ShutdownRequest request, ImmutableArray<Sidecar> all)
    {
        var target = Reach.Of(request, _pod, _regular).Sidecar;
        if (target is null && _rule.UsesKnown && Reach.NativeAt(request, _pod, all) is { } native) _withheld.Add(new(request, native));
        else _requests.Add(new(request, target));
    }

    /// <summary>What is left over is for the sidecar that is left over, if that is one.</summary>
    private void PlaceTheRest()
    {
        if (_regular.Where(s => !_requests.Exists(r => r.Sidecar == s.Name)).ToArray() is not [var only]) return;
        for (var i = 0; i < _requests.Count; i++)
            if (_requests[i] is { Sidecar: null, Request.Url.IsLoopback: true } rest) _requests[i] = rest with { Sidecar = only.Name };
    }

    private Decision Choose(Sidecar sidecar)
    {
        List<string> own = [.. _requests.Where(r => r.Sidecar == sidecar.Name).Select(r => r.Request.Describe())];
        var signal = Signals.Of(_rule.Processes.Signal);
        if (_rule.Processes.All) own.Add(signal + " to its processes");
        foreach (var selector in _rule.Processes.Selectors.Where(s => s.Container == sidecar.Name)) own.Add($"{signal} to {selector}");
        return own.Count > 0 ? new(true, string.Join(", ", own)) : Known(sidecar);
    }

    private Decision Known(Sidecar sidecar)
    {
        if (!_rule.UsesKnown || sidecar.Known is not { } found) return Unknown();
        var (known, what, spec) = (found.Sidecar, $"{found.Sidecar.Kind}, by {found.By}", new SidecarSpec(_pod, sidecar.Container));
        var isOn = known.Quit?.IsOn(spec);
        if (known.Quit is { } sure && isOn is true) return Ask(sidecar, what, () => Request(sidecar, sure, spec));
        var endsOnSignal = known.EndsOnSignal(spec) && !_rule.Processes.NamesExecutables;
        var refusal = endsOnSignal ? SidecarProcesses.WhyNotShared(_pod) : null;
        // A signal is certain, an endpoint that may be off is not.
        if (endsOnSignal && refusal is null) return Ask(sidecar, what, () => Signal(sidecar, known.Signal));
        if (known.Quit is { } unsure && isOn is null) return Ask(sidecar, what, () => Request(sidecar, unsure, spec));
        if (known.Quit is { } off) return Endless("its shutdown endpoint is off", off.SwitchOn);
        if (refusal is var (problem, hint)) return Endless($"only {Signals.Of(known.Signal)} stops it, and {problem}", hint + ", or make it a native sidecar");
        return known.Remedy.Length > 0 ? Endless(known.WhyEndless, known.Remedy) : Unknown();

        Decision Endless(string why, string remedy)
        {
            _remedies[sidecar.Name] = remedy;
            return Decision.No($"{what}: {why}");
        }
    }

    private Decision Ask(Sidecar sidecar, string what, Func<string> plan)
    {
        HasWork = true;
        if (sidecar.HasEnded(_pod)) return Decision.No("it has ended");
        // It has been told to end in its own time, and other containers may still need it.
        return _pod.WhyEnds is { } end ? Decision.No(end) : new(true, $"{plan()} ({what})");
    }

    private string Request(Sidecar sidecar, KnownQuit quit, SidecarSpec spec)
    {
        var (request, doubt) = (quit.In(spec), quit.DoubtOf(spec));
        _requests.Add(new(request, sidecar.Name) { Quit = quit, Hint = doubt?.Remedy ?? ShutdownHint.IsOn });
        if (doubt is null) return request.Describe();
        _doubts[sidecar.Name] = doubt;
        return $"{request.Describe()}, though {doubt.Why}";
    }

    private string Signal(Sidecar sidecar, int signal)
    {
        var selector = new ProcessSelector(null, sidecar.Name);
        _signalled.Add((selector, signal));
        return $"{Signals.Of(signal)} to {selector}";
    }

    private Decision Unknown()
    {
        if (_rule.Processes.NamesExecutables)
        {
            var executables = _rule.Processes.Selectors.Where(s => s.Executable is not null).Select(e => e.ToString());
            return new(null, $"proa cannot tell whether --kill {string.Join(", ", executables)} is its process");
        }

        return Decision.No(_rule.Requests.IsEmpty && _rule.Processes.IsEmpty ? ShutdownPlan.NothingGiven : "no request goes to it");
    }

    private void TellRivals(string rest)
    {
        string[] rivals = [.. _regular.Where(s => _asked[s.Name].Does is not true).Select(s => s.Name)];
        foreach (var rival in rivals) _asked[rival] = new(null, $"proa cannot tell which of {string.Join(", ", rivals)} {rest} reaches");
    }

    /// <summary>What the user selects and whose turn is in this phase. With all, those of the later phases are selected there, by name.</summary>
    private ProcessSelection SelectedIn(ShutdownPhase phase)
    {
        var processes = _rule.Processes;
        var isFirst = phase == ShutdownPhase.Plain;
        return processes with
        {
            All = processes.All && isFirst,
            Later = isFirst ? [.. _regular.Select(s => s.Name).Where(name => PhaseOf(name) > phase)] : [],
            Selectors =
            [
                .. processes.Selectors.Where(s => PhaseOf(s.Container) == phase),
                .. processes.All && !isFirst ? _regular.Where(s => PhaseOf(s.Name) == phase).Select(s => new ProcessSelector(null, s.Name)) : [],
            ],
        };
    }
}
