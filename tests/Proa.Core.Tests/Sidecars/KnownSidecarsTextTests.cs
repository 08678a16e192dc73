using Proa.Sidecars;

namespace Proa.Tests.Sidecars;

public sealed class KnownSidecarsTextTests
{
    [Fact]
    public void The_document_has_the_table_as_it_is() => Assert.Contains(
        "<!-- known -->\n" + KnownSidecarsText.Write() + "<!-- /known -->\n",
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "sidecars.md")),
        StringComparison.Ordinal);
}
