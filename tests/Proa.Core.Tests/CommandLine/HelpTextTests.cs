using Proa.CommandLine;
using Proa.Tests.Support;

namespace Proa.Tests.CommandLine;

public sealed class HelpTextTests
{
    [Fact]
    public void The_help_is_the_reviewed_one() => Snapshot.Matches("help.txt", HelpText.Text);

    [Fact]
    public void The_document_of_options_which_the_README_links_to_shows_it_as_it_is()
    {
        Assert.Contains("(docs/options.md)", Repository.Read("README.md"), StringComparison.Ordinal);
        Assert.Contains("<!-- help -->\n```text\n" + HelpText.Text + "```\n", Repository.Read("docs/options.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void No_line_is_wider_than_80_columns() => Assert.DoesNotContain(HelpText.Text.Split('\n'), line => line.Length > 80);

    [Fact]
    public void Every_option_is_in_it() =>
        Assert.DoesNotContain(OptionTable.All, option => !HelpText.Text.Contains($"--{option.Name} ", StringComparison.Ordinal));
}
