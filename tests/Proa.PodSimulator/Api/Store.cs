using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Proa.PodSimulator;

/// <summary>The Pods of the cluster, with one resource version for all, and the history that watches resume from.</summary>
public sealed class Store
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Namespace, string Name), JsonObject> _pods = [];
    private readonly List<WatchEvent> _history = [];
    private readonly List<ChannelWriter<WatchEvent>> _subscribers = [];
    private long _resourceVersion = 500;
    private long _compacted;

    /// <summary>The version of the latest change.</summary>
    public long ResourceVersion
    {
        get
        {
            lock (_lock) return _resourceVersion;
        }
    }

    /// <summary>All changes since the last compaction, oldest first.</summary>
    public IReadOnlyList<WatchEvent> History
    {
        get
        {
            lock (_lock) return [.. _history];
        }
    }

    /// <summary>Creates the Pod or replaces it, filling in uid, namespace and creationTimestamp where absent.</summary>
    /// <returns>A copy of what is stored.</returns>
    /// <exception cref="ArgumentException">The Pod has no metadata.name.</exception>
    public JsonObject Put(JsonObject pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var stored = pod.Clone();
        var metadata = stored.GetOrAdd("metadata");
        var name = metadata.Text("name") ?? throw new ArgumentException("The Pod has no metadata.name.", nameof(pod));
        metadata.Default("namespace", "default");
        metadata.Default("uid", Guid.NewGuid().ToString());
        metadata.Default("creationTimestamp", DateTimeOffset.UtcNow.ToApiTime());
        stored.Default("kind", "Pod");
        stored.Default("apiVersion", "v1");
        lock (_lock)
        {
            var key = (metadata.Text("namespace")!, name);
            Commit(_pods.ContainsKey(key) ? "MODIFIED" : "ADDED", key, stored);
            return stored.Clone();
        }
    }

    /// <summary>A copy of the Pod, or null.</summary>
    public JsonObject? Get(string @namespace, string name)
    {
        lock (_lock) return _pods.GetValueOrDefault((@namespace, name))?.Clone();
    }

    /// <summary>Copies of all Pods of a namespace, by name.</summary>
    public IReadOnlyList<JsonObject> List(string @namespace)
    {
        lock (_lock)
        {
            var pods = _pods.Where(pair => pair.Key.Namespace == @namespace).OrderBy(pair => pair.Key.Name, StringComparer.Ordinal);
            return [.. pods.Select(pair => pair.Value.Clone())];
        }
    }

    /// <summary>Changes the Pod in place. As in the API server, a change that changes nothing makes no event.</summary>
    /// <returns>A copy of what is stored.</returns>
    /// <exception cref="KeyNotFoundException">There is no such Pod.</exception>
    public JsonObject Update(string @namespace, string name, Action<JsonObject> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_lock)
        {
            if (!_pods.TryGetValue((@namespace, name), out var current)) throw new KeyNotFoundException($"pods \"{name}\" not found in namespace {@namespace}");
            var changed = current.Clone();
            change(changed);
            if (!JsonNode.DeepEquals(current, changed)) Commit("MODIFIED", (@namespace, name), changed);
            return changed.Clone();
        }
    }

    /// <summary>Removes the Pod at once.</summary>
    /// <returns>False if there was none.</returns>
    public bool Delete(string @namespace, string name)
    {
        lock (_lock)
        {
            if (!_pods.TryGetValue((@namespace, name), out var current)) return false;
            Commit("DELETED", (@namespace, name), current.Clone());
            return true;
        }
    }

    /// <summary>Marks the Pod as being deleted, as DELETE does; whoever runs it removes it in the end. Grace 0 removes it at once.</summary>
    /// <returns>A copy of the Pod, or null if there is none.</returns>
    public JsonObject? RequestDeletion(string @namespace, string name, int? gracePeriodSeconds = null)
    {
        lock (_lock)
        {
            if (!_pods.TryGetValue((@namespace, name), out var current)) return null;
            var grace = gracePeriodSeconds ?? current.Object("spec").Number("terminationGracePeriodSeconds") ?? 30;
            if (grace == 0)
            {
                Delete(@namespace, name);
                return current.Clone();
            }

            return Update(@namespace, name, pod =>
            {
                var metadata = pod.GetOrAdd("metadata");
                // A second DELETE can only shorten the time left.
                if (metadata.Number("deletionGracePeriodSeconds") is { } before && before <= grace) return;
                if (metadata["deletionTimestamp"] is null) metadata["generation"] = (metadata.Number("generation") ?? 1) + 1;
                metadata["deletionTimestamp"] = DateTimeOffset.UtcNow.AddSeconds(grace).ToApiTime();
                metadata["deletionGracePeriodSeconds"] = grace;
            });
        }
    }

    /// <summary>Deletes the Pod and creates one of the same name with another uid, as a StatefulSet does.</summary>
    /// <exception cref="KeyNotFoundException">There is no such Pod.</exception>
    public JsonObject ReplaceWithNewUid(string @namespace, string name)
    {
        lock (_lock)
        {
            var pod = Get(@namespace, name) ?? throw new KeyNotFoundException($"pods \"{name}\" not found in namespace {@namespace}");
            Delete(@namespace, name);
            pod.GetOrAdd("metadata")["uid"] = Guid.NewGuid().ToString();
            return Put(pod);
        }
    }

    /// <summary>Forgets the history: a watch from any older version is answered with 410.</summary>
    public void CompactHistory()
    {
        lock (_lock)
        {
            // A version of its own, so that even a client that has seen everything is behind.
            _compacted = ++_resourceVersion;
            _history.Clear();
        }
    }

    /// <summary>Waits for a state of the Pod, the present one or one to come; every state is looked at, however short.</summary>
    /// <param name="namespace">The Pod's namespace.</param>
    /// <param name="name">Its name; null: any Pod of the namespace.</param>
    /// <param name="predicate">Whether this is the state.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The Pod in that state.</returns>
    public async Task<JsonObject> WaitForPodAsync(
        string @namespace,
        string? name,
        Func<JsonObject, bool> predicate,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        var change = await WaitForChangeAsync(
            @namespace,
            name,
            change => change.Type != "DELETED" && predicate(change.Pod),
            cancellationToken).ConfigureAwait(false);
        return change.Pod.Clone();
    }

    /// <summary>Waits for a change of the Pod (null: of any Pod of the namespace), its deletion included; its present state counts as ADDED.</summary>
    public async Task<WatchEvent> WaitForChangeAsync(
        string @namespace,
        string? name,
        Func<WatchEvent, bool> predicate,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        using var subscription = Subscribe(null, out var present);
        if (present.FirstOrDefault(Matches) is { } now) return now;
        await foreach (var change in subscription.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (Matches(change)) return change;
        }

        throw new OperationCanceledException("The store was closed.");

        bool Matches(WatchEvent change) => change.Namespace == @namespace && (name is null || change.Name == name) && predicate(change);
    }

    /// <summary>Waits until there is no such Pod.</summary>
    public async Task WaitForGoneAsync(string @namespace, string name, CancellationToken cancellationToken = default)
    {
        using var subscription = Subscribe(null, out var present);
        if (!present.Any(Concerns)) return;
        await foreach (var change in subscription.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (change.Type == "DELETED" && Concerns(change)) return;
        }

        bool Concerns(WatchEvent change) => change.Namespace == @namespace && change.Name == name;
    }

    /// <summary>Subscribes to changes; what happened since a version (null: the present state as ADDED) is handed out first.</summary>
    /// <exception cref="ResourceExpiredException">The history no longer reaches back to the version.</exception>
    internal Subscription Subscribe(long? since, out IReadOnlyList<WatchEvent> first)
    {
        var channel = Channel.CreateUnbounded<WatchEvent>();
        lock (_lock)
        {
            if (since < _compacted) throw new ResourceExpiredException(since.Value, _resourceVersion);
            first = since is { } version
                ? [.. _history.Where(change => change.ResourceVersion > version)]
                : [.. _pods.Values.Select(pod => new WatchEvent("ADDED", pod, _resourceVersion))];
            _subscribers.Add(channel.Writer);
            return new Subscription(this, channel, _resourceVersion);
        }
    }

    private void Commit(string type, (string Namespace, string Name) key, JsonObject pod)
    {
        _resourceVersion++;
        pod.GetOrAdd("metadata")["resourceVersion"] = _resourceVersion.ToString(CultureInfo.InvariantCulture);
        if (type == "DELETED") _pods.Remove(key);
        else _pods[key] = pod;
        var change = new WatchEvent(type, pod, _resourceVersion);
        _history.Add(change);
        foreach (var subscriber in _subscribers) subscriber.TryWrite(change);
    }

    internal sealed class Subscription(Store store, Channel<WatchEvent> channel, long resourceVersion) : IDisposable
    {
        public ChannelReader<WatchEvent> Reader => channel.Reader;

        /// <summary>The store's version when the subscription began.</summary>
        public long ResourceVersion => resourceVersion;

        public void Dispose()
        {
            lock (store._lock) store._subscribers.Remove(channel.Writer);
            channel.Writer.TryComplete();
        }
    }
}
