using Proa.Pods;
using Proa.Tests.Support;

namespace Proa.Tests.Pods;

public sealed class ApiTimeTests
{
    [Fact]
    public void A_recorded_time_is_read() =>
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 12, 26, 17, TimeSpan.Zero), ApiTime.Read(Recordings.PodAt("deleted", 805).Metadata.DeletionTimestamp));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("gone")]
    [InlineData("2026-13-22T12:26:17Z")]
    [InlineData("2026-11-22 12:26:17Z")]
    public void Anything_else_is_none(string? text) => Assert.Null(ApiTime.Read(text));
}
