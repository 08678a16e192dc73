using Proa.Sidecars;

namespace Proa.Tests.Sidecars;

public sealed class KnownSidecarsTextTests
{
    [Fact]
    public void The_document_has_the_table_as_it_is() => Assert.Contains(
        "<!-- known -->\n" + KnownSidecarsText.Write() + "<!-- /known -->\n",
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "sidecars.md")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("", "apply this Role")]
    [InlineData("linkerd", "linkerd answers on localhost: to wait for and stop it without an API server, write --no-api --known linkerd; or: apply this Role")]
    [InlineData(
        "istio dapr",
        "istio and dapr answer on localhost: to wait for and stop them without an API server, write --no-api --known istio --known dapr; or: apply this Role")]
    public void Where_the_API_server_may_not_be_asked_the_line_for_the_sidecars_that_are_here_is_said(string kinds, string hint) =>
        Assert.Equal(hint, KnownSidecarsText.WithoutApi(kinds.Split(' ', StringSplitOptions.RemoveEmptyEntries), "apply this Role"));
}
