using System.Text.Json;

namespace Proa.Pods;

/// <summary>What an event of a watch is (Kubernetes API Concepts, "Efficient detection of changes").</summary>
internal enum WatchEventKind
{
    /// <summary>ADDED or MODIFIED: the Pod as it is now.</summary>
    Changed,

    /// <summary>DELETED: the Pod as it was last.</summary>
    Deleted,

    /// <summary>BOOKMARK: only a resourceVersion to resume from.</summary>
    Bookmark,

    /// <summary>ERROR: the watch cannot go on, and why.</summary>
    Error,
    Garbage,
}

/// <param name="Pod">The Pod, if the kind is Changed or Deleted.</param>
/// <param name="ResourceVersion">Where to resume, if the kind is Changed, Deleted or Bookmark.</param>
/// <param name="Status">Why the watch ends, if the kind is Error.</param>
internal sealed record WatchEvent(WatchEventKind Kind, Pod? Pod = null, string ResourceVersion = "", ApiStatus? Status = null)
{
    private static readonly WatchEvent _garbage = new(WatchEventKind.Garbage);

    /// <summary>Reads one line of a watch. Total: what is not an event is Garbage.</summary>
    public static WatchEvent Read(ReadOnlySpan<byte> line)
    {
        try
        {
            return TryFindParts(line, out var type, out var payload) ? Read(type, line[payload]) : _garbage;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // InvalidOperationException: text that is not UTF-8
        {
            return _garbage;
        }
    }

    /// <summary>The object is read only once its type is known, whichever of the two comes first in the line.</summary>
    internal static bool TryFindParts(ReadOnlySpan<byte> line, out string type, out Range payload)
    {
        type = "";
        payload = default;
        var reader = new Utf8JsonReader(line);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
        var found = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String) type = reader.GetString()!;
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (!isObject) continue;
            payload = start..(int)reader.BytesConsumed;
            found = true;
        }

        return found && reader.TokenType == JsonTokenType.EndObject && !reader.Read();
    }

    private static WatchEvent Read(string type, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case "ADDED" or "MODIFIED" or "DELETED" when PodReader.TryReadPod(payload, out var pod) && pod.Metadata.Name.Length > 0:
                return new(type == "DELETED" ? WatchEventKind.Deleted : WatchEventKind.Changed, pod, pod.Metadata.ResourceVersion);
            case "BOOKMARK" when PodReader.TryReadMetadata(payload, out var metadata):
                return new(WatchEventKind.Bookmark, ResourceVersion: metadata.ResourceVersion);
            case "ERROR" when PodReader.TryReadStatus(payload, out var status) && status.Code > 0:
                return new(WatchEventKind.Error, Status: status);
            default:
                return _garbage;
        }
    }
}
