using Proa.EndToEnd.Processes;
using Proa.EndToEnd.RealServer;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Faults;

/// <summary>What takes a watch's length, a minute: all of it runs side by side.</summary>
[CollectionDefinition(nameof(Minute))]
public sealed class Minute : ICollectionFixture<LongFaults>, ICollectionFixture<LastingLives>;

public sealed class LongFaults : SideBySide
{
    internal Ordeal Silent { get; private set; } = null!;

    internal Ordeal Late { get; private set; } = null!;

    internal Ordeal Hung { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        Silent = Keep(await Ordeal.BeginAsync(FaultAction.SilentWatch, request => request.IsWatch));
        Hung = Keep(await Ordeal.PrepareAsync()).Begin();
        await Hung.WatchesAsync();
        if (Executables.MayLookIntoWorkers)
        {
            var holder = Keep(RunningProcess.Start([Executables.Puppet, "hold", $"{ProcFile.Child(Hung.Proa.Id)}"]));
            Assert.Equal("held", await holder.NextLineAsync());
        }

        Late = Keep(await Ordeal.PrepareAsync());
        Late.Api.Rbac.Override("watch", allowed: false);
        Late.Begin();
        await Late.SaysAsync("watching is not allowed");
        Late.Api.Rbac.Override("watch", allowed: true);
    }
}

[Collection(nameof(Minute))]
public sealed class LongWatches(LongFaults faults)
{
    [Fact]
    public async Task A_watch_that_stays_silent_beyond_its_time_is_given_up_and_made_again()
    {
        var silent = faults.Silent;
        var first = await silent.Api.WaitForRequestAsync(request => request.IsWatch, 0, Ordeal.Cancellation);
        await silent.Api.WaitForRequestAsync(request => request.IsWatch, first.Index + 1, Ordeal.Cancellation);
        await silent.EndsWellAsync(requestsAtMost: 3);
        Assert.Equal("get, watch, watch", silent.Asked);
    }

    [Fact]
    public async Task A_worker_that_shows_no_life_is_given_up()
    {
        Executables.RequireLookIntoWorkers();
        await ProcFile.UntilAsync(() => faults.Hung.Proa.Errors.Contains("it hangs", StringComparison.Ordinal));
        await faults.Hung.EndsBadlyAsync(
            "cannot wait for the sidecars: the process that watches the Pod has failed: it hangs: it has not responded for 60 s");
    }

    [Fact]
    public async Task A_watch_that_is_allowed_only_later_takes_the_place_of_looking_time_and_again()
    {
        await faults.Late.WatchesAsync();
        await faults.Late.EndsWellAsync(requestsAtMost: 46);
        Assert.Equal(2, faults.Late.Api.Requests.Count(request => request.Status == 403));
    }
}
