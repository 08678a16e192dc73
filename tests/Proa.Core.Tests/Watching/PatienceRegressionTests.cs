using Proa.Watching;

namespace Proa.Tests.Watching;

public sealed class PatienceRegressionTests
{
    [Theory]
    [InlineData(ApiFailureKind.Transient)]
    [InlineData(ApiFailureKind.Expired)]
    public void An_outage_between_two_refusals_begins_the_30_s_anew(ApiFailureKind outage)
    {
        var patience = new Patience();
        Assert.False(GivesUp(ApiFailureKind.Forbidden, at: 0));
        Assert.False(GivesUp(outage, at: 29));
        Assert.False(GivesUp(ApiFailureKind.Forbidden, at: 600));
        Assert.False(GivesUp(ApiFailureKind.Forbidden, at: 629));
        Assert.True(GivesUp(ApiFailureKind.Forbidden, at: 630));

        bool GivesUp(ApiFailureKind kind, double at) => patience.Failed(new(kind, ""), TimeSpan.FromSeconds(at), jitter: 0).GiveUp;
    }

    [Fact]
    public void An_outage_between_two_refusals_does_not_hasten_the_next_request()
    {
        var patience = new Patience();
        ApiFailureKind[] kinds = [ApiFailureKind.Forbidden, ApiFailureKind.Transient, ApiFailureKind.Forbidden, ApiFailureKind.Transient];
        Assert.Equal([100, 200, 400, 800], kinds.Select(kind => patience.Failed(new(kind, ""), TimeSpan.Zero, jitter: 0).Delay.TotalMilliseconds));
    }
}
