using System.Globalization;
using System.Text.Json.Nodes;

namespace Proa.PodSimulator.Tests;

public sealed class WatchTests : IAsyncLifetime
{
    private ApiServer _api = null!;
    private ApiClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await ApiServer.StartAsync();
        _api.Rbac.AllowPods("lab", "watcher", "get", "list", "watch");
        _client = new ApiClient(_api, _api.IssueToken("lab", "watcher"));
        _api.Store.Put(ApiServerTests.Pod("a"));
        _api.Store.Put(ApiServerTests.Pod("b"));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _api.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_version_the_present_state_comes_first_then_changes_of_the_selected_Pod_only()
    {
        using var watch = await _client.WatchAsync("&fieldSelector=metadata.name=a");
        var (type, pod) = await watch.NextAsync();
        Assert.Equal(("ADDED", "a"), (type, Name(pod)));
        SetPhase("b", "Running");
        SetPhase("a", "Running");
        _api.Store.Delete("lab", "a");
        (type, pod) = await watch.NextAsync();
        Assert.Equal(("MODIFIED", "a", "Running"), (type, Name(pod), pod["status"]!["phase"]!.ToString()));
        Assert.Equal("DELETED", (await watch.NextAsync()).Type);
    }

    [Fact]
    public async Task A_watch_resumes_after_the_version_it_names()
    {
        var version = Version(SetPhase("a", "Running"));
        SetPhase("a", "Succeeded");
        using var watch = await _client.WatchAsync($"&fieldSelector=metadata.name=a&resourceVersion={version}");
        Assert.Equal("Succeeded", (await watch.NextAsync()).Object["status"]!["phase"]!.ToString());
    }

    [Fact]
    public async Task A_bookmark_opens_a_watch_that_asks_for_them_and_others_follow()
    {
        await using var api = await ApiServer.StartAsync(new ApiServerOptions { Rbac = false, BookmarkInterval = TimeSpan.FromMilliseconds(5) });
        var pod = api.Store.Put(ApiServerTests.Pod("a"));
        using var client = new ApiClient(api, api.IssueToken("lab", "watcher"));
        using var watch = await client.WatchAsync($"&allowWatchBookmarks=true&resourceVersion={Version(pod)}");
        for (var count = 0; count < 3; count++)
        {
            var (type, bookmark) = await watch.NextAsync();
            Assert.Equal("BOOKMARK", type);
            Assert.Equal($"{Version(pod)}", bookmark["metadata"]!["resourceVersion"]!.ToString());
        }
    }

    [Fact]
    public async Task A_version_that_is_too_old_is_answered_with_an_ERROR_event_and_the_end()
    {
        _api.Store.CompactHistory();
        using var watch = await _client.WatchAsync("&resourceVersion=1");
        var (type, status) = await watch.NextAsync();
        Assert.Equal("ERROR", type);
        var recorded = JsonNode.Parse(File.ReadAllLines(ApiServerTests.Fixture("410-watch.http"))[^1])!["object"]!.AsObject();
        Assert.Equal(recorded.Select(field => field.Key), status.Select(field => field.Key));
        Assert.Equal((410, "Expired"), (status["code"]!.GetValue<int>(), status["reason"]!.ToString()));
        Assert.StartsWith("too old resource version: 1 (", status["message"]!.ToString(), StringComparison.Ordinal);
        Assert.Null(await watch.LineAsync());
    }

    [Fact]
    public async Task A_watch_ends_cleanly_after_timeoutSeconds()
    {
        using var watch = await _client.WatchAsync($"&timeoutSeconds=1&resourceVersion={_api.Store.ResourceVersion}");
        Assert.Null(await watch.LineAsync());
        Assert.Equal(200, _api.Requests[0].Status);
    }

    [Fact]
    public async Task A_list_selects_by_name_and_has_the_version_to_watch_from()
    {
        var list = await _client.GetJsonAsync("/api/v1/namespaces/lab/pods?fieldSelector=metadata.name=b");
        Assert.Equal("b", Name(Assert.Single(list["items"]!.AsArray())!.AsObject()));
        Assert.Equal($"{_api.Store.ResourceVersion}", list["metadata"]!["resourceVersion"]!.ToString());
    }

    [Fact]
    public async Task Open_watches_are_counted()
    {
        using (await _client.WatchAsync(""))
        {
            await _api.WaitForWatchersAsync(1, ApiClient.Cancelled);
            Assert.Equal(1, _api.OpenWatches);
        }

        var request = await _api.WaitForRequestAsync(r => r.IsWatch, cancellationToken: ApiClient.Cancelled);
        await request.Completed.WaitAsync(ApiClient.Cancelled);
        Assert.Equal(0, _api.OpenWatches);
    }

    [Fact]
    public async Task A_new_Pod_of_the_same_name_is_seen_as_DELETED_and_ADDED_with_another_uid()
    {
        using var watch = await _client.WatchAsync("&fieldSelector=metadata.name=a");
        var before = (await watch.NextAsync()).Object["metadata"]!["uid"]!.ToString();
        _api.Store.ReplaceWithNewUid("lab", "a");
        Assert.Equal("DELETED", (await watch.NextAsync()).Type);
        var (type, pod) = await watch.NextAsync();
        Assert.Equal("ADDED", type);
        Assert.NotEqual(before, pod["metadata"]!["uid"]!.ToString());
    }

    private JsonObject SetPhase(string name, string phase) => _api.Store.Update("lab", name, pod => pod["status"]!["phase"] = phase);

    private static string Name(JsonObject pod) => pod["metadata"]!["name"]!.ToString();

    private static long Version(JsonObject pod) => long.Parse(pod["metadata"]!["resourceVersion"]!.ToString(), CultureInfo.InvariantCulture);
}
