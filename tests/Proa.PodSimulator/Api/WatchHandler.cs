using System.Globalization;
using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>Answers one watch of the Pods of a namespace, until its timeout, the client or the server ends it.</summary>
internal sealed class WatchHandler(Store store, TimeSpan bookmarkInterval)
{
    private readonly ChangeSignal _changed = new();
    private int _open;

    public int Open => Volatile.Read(ref _open);

    public Task WaitForOpenAsync(int count, CancellationToken cancellationToken) => _changed.WaitUntilAsync(() => Open >= count, cancellationToken);

    public async Task RunAsync(ApiRequest request, ResponseBody body, CancellationToken cancellationToken)
    {
        var query = request.Query;
        var since = Version(query.GetValueOrDefault("resourceVersion"));
        var bookmarks = query.GetValueOrDefault("allowWatchBookmarks") is "true" or "1";
        using var timeout = new CancellationTokenSource();
        if (int.TryParse(query.GetValueOrDefault("timeoutSeconds"), out var seconds) && seconds > 0) timeout.CancelAfter(TimeSpan.FromSeconds(seconds));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);

        Store.Subscription? subscription = null;
        try
        {
            // Subscribed before the head goes out: whoever sees the watch open has missed nothing after that.
            var first = Subscribe(since, out subscription, out var expired);
            Interlocked.Increment(ref _open);
            _changed.Pulse();
            try
            {
                await body.StartAsync().ConfigureAwait(false);
                if (expired is not null)
                {
                    await body.WriteAsync(Event("ERROR", StatusBody.Expired(expired))).ConfigureAwait(false);
                    return;
                }

                await StreamAsync(request, body, subscription!, first, since, bookmarks, ended.Token).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Decrement(ref _open);
                _changed.Pulse();
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The stream ends cleanly when timeoutSeconds are over.
        }
        finally
        {
            subscription?.Dispose();
        }
    }

    public static JsonObject Event(string type, JsonNode item) => new() { ["type"] = type, ["object"] = item };

    private IReadOnlyList<WatchEvent> Subscribe(long? since, out Store.Subscription? subscription, out string? expired)
    {
        (subscription, expired) = (null, null);
        try
        {
            subscription = store.Subscribe(since, out var first);
            return first;
        }
        catch (ResourceExpiredException error)
        {
            expired = error.Message;
            return [];
        }
    }

    private async Task StreamAsync(
        ApiRequest request,
        ResponseBody body,
        Store.Subscription subscription,
        IReadOnlyList<WatchEvent> first,
        long? since,
        bool bookmarks,
        CancellationToken ended)
    {
        var version = subscription.ResourceVersion;
        foreach (var change in first) await WriteAsync(request, body, change).ConfigureAwait(false);
        if (bookmarks) await body.WriteAsync(Bookmark(Math.Max(version, since ?? 0), initial: since is null)).ConfigureAwait(false);

        using var timer = new PeriodicTimer(bookmarkInterval);
        var tick = timer.WaitForNextTickAsync(ended).AsTask();
        var arrival = subscription.Reader.WaitToReadAsync(ended).AsTask();
        while (!body.MustEnd)
        {
            var done = await Task.WhenAny(arrival, tick).ConfigureAwait(false);
            if (!await ((Task<bool>)done).ConfigureAwait(false)) return;
            if (done == tick)
            {
                if (bookmarks) await body.WriteAsync(Bookmark(version, initial: false)).ConfigureAwait(false);
                tick = timer.WaitForNextTickAsync(ended).AsTask();
                continue;
            }

            while (!body.MustEnd && subscription.Reader.TryRead(out var change))
            {
                version = change.ResourceVersion;
                await WriteAsync(request, body, change).ConfigureAwait(false);
            }

            arrival = subscription.Reader.WaitToReadAsync(ended).AsTask();
        }
    }

    private static Task WriteAsync(ApiRequest request, ResponseBody body, WatchEvent change) =>
        change.Namespace == request.Namespace && (request.Name is null || change.Name == request.Name)
            ? body.WriteAsync(Event(change.Type, change.Pod.DeepClone()))
            : Task.CompletedTask;

    private static JsonObject Bookmark(long version, bool initial)
    {
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        if (initial) metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        return Event("BOOKMARK", new JsonObject
        {
            ["kind"] = "Pod",
            ["apiVersion"] = "v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["containers"] = null },
            ["status"] = new JsonObject(),
        });
    }

    private static long? Version(string? text) => long.TryParse(text, CultureInfo.InvariantCulture, out var version) && version > 0 ? version : null;
}
