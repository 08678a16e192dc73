using CsCheck;

namespace Proa.Tests;

public sealed class DurationTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("90", 90_000)]
    [InlineData("1.5", 1_500)]
    [InlineData("1m30s", 90_000)]
    [InlineData("500ms", 500)]
    [InlineData("2h", 7_200_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("1h2m3s4ms", 3_723_004)]
    [InlineData("1h4ms", 3_600_004)]
    [InlineData("90m", 5_400_000)]
    [InlineData("0s", 0)]
    [InlineData("0.25s", 250)]
    [InlineData(".5s", 500)]
    [InlineData("1193h", 4_294_800_000)]
    [InlineData("0000000000000000090", 90_000)]
    public void A_duration_is_read(string text, long milliseconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("s")]
    [InlineData("ms")]
    [InlineData(".")]
    [InlineData("-1")]
    [InlineData("-1s")]
    [InlineData("+1")]
    [InlineData("1 s")]
    [InlineData(" 1s")]
    [InlineData("1s ")]
    [InlineData("1m 30s")]
    [InlineData("1m30")]
    [InlineData("30s1m")]
    [InlineData("1s2s")]
    [InlineData("1ms1s")]
    [InlineData("1d")]
    [InlineData("1H")]
    [InlineData("1.2.3s")]
    [InlineData("1,5s")]
    [InlineData("1e3")]
    [InlineData("١s")]
    [InlineData("forever")]
    [InlineData("1194h")]
    [InlineData("1193h1ms")]
    [InlineData("99999999999999999999999999999999999999h")]
    public void What_is_no_duration_is_refused(string text)
    {
        Assert.False(Duration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.Zero, duration);
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(63_300, "1m3.3s")]
    [InlineData(3_600_004, "1h0.004s")]
    [InlineData(500, "500ms")]
    [InlineData(1_000, "1s")]
    [InlineData(1_500, "1.5s")]
    [InlineData(30_000, "30s")]
    [InlineData(90_000, "1m30s")]
    [InlineData(3_600_000, "1h")]
    [InlineData(90_000_000, "25h")]
    public void A_duration_is_written_as_people_write_it(long milliseconds, string text) =>
        Assert.Equal(text, Duration.Format(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void What_is_written_is_read_back() =>
        Gen.OneOf<long>(Gen.Long[0, 5_000], Gen.Long[0, (long)Duration.Longest.TotalMilliseconds]).Sample(milliseconds =>
        {
            var duration = TimeSpan.FromMilliseconds(milliseconds);
            Assert.True(Duration.TryParse(Duration.Format(duration), out var read));
            Assert.Equal(duration, read);
        });

    [Fact]
    public void No_text_gives_a_duration_that_a_timer_would_refuse() =>
        Gen.OneOf<string>(Gen.String, Gen.OneOf("0123456789.hms ".ToCharArray()).Array[0, 12].Select(c => new string(c))).Sample(text =>
        {
            if (Duration.TryParse(text, out var duration)) Assert.InRange(duration, TimeSpan.Zero, Duration.Longest);
        });
}
