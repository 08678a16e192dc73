using System.Globalization;
using Proa.Pods;
using Proa.Tests.Support;
using Proa.Watching;

namespace Proa.Tests.Watching;

/// <summary>How a server writes resourceVersions.</summary>
public enum Numbering
{
    /// <summary>As kube-apiserver does.</summary>
    Numbers,

    /// <summary>Numbers that no machine word holds.</summary>
    LongNumbers,

    /// <summary>Words without an order.</summary>
    Opaque,

    /// <summary>Not at all.</summary>
    None,
}

/// <summary>
/// An API server with one name, as "Kubernetes API Concepts" has it: a GET gives the newest state, a watch from a version every change
/// after it or 410, and a watch without one begins with the Pod as the cache has it, which may lag behind.
/// </summary>
internal sealed class WatchedServer(Numbering numbering, string name)
{
    private const int FirstRevision = 96; // 99 to 100 comes early
    private readonly List<(int Revision, Pod Pod, bool IsDeleted)> _history = [];
    private readonly Queue<WatchOutcome> _begin = [];
    private int _revision = FirstRevision;
    private int _compacted;
    private int? _cached;
    private int _watched;
    private int _pods;

    /// <summary>The Pod that is there, or null.</summary>
    public Pod? Now { get; private set; }

    /// <summary>Whether a watch must be answered by its end: the server has been started again.</summary>
    public bool IsBroken { get; set; }

    private int Cached => _cached ?? _revision;

    /// <summary>Which state of all this is: a later one is greater.</summary>
    public static long OrderOf(Pod pod) => pod.Spec.TerminationGracePeriodSeconds!.Value;

    public void Change()
    {
        if (Now is not null) Commit(Now, isDeleted: false);
    }

    public void Create()
    {
        if (Now is not null) return;
        var pod = Given.Pod();
        Commit(pod with { Metadata = pod.Metadata with { Name = name, Uid = $"uid-{_pods++}" } }, isDeleted: false);
    }

    public void Delete()
    {
        if (Now is not null) Commit(Now, isDeleted: true);
    }

    /// <summary>Other objects change.</summary>
    public void GoOn(int revisions) => _revision += revisions;

    public void Compact() => _compacted = _revision;

    /// <summary>The cache follows no more; without an order of versions a client could not tell.</summary>
    public void Lag()
    {
        if (numbering is Numbering.Numbers or Numbering.LongNumbers) _cached ??= _revision;
    }

    public void CatchUp() => _cached = null;

    public WatchOutcome Get(string asked) => Now is not null && asked == name
        ? WatchOutcome.Of(Now)
        : WatchOutcome.Of(ApiFailure.OfStatus(404, $"pods \"{asked}\" not found", null));

    public WatchOutcome Open(string? from, bool refusesAtOnce)
    {
        _begin.Clear();
        IsBroken = false;
        if (from is null)
        {
            _watched = Cached;
            var last = _history.FindLast(change => change.Revision <= _watched);
            if (last.Pod is not null && !last.IsDeleted) _begin.Enqueue(WatchOutcome.Of(last.Pod));
            return WatchOutcome.Opened;
        }

        _watched = Enumerable.Range(0, _revision + 1).First(revision => Write(revision) == from);
        if (_watched >= _compacted) return WatchOutcome.Opened;
        var expired = WatchOutcome.Of(ApiFailure.OfStatus(410, "too old resource version", null));
        if (refusesAtOnce) return expired;
        _begin.Enqueue(expired);
        return WatchOutcome.Opened;
    }

    /// <summary>The next event, if there is one.</summary>
    public WatchOutcome? Read()
    {
        if (IsBroken) return WatchOutcome.Of(new ApiFailure(ApiFailureKind.Transient, "the connection is reset"));
        if (_begin.TryDequeue(out var first)) return first;
        var next = _history.Find(change => change.Revision > _watched && change.Revision <= Cached);
        if (next.Pod is null) return null;
        _watched = next.Revision;
        return next.IsDeleted ? new(WatchOutcomeKind.Deleted, next.Pod) : WatchOutcome.Of(next.Pod);
    }

    /// <summary>A bookmark, once there is no event before it.</summary>
    public WatchOutcome Bookmark()
    {
        _watched = Math.Max(_watched, Cached);
        return new(WatchOutcomeKind.Bookmark, Version: Write(_watched));
    }

    private void Commit(Pod pod, bool isDeleted)
    {
        _revision++;
        pod = pod with
        {
            Metadata = pod.Metadata with { ResourceVersion = Write(_revision) },
            Spec = pod.Spec with { TerminationGracePeriodSeconds = _revision },
        };
        _history.Add((_revision, pod, isDeleted));
        Now = isDeleted ? null : pod;
    }

    private string Write(int revision) => numbering switch
    {
        Numbering.Numbers => revision.ToString(CultureInfo.InvariantCulture),
        Numbering.LongNumbers => "9223372036854775807" + revision.ToString(CultureInfo.InvariantCulture),
        Numbering.Opaque => string.Concat(revision.ToString("x8", CultureInfo.InvariantCulture).Reverse()) + "-",
        Numbering.None => "",
    };
}
