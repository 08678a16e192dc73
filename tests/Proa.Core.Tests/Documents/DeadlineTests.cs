using System.Text.RegularExpressions;
using Proa.Tests.Support;

namespace Proa.Tests.Documents;

/// <summary>By when a fix of what is linked in is released: the maintainers are told the same as the users.</summary>
public sealed partial class DeadlineTests
{
    [Fact]
    public void The_pull_request_of_a_rebuild_names_the_deadlines_that_SECURITY_promises()
    {
        var promised = Days(Repository.Read("SECURITY.md"));
        Assert.Equal(2, promised.Length);
        Assert.Equal(promised, Days(Repository.Read(".github/workflows/rebuild.yml")));
    }

    private static string[] Days(string text) => [.. Deadline().Matches(text).Select(match => match.Groups[1].Value)];

    [GeneratedRegex(@"within \*{0,2}([0-9]+) days\b")]
    private static partial Regex Deadline();
}
