using Proa.EndToEnd.Faults;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Conditions;

/// <summary>What is waited for beside the Pod's sidecars.</summary>
public sealed class WithAPod
{
    [Fact]
    public async Task Main_is_started_when_the_place_is_there_after_the_sidecars()
    {
        using var place = new Place(listens: false);
        await using var ordeal = (await Ordeal.PrepareAsync()).Begin("--wait-tcp", place.Endpoint);
        await ordeal.WatchesAsync();
        await ordeal.SaysAsync("refuses connections");
        ordeal.MakeSidecarReady();
        await ordeal.SaysAsync("sidecars ready");
        Assert.Equal("", ordeal.Proa.Output);
        place.Open();
        await ordeal.EndsWellAsReadyAsync(requestsAtMost: 2);
    }

    [Fact]
    public async Task Main_is_started_when_the_sidecars_are_ready_after_the_place()
    {
        using var place = new Place();
        await using var ordeal = (await Ordeal.PrepareAsync()).Begin("--wait-http", place.Url("127.0.0.1"));
        await ordeal.WatchesAsync();
        await ordeal.SaysAsync("answers 200");
        Assert.Equal("", ordeal.Proa.Output);
        await ordeal.EndsWellAsync(requestsAtMost: 2);
    }

    [Fact]
    public async Task A_time_limit_names_all_that_is_not_ready()
    {
        using var place = new Place(listens: false);
        await using var ordeal = (await Ordeal.PrepareAsync()).Begin("--wait-tcp", place.Endpoint, "--ready-timeout=3s");
        var errors = await ordeal.Proa.EndsWithoutMainAsync(124);
        Assert.Contains("not everything was ready within 3s: sidecar-1: ", errors, StringComparison.Ordinal);
        Assert.Contains($"; {place.Endpoint} refuses connections", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_time_limit_main_is_started_all_the_same_where_that_is_wanted()
    {
        await using var ordeal = (await Ordeal.PrepareAsync()).Begin("--ready-timeout=2s", "--on-timeout=start");
        await ordeal.SaysAsync("starting main after 2s, although not everything is ready: sidecar-1: ");
        await ordeal.EndsWellAsReadyAsync(requestsAtMost: 2);
    }

    [Fact]
    public async Task The_wait_alone_ends_with_the_sidecars_readiness_and_writes_nothing_to_stdout()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        await using var proa = RunningProcess.Start([Executables.Proa, "--wait-only"], ordeal.Variables);
        await proa.ComplainsAsync("waiting for sidecar-1");
        await ordeal.WatchesAsync();
        ordeal.MakeSidecarReady();
        var (exitCode, output, errors) = await proa.ResultAsync();
        Assert.Equal((0, ""), (exitCode, output));
        Assert.DoesNotContain("nothing stops", errors, StringComparison.Ordinal);
    }
}
