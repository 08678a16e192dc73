using System.Collections.Immutable;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Ending;

/// <param name="Sidecar">The native sidecar that it would reach.</param>
internal sealed record WithheldRequest(ShutdownRequest Request, string Sidecar);

/// <summary>Who is asked, and how: by what the user says first, else by what proa knows of the sidecar.</summary>
internal sealed class ShutdownTargets
{
    private readonly Pod _pod;
    private readonly EndingRule _rule;
    private readonly ImmutableArray<Sidecar> _regular;
    private readonly List<ShutdownRequest> _requests = [];
    private readonly List<WithheldRequest> _withheld = [];
    private readonly Dictionary<string, List<string>> _placed = [];
    private readonly List<ShutdownRequest> _unplaced = [];
    private readonly Dictionary<string, Decision> _asked = [];
    private readonly Dictionary<string, string> _remedies = [];

    /// <param name="all">All sidecars of the Pod.</param>
    public ShutdownTargets(Pod pod, ImmutableArray<Sidecar> all, EndingRule rule)
    {
        (_pod, _rule, HasWork) = (pod, rule, rule.HasWork);
        _regular = [.. all.Where(s => s.Kind == SidecarKind.Regular && !rule.Ignore.Contains(s.Name))];
        foreach (var request in rule.Requests) Place(request, all);
        PlaceTheRest();
        foreach (var sidecar in _regular) _asked[sidecar.Name] = Choose(sidecar);
        if (_unplaced.Count > 0) TellRivals();
    }

    /// <summary>Whether there is a sidecar to be asked, or was one that has ended.</summary>
    public bool HasWork { get; private set; }

    /// <summary>All requests that are sent.</summary>
    public ImmutableArray<ShutdownRequest> Requests => [.. _requests];

    public ImmutableArray<WithheldRequest> Withheld => [.. _withheld];

    public Decision Asked(string sidecar) => _asked[sidecar];

    /// <summary>What switches its endpoint on, where that is off; else empty.</summary>
    public string RemedyFor(string sidecar) => _remedies.GetValueOrDefault(sidecar, "");

    private void Place(ShutdownRequest request, ImmutableArray<Sidecar> all)
    {
        var target = Reach.Of(request, _pod, _regular).Sidecar;
        if (target is null && _rule.UsesKnown && Reach.NativeAt(request, _pod, all) is { } native)
        {
            _withheld.Add(new(request, native));
            return;
        }

        _requests.Add(request);
        if (target is null) _unplaced.Add(request);
        else if (_placed.TryGetValue(target, out var others)) others.Add(request.Describe());
        else _placed[target] = [request.Describe()];
    }

    /// <summary>What is left over is for the sidecar that is left over, if that is one.</summary>
    private void PlaceTheRest()
    {
        if (_regular.Where(s => !_placed.ContainsKey(s.Name)).ToArray() is not [var only]) return;
        var local = _unplaced.Where(r => r.Url.IsLoopback).ToArray();
        if (local.Length > 0) _placed[only.Name] = [.. local.Select(r => r.Describe())];
        _unplaced.RemoveAll(local.Contains);
    }

    private Decision Choose(Sidecar sidecar)
    {
        var own = _placed.GetValueOrDefault(sidecar.Name, []);
        var signal = Signals.Of(_rule.Processes.Signal);
        if (_rule.Processes.All) own.Add(signal + " to its processes");
        foreach (var selector in _rule.Processes.Selectors.Where(s => s.Container == sidecar.Name)) own.Add($"{signal} to {selector}");
        return own.Count > 0 ? new(true, string.Join(", ", own)) : Known(sidecar);
    }

    private Decision Known(Sidecar sidecar)
    {
        if (!_rule.UsesKnown || KnownSidecars.Recognise(sidecar.Container) is not { Sidecar: { Quit: { } quit } known } found) return Unknown();
        var spec = new SidecarSpec(_pod, sidecar.Container);
        if (quit.WhyOff(spec) is { } remedy)
        {
            _remedies[sidecar.Name] = remedy;
            return Decision.No($"{known.Kind}, by {found.By}: its shutdown endpoint is off");
        }

        HasWork = true;
        if (sidecar.HasEnded(_pod)) return Decision.No("it has ended");
        // It has been told to end in its own time, and other containers may still need it.
        if (_pod.WhyEnds is { } end) return Decision.No(end);
        var request = quit.In(spec);
        _requests.Add(request);
        return new(true, $"{request.Describe()} ({known.Kind}, by {found.By})");
    }

    private Decision Unknown()
    {
        var executables = _rule.Processes.Selectors.Where(s => s.Executable is not null).ToArray();
        if (executables.Length > 0)
            return new(null, $"proa cannot tell whether --kill {string.Join(", ", executables.Select(e => e.ToString()))} is its process");
        return Decision.No(_rule.Requests.IsEmpty && _rule.Processes.IsEmpty ? ShutdownPlan.NothingGiven : "no request goes to it");
    }

    private void TellRivals()
    {
        string[] rivals = [.. _regular.Where(s => _asked[s.Name].Does is not true).Select(s => s.Name)];
        var rest = string.Join(", ", _unplaced.Select(r => r.Describe()));
        foreach (var rival in rivals) _asked[rival] = new(null, $"proa cannot tell which of {string.Join(", ", rivals)} {rest} reaches");
    }
}
