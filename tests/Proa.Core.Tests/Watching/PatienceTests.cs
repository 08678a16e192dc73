using CsCheck;
using Proa.Watching;

namespace Proa.Tests.Watching;

public sealed class PatienceTests
{
    private Patience _patience = new();

    [Fact]
    public void Delays_begin_at_100_ms_and_double_up_to_1600()
    {
        int[] expected = [100, 200, 400, 800, 1600, 1600, 1600];
        Assert.Equal(expected, expected.Select(_ => (int)Fail(ApiFailureKind.Transient).Delay.TotalMilliseconds));
    }

    [Fact]
    public void No_delay_reaches_2_s_whatever_the_jitter() => Gen.Double[0, 1].Array[1, 20].Sample(jitters =>
    {
        var patience = new Patience();
        foreach (var jitter in jitters)
        {
            (var next, patience) = patience.Failed(new(ApiFailureKind.Transient, ""), TimeSpan.Zero, jitter);
            Assert.InRange(next.Delay, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(1999));
        }
    });

    [Fact]
    public void Jitter_only_lengthens_a_delay() =>
        Assert.Equal(TimeSpan.FromMilliseconds(120), _patience.Failed(new(ApiFailureKind.Transient, ""), TimeSpan.Zero, 1).Next.Delay);

    [Fact]
    public void A_success_shortens_the_delay_again()
    {
        Fail(ApiFailureKind.Transient);
        Fail(ApiFailureKind.Transient);
        _patience = new();
        Assert.Equal(TimeSpan.FromMilliseconds(100), Fail(ApiFailureKind.Transient).Delay);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(20, 20)]
    [InlineData(60, 60)]
    [InlineData(86_400, 60)]
    public void Retry_after_is_honoured_up_to_a_minute(int wanted, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Fail(ApiFailureKind.Transient, retryAfter: TimeSpan.FromSeconds(wanted)).Delay);

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(-5000)]
    public void Retry_after_does_not_hasten(int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(100), Fail(ApiFailureKind.Transient, retryAfter: TimeSpan.FromMilliseconds(milliseconds)).Delay);

    [Theory]
    [InlineData(ApiFailureKind.Transient)]
    [InlineData(ApiFailureKind.Expired)]
    internal void What_can_pass_by_itself_is_borne_for_ever(ApiFailureKind kind)
    {
        Assert.False(Fail(kind).GiveUp);
        Assert.False(Fail(kind, at: 86_400).GiveUp);
    }

    [Theory]
    [InlineData(ApiFailureKind.Unauthorized)]
    [InlineData(ApiFailureKind.Forbidden)]
    [InlineData(ApiFailureKind.NotFound)]
    [InlineData(ApiFailureKind.Untrusted)]
    [InlineData(ApiFailureKind.Refused)]
    internal void A_refusal_is_borne_for_30_s(ApiFailureKind kind)
    {
        Assert.False(Fail(kind, at: 1000).GiveUp);
        Assert.False(Fail(kind, at: 1029.9).GiveUp);
        Assert.True(Fail(kind, at: 1030).GiveUp);
    }

    [Fact]
    public void One_refusal_is_never_the_end_however_late_it_comes() => Assert.False(Fail(ApiFailureKind.Forbidden, at: 86_400).GiveUp);

    [Fact]
    public void Refusals_of_different_kinds_are_borne_together()
    {
        Fail(ApiFailureKind.Unauthorized, at: 0);
        Assert.True(Fail(ApiFailureKind.Forbidden, at: 30).GiveUp);
    }

    [Fact]
    public void A_success_between_refusals_begins_the_30_s_anew()
    {
        Fail(ApiFailureKind.Forbidden, at: 0);
        _patience = new();
        Assert.False(Fail(ApiFailureKind.Forbidden, at: 31).GiveUp);
    }

    [Theory]
    [InlineData(ApiFailureKind.Transient)]
    [InlineData(ApiFailureKind.Expired)]
    internal void An_outage_between_two_refusals_begins_the_30_s_anew(ApiFailureKind outage)
    {
        Assert.False(Fail(ApiFailureKind.Forbidden, at: 0).GiveUp);
        Assert.False(Fail(outage, at: 29).GiveUp);
        Assert.False(Fail(ApiFailureKind.Forbidden, at: 600).GiveUp);
        Assert.False(Fail(ApiFailureKind.Forbidden, at: 629).GiveUp);
        Assert.True(Fail(ApiFailureKind.Forbidden, at: 630).GiveUp);
    }

    [Fact]
    public void An_outage_between_two_refusals_does_not_hasten_the_next_request()
    {
        ApiFailureKind[] kinds = [ApiFailureKind.Forbidden, ApiFailureKind.Transient, ApiFailureKind.Forbidden, ApiFailureKind.Transient];
        Assert.Equal([100, 200, 400, 800], kinds.Select(kind => Fail(kind).Delay.TotalMilliseconds));
    }

    [Theory]
    [InlineData(ApiFailureKind.Expired, true)]
    [InlineData(ApiFailureKind.NotFound, true)]
    [InlineData(ApiFailureKind.Transient, false)]
    [InlineData(ApiFailureKind.Unauthorized, false)]
    [InlineData(ApiFailureKind.Forbidden, false)]
    [InlineData(ApiFailureKind.Untrusted, false)]
    [InlineData(ApiFailureKind.Refused, false)]
    internal void A_resource_version_is_kept_where_it_may_still_be_good(ApiFailureKind kind, bool startOver) => Assert.Equal(startOver, Fail(kind).StartOver);

    private NextTry Fail(ApiFailureKind kind, double at = 0, TimeSpan? retryAfter = null)
    {
        (var next, _patience) = _patience.Failed(new(kind, "", retryAfter), TimeSpan.FromSeconds(at), jitter: 0);
        return next;
    }
}
