using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Proa.PodSimulator;

/// <summary>A recorded watch of one Pod (a .watch.jsonl file), to be played into a <see cref="Store"/> step by step.</summary>
public sealed partial class RecordedWatch
{
    private int _next;

    private RecordedWatch(IReadOnlyList<(string, JsonObject)> changes) => Changes = changes;

    /// <summary>The changes of the Pod in order, bookmarks left out: ADDED, MODIFIED or DELETED, and the Pod.</summary>
    public IReadOnlyList<(string Type, JsonObject Pod)> Changes { get; }

    /// <summary>How many changes have not been pushed yet.</summary>
    public int Left => Changes.Count - _next;

    /// <summary>The Pod's name.</summary>
    public string PodName => Metadata("name");

    /// <summary>The Pod's namespace.</summary>
    public string Namespace => Metadata("namespace");

    /// <summary>The Pod's uid, for a token bound to it.</summary>
    public string PodUid => Metadata("uid");

    /// <summary>Reads a file with one watch event per line.</summary>
    /// <param name="path">The file.</param>
    /// <param name="created">
    /// When the Pod is to have been created, so far as its containers' times tell; null: as recorded. A container in which a program
    /// is started by hand must not seem to run for longer than that program.
    /// </param>
    public static RecordedWatch Load(string path, DateTimeOffset? created = null)
    {
        var recorded = Load(File.ReadLines(path));
        if (created is null) return recorded;
        var shift = created.Value - Time(recorded.Changes[0].Pod.Object("metadata").Text("creationTimestamp")!);
        return Load(
            File.ReadLines(path)
                .Select(line => ContainerTime().Replace(line, match => match.Groups[1].Value + (Time(match.Groups[2].Value) + shift).ToApiTime())));
    }

    private static RecordedWatch Load(IEnumerable<string> lines) => new([.. lines
        .Where(line => line.Length > 0)
        .Select(line => JsonNode.Parse(line)!.AsObject())
        .Where(change => change.Text("type") is "ADDED" or "MODIFIED" or "DELETED")
        .Select(change => (change.Text("type")!, change.Object("object")!.Clone()))]);

    /// <summary>Plays the next change; the store gives it a resource version of its own.</summary>
    /// <param name="store">Where to.</param>
    /// <param name="alter">Changes the Pod before; null: as recorded.</param>
    /// <returns>False if there was none left.</returns>
    public bool PushNext(Store store, Action<JsonObject>? alter = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (Left == 0) return false;
        var (type, recorded) = Changes[_next++];
        var pod = recorded.Clone();
        alter?.Invoke(pod);
        Push(store, (type, pod));
        return true;
    }

    /// <summary>Plays changes up to and including the first whose Pod matches.</summary>
    /// <exception cref="InvalidOperationException">None matches.</exception>
    public void PushUntil(Store store, Func<JsonObject, bool> predicate)
    {
        foreach (var change in TakeUntil(predicate)) Push(store, change);
    }

    /// <summary>Takes changes up to and including the first whose Pod matches, to be played elsewhere.</summary>
    /// <exception cref="InvalidOperationException">None matches.</exception>
    public IEnumerable<(string Type, JsonObject Pod)> TakeUntil(Func<JsonObject, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        while (Left > 0)
        {
            var change = Changes[_next++];
            yield return (change.Type, change.Pod.Clone());
            if (predicate(change.Pod)) yield break;
        }

        throw new InvalidOperationException("No recorded state matches.");
    }

    /// <summary>Plays all that are left.</summary>
    public void PushAll(Store store)
    {
        while (PushNext(store))
        {
        }
    }

    private void Push(Store store, (string Type, JsonObject Pod) change)
    {
        if (change.Type == "DELETED") store.Delete(Namespace, PodName);
        else store.Put(change.Pod);
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("""("(?:startedAt|finishedAt)":")([^"]*)""")]
    private static partial Regex ContainerTime();

    private string Metadata(string field) => Changes[0].Pod.Object("metadata").Text(field)!;
}
