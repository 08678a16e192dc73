using Proa.PodSimulator;

namespace Proa.EndToEnd.Faults;

/// <summary>Takes a watch's length, a minute, as <see cref="LateWatch"/> does: each in a class of its own, they run side by side.</summary>
public sealed class SilentWatch
{
    [Fact]
    public async Task A_watch_that_stays_silent_beyond_its_time_is_given_up_and_made_again()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        ordeal.Add(FaultAction.SilentWatch, request => request.IsWatch);
        ordeal.Begin();
        var first = await ordeal.Api.WaitForRequestAsync(request => request.IsWatch, 0, Ordeal.Cancellation);
        await ordeal.Api.WaitForRequestAsync(request => request.IsWatch, first.Index + 1, Ordeal.Cancellation);
        await ordeal.EndsWellAsync(requestsAtMost: 3);
        Assert.Equal("get, watch, watch", ordeal.Asked);
    }
}
