using Proa.Logging;
using Proa.Unit.Tests.Net;
using Proa.Waiting;
using Proa.Workers;

namespace Proa.Unit.Tests.Workers;

public sealed class HttpConditionTests
{
    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n", "does not speak HTTP")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "gives an answer that proa cannot read: the response has no length that is a number")]
    public async Task What_is_wrong_with_an_answer_is_said_as_it_is(string answer, string outcome) => Assert.Equal(outcome, (await LookAsync(answer)).Outcome);

    [Fact]
    public async Task A_head_that_is_too_long_is_HTTP_all_the_same() => Assert.Equal(
        "gives an answer that proa cannot read: the head of the response is longer than 65536 bytes",
        (await LookAsync($"HTTP/1.1 200 OK\r\nX: {new string('x', 100_000)}\r\n\r\n")).Outcome);

    private static async Task<Look> LookAsync(string answer)
    {
        await using var server = new KeepingServer(answer);
        using var condition = new HttpCondition("it", server.Url, TimeProvider.System, Log.None);
        return await condition.LookOnceAsync(TestContext.Current.CancellationToken);
    }
}
