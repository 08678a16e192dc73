using Proa.CommandLine;
using Proa.Tests.Support;

namespace Proa.Tests.CommandLine;

public sealed class HelpTextTests
{
    [Fact]
    public void The_help_is_the_reviewed_one() => Snapshot.Matches("help.txt", HelpText.Text);

    [Fact]
    public void The_README_shows_it_as_it_is() => Assert.Contains(
        "<!-- help -->\n```text\n" + HelpText.Text + "```\n",
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md")),
        StringComparison.Ordinal);

    [Fact]
    public void No_line_is_wider_than_80_columns() => Assert.DoesNotContain(HelpText.Text.Split('\n'), line => line.Length > 80);

    [Fact]
    public void Every_option_is_in_it() =>
        Assert.DoesNotContain(OptionTable.All, option => !HelpText.Text.Contains($"--{option.Name} ", StringComparison.Ordinal));
}
