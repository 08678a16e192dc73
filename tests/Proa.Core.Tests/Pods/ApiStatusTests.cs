using System.Text;
using Proa.Pods;
using Proa.Tests.Support;

namespace Proa.Tests.Pods;

public sealed class ApiStatusTests
{
    [Theory]
    [InlineData("401", 401, "Unauthorized", "Unauthorized")]
    [InlineData(
        "403",
        403,
        "Forbidden",
        "pods \"x\" is forbidden: User \"system:serviceaccount:lab:watcher\" cannot get resource \"pods\" in API group \"\" in the namespace \"default\"")]
    [InlineData("404", 404, "NotFound", "pods \"nope\" not found")]
    public void A_recorded_refusal_is_read(string file, int code, string reason, string message)
    {
        Assert.True(PodReader.TryReadStatus(Recordings.Body(file), out var status));
        Assert.Equal((code, reason, message), (status.Code, status.Reason, status.Message));
    }

    [Fact]
    public void Details_without_a_time_to_come_again_say_none()
    {
        Assert.True(PodReader.TryReadStatus(Recordings.Body("404"), out var status));
        Assert.Equal(0, status.Details?.RetryAfterSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("404 page not found")]
    [InlineData("<html>")]
    [InlineData("""{"code":"404"}""")]
    public void What_is_no_status_is_refused(string body) => Assert.False(PodReader.TryReadStatus(Encoding.UTF8.GetBytes(body), out _));
}
