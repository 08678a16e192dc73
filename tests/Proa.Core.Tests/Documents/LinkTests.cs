using System.Text.RegularExpressions;
using Proa.Tests.Support;

namespace Proa.Tests.Documents;

/// <summary>Links between this repository's files.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Files => new(Repository.MarkdownFiles());

    [Theory]
    [MemberData(nameof(Files))]
    public void Each_link_leads_to_a_file_and_a_heading_that_exist(string file) =>
        Assert.DoesNotContain(LinksOf(Repository.Read(file)), link => !Exists(file, link));

    [Fact]
    public void The_README_leads_to_other_files_and_to_headings() =>
        Assert.True(LinksOf(Repository.Read("README.md")) is var links && links.Any(l => l.Contains('#')) && links.Count(l => !l.Contains('#')) > 10);

    [Theory]
    [InlineData("missing.md")]
    [InlineData("README.md#no-such-heading")]
    [InlineData("#no-such-heading")]
    public void A_link_that_leads_nowhere_is_found(string link) => Assert.False(Exists("README.md", link));

    [Fact]
    public void Each_document_is_in_the_index() => Assert.Equal(
        Repository.MarkdownFiles().Where(path => path.StartsWith("docs/", StringComparison.Ordinal) && path != "docs/README.md").Select(Path.GetFileName),
        LinksOf(Repository.Read("docs/README.md")).Where(link => !link.StartsWith("..", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    private static List<string> LinksOf(string text) =>
        [.. Link().Matches(WithoutCode(text)).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal))];

    private static bool Exists(string file, string link)
    {
        var (path, heading) = link.Split('#', 2) is [var before, var after] ? (before, after) : (link, "");
        var target = path.Length == 0 ? file : Path.Combine(Path.GetDirectoryName(file)!, path);
        var full = Path.Combine(Repository.Root, target);
        return (File.Exists(full) || Directory.Exists(full)) && (heading.Length == 0 || Anchors(Repository.Read(target)).Contains(heading));
    }

    /// <summary>As GitHub makes them of headings.</summary>
    private static IEnumerable<string> Anchors(string text) => Heading().Matches(WithoutCode(text))
        .Select(match => NotInAnchors().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    private static string WithoutCode(string text) => Fence().Replace(text, "");

    [GeneratedRegex(@"\]\(([^()\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
