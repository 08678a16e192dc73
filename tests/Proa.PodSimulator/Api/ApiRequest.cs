namespace Proa.PodSimulator;

/// <summary>One request the API server has received; it is logged when its head has arrived and filled in while it is answered.</summary>
public sealed class ApiRequest
{
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytesWritten;

    /// <summary>The place in the log, from 0.</summary>
    public int Index { get; internal set; }

    /// <summary>When the head had arrived.</summary>
    public DateTimeOffset ReceivedAt { get; } = DateTimeOffset.UtcNow;

    /// <summary>The HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>The path, without the query.</summary>
    public required string Path { get; init; }

    /// <summary>The query, decoded; of a repeated name the last value.</summary>
    public required IReadOnlyDictionary<string, string> Query { get; init; }

    /// <summary>All headers but the token's; names are compared without case.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>HTTP/1.1 or HTTP/2.</summary>
    public required string Protocol { get; init; }

    /// <summary>Equal for requests on the same connection.</summary>
    public required string ConnectionId { get; init; }

    /// <summary>get, list, watch, delete or create on a resource; null elsewhere.</summary>
    public string? Verb { get; internal set; }

    /// <summary>The resource's plural name, such as pods; null elsewhere.</summary>
    public string? Resource { get; internal set; }

    /// <summary>The namespace in the path.</summary>
    public string? Namespace { get; internal set; }

    /// <summary>The object's name, from the path or from fieldSelector metadata.name.</summary>
    public string? Name { get; internal set; }

    /// <summary>The user the token stands for; null when it is unknown or absent.</summary>
    public string? User { get; internal set; }

    /// <summary>The status of the answer; 0 until it has begun.</summary>
    public int Status { get; internal set; }

    /// <summary>The fault that was applied, if any.</summary>
    public Fault? Fault { get; internal set; }

    /// <summary>Bytes of body written so far.</summary>
    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    /// <summary>Completes when the answer has ended, by whichever side.</summary>
    public Task Completed => _completed.Task;

    /// <summary>The User-Agent header, or an empty string.</summary>
    public string UserAgent => Headers.GetValueOrDefault("User-Agent", "");

    /// <summary>Whether this is a watch.</summary>
    public bool IsWatch => Verb == "watch";

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Index} {Protocol} {Method} {Path}{(Query.Count == 0 ? "" : "?" + string.Join('&', Query.Select(pair => $"{pair.Key}={pair.Value}")))} {Status}";

    internal void Wrote(int bytes) => Interlocked.Add(ref _bytesWritten, bytes);

    internal void Complete() => _completed.TrySetResult();
}
