using Proa.CommandLine;
using Proa.Ending;

namespace Proa.Tests;

public sealed class OptionsTests
{
    [Theory]
    [InlineData("http://localhost:15020/quitquitquit", "http://localhost:15020/quitquitquit")]
    [InlineData("http://user:hunter2@localhost:15020/quit", "http://localhost:15020/quit")]
    [InlineData("https://hunter2@localhost/quit", "https://localhost/quit")]
    [InlineData("http://localhost:1/quit?token=hunter2", "http://localhost:1/quit")]
    [InlineData("http://localhost:1/quit#hunter2", "http://localhost:1/quit")]
    [InlineData("http://[::1]:8001/a%20b", "http://[::1]:8001/a%20b")]
    [InlineData("http://localhost", "http://localhost/")]
    public void A_loggable_URL_has_no_user_password_query_or_fragment(string url, string loggable) =>
        Assert.Equal(loggable, new ShutdownRequest(ShutdownMethod.Get, new(url)).LoggableUrl);

    [Theory]
    [InlineData("", false)]
    [InlineData("--shutdown-http-get http://localhost:1/", true)]
    [InlineData("--shutdown-http-post http://localhost:1/", true)]
    [InlineData("--kill envoy", true)]
    [InlineData("--kill-all", true)]
    [InlineData("--shutdown-timeout 10", true)]
    [InlineData("--shutdown-when always", false)]
    [InlineData("--wait-for proxy", false)]
    public void Sidecars_are_ended_only_where_the_user_says_how_or_for_how_long(string arguments, bool ends) =>
        Assert.Equal(ends, EndingRule.Of(Parser.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), _ => null).Options).HasWork);
}
