using Proa.EndToEnd.Processes;
using Proa.EndToEnd.RealServer;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Faults;

/// <summary>What takes a watch's length, a minute: all of it runs side by side.</summary>
[CollectionDefinition(nameof(Minute))]
public sealed class Minute : ICollectionFixture<LongFaults>, ICollectionFixture<LastingLives>;

/// <summary>Begun together, when the first test asks.</summary>
public sealed class LongFaults : IAsyncLifetime
{
    internal Ordeal Silent { get; private set; } = null!;

    internal Ordeal Late { get; private set; } = null!;

    internal Ordeal Hung { get; private set; } = null!;

    private RunningProcess? _holder;

    public async ValueTask InitializeAsync()
    {
        Silent = await Ordeal.PrepareAsync();
        Silent.Add(FaultAction.SilentWatch, request => request.IsWatch);
        Silent.Begin();
        Hung = await Ordeal.PrepareAsync();
        Hung.Begin();
        await Hung.WatchesAsync();
        if (Executables.MayLookIntoWorkers)
        {
            _holder = RunningProcess.Start([Executables.Puppet, "hold", $"{ProcFile.Child(Hung.Proa.Id)}"]);
            Assert.Equal("held", await _holder.NextLineAsync());
        }

        Late = await Ordeal.PrepareAsync();
        Late.Api.Rbac.Override("watch", allowed: false);
        Late.Begin();
        await Late.SaysAsync("watching is not allowed");
        Late.Api.Rbac.Override("watch", allowed: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_holder is not null) await _holder.DisposeAsync();
        await Hung.DisposeAsync();
        await Silent.DisposeAsync();
        await Late.DisposeAsync();
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
            "cannot wait for the sidecars: the process that watches the Pod has failed: it hangs: it has shown no sign of life for 60 s");
    }

    [Fact]
    public async Task A_watch_that_is_allowed_only_later_takes_the_place_of_looking_time_and_again()
    {
        await faults.Late.WatchesAsync();
        await faults.Late.EndsWellAsync(requestsAtMost: 46);
        Assert.Equal(2, faults.Late.Api.Requests.Count(request => request.Status == 403));
    }
}
