namespace Proa.EndToEnd.Faults;

public sealed class LateWatch
{
    [Fact]
    public async Task A_watch_that_is_allowed_only_later_takes_the_place_of_looking_time_and_again()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        ordeal.Api.Rbac.Override("watch", allowed: false);
        ordeal.Begin();
        await ordeal.SaysAsync("watching is not allowed");
        ordeal.Api.Rbac.Override("watch", allowed: true);
        await ordeal.WatchesAsync();
        await ordeal.EndsWellAsync(requestsAtMost: 45);
        Assert.Equal(2, ordeal.Api.Requests.Count(request => request.Status == 403));
    }
}
