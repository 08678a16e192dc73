using System.Diagnostics;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Faults;

public sealed class Answers
{
    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(408)]
    [InlineData(429)]
    public async Task A_failure_of_the_server_is_said_once_and_outlasted(int status)
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        var get = ordeal.Add(FaultAction.Respond(status), request => request.Verb == "get", times: 3);
        var watch = ordeal.Add(FaultAction.Respond(status), request => request.IsWatch, times: 2);
        ordeal.Begin();
        await ordeal.SaysAsync($"the API server answered {status}");
        await watch.WaitForHitsAsync(2, Ordeal.Cancellation);
        await ordeal.EndsWellAsync(requestsAtMost: 7);
        Assert.Equal(3, get.Hits);
        // Once for the GET and the watch together: what answers only in between is not well yet.
        Assert.Single(ordeal.Proa.Errors.Split('\n'), line => line.Contains($"answered {status}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(503, "<html><body>503 Service Unavailable</body></html>")]
    [InlineData(503, "")]
    [InlineData(200, "<html><body>Welcome</body></html>")]
    [InlineData(200, "{}")]
    [InlineData(200, "null")]
    [InlineData(200, "{\"kind\":\"Status\",\"code\":500}")]
    public async Task An_answer_that_is_no_Pod_is_outlasted(int status, string body)
    {
        await using var ordeal = await Ordeal.BeginAsync(FaultAction.Respond(status, body), times: 2);
        await ordeal.Fault.WaitForHitsAsync(2, Ordeal.Cancellation);
        await ordeal.SaysAsync("; retrying");
        await ordeal.EndsWellAsync(requestsAtMost: 4);
    }

    [Fact]
    public async Task A_Pod_without_resourceVersion_is_got_once_and_then_watched()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        var pod = ordeal.Api.Store.Get(ordeal.Cluster.Recorded.Namespace, ordeal.Cluster.Recorded.PodName)!;
        pod["metadata"]!.AsObject().Remove("resourceVersion");
        ordeal.Add(FaultAction.Respond(200, pod.ToJsonString()), request => request.Verb == "get", times: int.MaxValue);
        ordeal.Begin();
        await ordeal.WatchesAsync();
        await ordeal.EndsWellAsync(requestsAtMost: 2);
        Assert.Equal("get, watch", ordeal.Asked);
    }

    [Fact]
    public async Task An_answer_without_a_body_is_outlasted()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        ordeal.Add(FaultAction.EmptyBody, request => request.Verb == "get");
        ordeal.Add(FaultAction.EmptyBody, request => request.IsWatch);
        ordeal.Begin();
        await ordeal.SaysAsync("the API server's answer is not a Pod, or takes too much memory; retrying");
        await ordeal.EndsWellAsync(requestsAtMost: 4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Retry_After_is_honoured(bool asDate)
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        var arrivals = new List<long>();
        ordeal.Add(
            asDate
                ? FaultAction.Respond(429, null, ("Retry-After", DateTimeOffset.UtcNow.AddSeconds(5).ToString("R")))
                : FaultAction.TooManyRequests(retryAfterSeconds: 2),
            request =>
            {
                arrivals.Add(Stopwatch.GetTimestamp());
                return arrivals.Count == 1;
            },
            times: 2);
        ordeal.Begin();
        await ordeal.SaysAsync("the API server answered 429");
        await ordeal.EndsWellAsync(requestsAtMost: 3);
        // Only too early can be told from these: without Retry-After it would be after a tenth of a second.
        Assert.True(Stopwatch.GetElapsedTime(arrivals[0], arrivals[1]) > TimeSpan.FromSeconds(1.9));
    }

    [Fact]
    public async Task A_410_starts_over_with_a_GET()
    {
        await using var ordeal = await Ordeal.BeginAsync(FaultAction.Respond(410), request => request.IsWatch);
        await ordeal.WatchesAsync();
        await ordeal.EndsWellAsync(requestsAtMost: 4);
        Assert.Equal("get, watch 410, get, watch", ordeal.Asked);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("watch")]
    public async Task An_answer_that_trickles_is_read(string verb)
    {
        await using var ordeal = await Ordeal.BeginAsync(
            FaultAction.Trickle(64, TimeSpan.FromMilliseconds(1)),
            request => request.Verb == verb,
            times: int.MaxValue);
        await ordeal.WatchesAsync();
        await ordeal.EndsWellAsync(requestsAtMost: 2);
    }

    [Fact]
    public async Task A_Pod_of_1500_kB_is_read()
    {
        await using var ordeal = await Ordeal.BeginAsync(FaultAction.HugePod(1_500_000), times: int.MaxValue);
        await ordeal.WatchesAsync();
        await ordeal.EndsWellAsync(requestsAtMost: 2);
        Assert.Contains("sidecars ready", ordeal.Proa.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Pod_that_would_take_much_memory_is_not_kept()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        var containers = string.Concat(Enumerable.Repeat("{},", 900_000));
        ordeal.Add(
            FaultAction.Respond(200, $$$"""{"metadata":{"name":"slow-sidecar"},"spec":{"containers":[{{{containers}}}{}]}}"""),
            request => request.Verb == "get");
        ordeal.Begin();
        await ordeal.SaysAsync("or takes too much memory; retrying");
        await ordeal.WatchesAsync();
        Assert.InRange(ordeal.WorkersPeakMemory(), 1, 32);
        await ordeal.EndsWellAsync(requestsAtMost: 3);
    }

    [Fact]
    public async Task An_answer_without_bounds_is_not_read_to_its_end()
    {
        await using var ordeal = await Ordeal.BeginAsync(FaultAction.HugePod(60_000_000), request => request.Verb == "get");
        await ordeal.SaysAsync("the API server's answer is longer than 3145728 bytes; retrying");
        await ordeal.WatchesAsync();
        Assert.InRange(ordeal.WorkersPeakMemory(), 1, 32);
        await ordeal.EndsWellAsync(requestsAtMost: 3);
    }

    [Theory]
    [InlineData(301, "get")]
    [InlineData(302, "get")]
    [InlineData(307, "get")]
    [InlineData(308, "get")]
    [InlineData(302, "watch")]
    public async Task A_redirect_is_not_followed(int status, string verb)
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        var target = await ordeal.AnotherServerAsync();
        ordeal.Add(FaultAction.Respond(status, "", ("Location", $"{target.Api.Url}api/v1/namespaces/lab/pods/slow-sidecar")), request => request.Verb == verb);
        ordeal.Begin();
        await ordeal.SaysAsync($"the API server answered {status}; retrying");
        await ordeal.EndsWellAsync(requestsAtMost: 3);
        Assert.Equal(0, target.Api.AcceptedConnections);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(400)]
    public async Task A_refusal_by_a_server_that_has_just_started_is_survived(int status)
    {
        await using var ordeal = await Ordeal.BeginAsync(FaultAction.Respond(status));
        await ordeal.SaysAsync($"the API server answered {status}");
        await ordeal.WatchesAsync();
        await ordeal.EndsWellAsync(requestsAtMost: 3);
    }

    [Fact]
    public async Task A_single_403_for_the_watch_is_survived()
    {
        await using var ordeal = await Ordeal.BeginAsync(FaultAction.Respond(403), request => request.IsWatch);
        await ordeal.WatchesAsync();
        await ordeal.EndsWellAsync(requestsAtMost: 3);
        Assert.DoesNotContain("watching is not allowed", ordeal.Proa.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_that_was_allowed_is_not_given_up_for_the_403s_of_a_server_that_has_just_started()
    {
        await using var ordeal = (await Ordeal.PrepareAsync()).Begin();
        await ordeal.WatchesAsync();
        // What has come by the watch shows that proa knows it to be allowed.
        ordeal.Cluster.PushUntil("sidecar-1", "running");
        await ordeal.SaysAsync("running, not ready");
        var refusals = ordeal.Add(FaultAction.Respond(403), request => request.IsWatch, times: 3);
        ordeal.Api.Faults.ResetConnections();
        await ordeal.SaysAsync("the API server answered 403");
        await refusals.Hit;
        await ordeal.EndsWellAsync(requestsAtMost: 6);
        Assert.Equal("get, watch, watch 403, watch 403, watch 403, watch", ordeal.Asked);
        Assert.DoesNotContain("watching is not allowed", ordeal.Proa.Errors, StringComparison.Ordinal);
    }
}
