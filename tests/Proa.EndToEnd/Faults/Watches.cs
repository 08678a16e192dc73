using System.Text.Json.Nodes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Faults;

public sealed class Watches
{
    [Theory]
    [InlineData(410, "get, watch, get, watch")]
    [InlineData(500, "get, watch, watch")]
    [InlineData(429, "get, watch, watch")]
    public async Task An_ERROR_event_ends_the_watch_and_only_410_starts_over(int code, string asked)
    {
        await using var ordeal = await Ordeal.BeginAsync(FaultAction.WatchError(code), request => request.IsWatch);
        await ordeal.Fault.Hit.WaitAsync(Ordeal.Cancellation);
        await ordeal.WatchesAsync();
        await ordeal.EndsWellAsync(requestsAtMost: 4);
        Assert.Equal(asked, ordeal.Asked);
    }

    [Fact]
    public async Task A_history_that_was_compacted_during_an_outage_starts_over()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        ordeal.Begin();
        await ordeal.WatchesAsync();
        ordeal.Api.Store.CompactHistory();
        ordeal.Api.Faults.ResetConnections();
        var again = await ordeal.Api.WaitForRequestAsync(request => request.Verb == "get", since: 2, Ordeal.Cancellation);
        await ordeal.Api.WaitForRequestAsync(request => request.IsWatch, again.Index, Ordeal.Cancellation);
        await ordeal.EndsWellAsync(requestsAtMost: 5);
        Assert.Equal("get, watch, watch, get, watch", ordeal.Asked);
    }

    public static TheoryData<string, int> Breaks => new()
    {
        { "cleanly", 0 }, { "cleanly", 1 }, { "aborted", 0 }, { "aborted", 1 }, { "reset", 0 }, { "reset", 1 },
    };

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task A_watch_that_ends_in_the_middle_of_an_event_goes_on_before_it(string how, int afterEvents)
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        var fault = ordeal.Add(
            how == "reset" ? FaultAction.ResetMidEvent(afterEvents) : FaultAction.CloseMidEvent(afterEvents, cleanly: how == "cleanly"), request =>
                request.IsWatch);
        ordeal.Begin();
        await fault.Hit.WaitAsync(Ordeal.Cancellation);
        await ordeal.EndsWellAsync(requestsAtMost: 3);
        Assert.Equal("get, watch, watch", ordeal.Asked);
    }

    [Fact]
    public async Task A_GET_that_ends_in_the_middle_of_the_Pod_is_made_again()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        ordeal.Add(FaultAction.CloseMidEvent(cleanly: true), request => request.Verb == "get");
        ordeal.Add(FaultAction.CloseMidEvent(), request => request.Verb == "get");
        ordeal.Add(FaultAction.ResetMidEvent(), request => request.Verb == "get");
        ordeal.Begin();
        await ordeal.WatchesAsync();
        await ordeal.EndsWellAsync(requestsAtMost: 5);
    }

    [Theory]
    [InlineData("}{ this is not JSON")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("<html><body>504 Gateway Timeout</body></html>")]
    [InlineData("{\"type\":\"SYNCED\",\"object\":{\"metadata\":{\"name\":\"slow-sidecar\"}}}")]
    [InlineData("{\"type\":\"ERROR\",\"object\":{}}")]
    public async Task A_line_that_is_no_event_starts_over_with_a_GET(string line)
    {
        await using var ordeal = await Ordeal.BeginAsync(FaultAction.GarbageLine(line, afterEvents: 1), request => request.IsWatch);
        await ordeal.SaysAsync("the API server sent something that is not a watch event, or takes too much memory; retrying");
        await ordeal.EndsWellAsync(requestsAtMost: 4);
    }

    [Fact]
    public async Task An_older_state_of_the_Pod_than_before_is_not_believed()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        var pod = ordeal.Api.Store.Get(ordeal.Cluster.Recorded.Namespace, ordeal.Cluster.Recorded.PodName)!;
        pod["metadata"]!["resourceVersion"] = "1";
        pod["status"]!["containerStatuses"] = new JsonArray(
            [.. pod["spec"]!["containers"]!.AsArray().Select(container => new JsonObject { ["name"] = container!["name"]!.ToString(), ["ready"] = true })]);
        ordeal.Add(FaultAction.GarbageLine(new JsonObject { ["type"] = "MODIFIED", ["object"] = pod }.ToJsonString()), request => request.IsWatch);
        ordeal.Begin();
        await ordeal.SaysAsync("the API server showed an older state of the Pod than before; retrying");
        await ordeal.Api.WaitForRequestAsync(request => request is { IsWatch: true, Fault: null }, 0, Ordeal.Cancellation);
        await ordeal.EndsWellAsync(requestsAtMost: 4);
        Assert.Equal("get, watch, get, watch", ordeal.Asked);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Events_that_are_split_anywhere_are_put_together(int bytes)
    {
        await using var ordeal = await Ordeal.BeginAsync(FaultAction.Split(bytes), times: int.MaxValue);
        await ordeal.WatchesAsync();
        await ordeal.EndsWellAsync(requestsAtMost: 2);
        Assert.DoesNotContain("retrying", ordeal.Proa.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_never_ends_takes_bounded_memory_and_is_given_up()
    {
        await using var ordeal = await Ordeal.BeginAsync(FaultAction.EndlessLine(), request => request.IsWatch, times: 2);
        await ordeal.SaysAsync("a line is longer than 3145728 bytes; retrying");
        await ordeal.Api.WaitForRequestAsync(request => request is { IsWatch: true, Fault: null }, 0, Ordeal.Cancellation);
        Assert.InRange(ordeal.WorkersPeakMemory(), 1, 32);
        await ordeal.EndsWellAsync(requestsAtMost: 4);
    }
}
