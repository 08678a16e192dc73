using Proa.Pods;
using Proa.Tests.Support;
using Proa.Watching;

namespace Proa.Tests.Watching;

public sealed class ApiFailureTests
{
    [Theory]
    [InlineData(401, ApiFailureKind.Unauthorized)]
    [InlineData(403, ApiFailureKind.Forbidden)]
    [InlineData(404, ApiFailureKind.NotFound)]
    [InlineData(410, ApiFailureKind.Expired)]
    [InlineData(408, ApiFailureKind.Transient)]
    [InlineData(429, ApiFailureKind.Transient)]
    [InlineData(500, ApiFailureKind.Transient)]
    [InlineData(502, ApiFailureKind.Transient)]
    [InlineData(503, ApiFailureKind.Transient)]
    [InlineData(504, ApiFailureKind.Transient)]
    [InlineData(301, ApiFailureKind.Refused)]
    [InlineData(400, ApiFailureKind.Refused)]
    [InlineData(405, ApiFailureKind.Refused)]
    [InlineData(409, ApiFailureKind.Refused)]
    [InlineData(422, ApiFailureKind.Refused)]
    internal void Each_status_code_is_of_one_kind(int code, ApiFailureKind kind) => Assert.Equal(kind, ApiFailure.OfStatus(code, null, null).Kind);

    [Theory]
    [InlineData("401", ApiFailureKind.Unauthorized)]
    [InlineData("403", ApiFailureKind.Forbidden)]
    [InlineData("404", ApiFailureKind.NotFound)]
    internal void A_recorded_refusal_is_of_its_kind(string file, ApiFailureKind kind)
    {
        Assert.True(PodReader.TryReadStatus(Recordings.Body(file), out var status));
        Assert.Equal(kind, ApiFailure.OfStatus(status.Code, status.Message, null).Kind);
    }

    [Fact]
    public void The_servers_message_is_repeated() =>
        Assert.Equal("the API server answered 404: pods \"nope\" not found", ApiFailure.OfStatus(404, "pods \"nope\" not found", null).Message);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_a_message_the_code_is_said(string? message) =>
        Assert.Equal("the API server answered 503", ApiFailure.OfStatus(503, message, null).Message);

    [Fact]
    public void Retry_after_is_kept() => Assert.Equal(TimeSpan.FromSeconds(7), ApiFailure.OfStatus(429, "", TimeSpan.FromSeconds(7)).RetryAfter);
}
