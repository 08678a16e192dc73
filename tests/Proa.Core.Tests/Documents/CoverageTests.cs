using System.Reflection;
using System.Text.RegularExpressions;
using Proa.CommandLine;
using Proa.Tests.Support;

namespace Proa.Tests.Documents;

/// <summary>What a user meets is documented: options, exit codes, and what the log warns of.</summary>
public sealed partial class CoverageTests
{
    private const string Troubleshooting = "docs/troubleshooting.md";

    public static TheoryData<string> Options => new(OptionTable.All.Select(option => option.Name));

    public static TheoryData<int> Codes => new(typeof(ExitCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(code => (int)code.GetRawConstantValue()!)
        .Where(IsOfProa));

    /// <summary>Warnings and errors; those of a placeholder alone have their words elsewhere.</summary>
    public static TheoryData<string> Messages => new(Message().Matches(Repository.Read("src/Proa/Logging/Messages.cs"))
        .Select(match => match.Groups[1].Value.Replace("\\\"", "\"", StringComparison.Ordinal))
        .Where(template => FixedWords(template).Length > 0)
        .Distinct());

    [Theory]
    [MemberData(nameof(Options))]
    public void Each_option_is_documented_beside_the_help(string name) => Assert.Matches($"--{name}(?![a-z-])", Prose());

    [Theory]
    [MemberData(nameof(Codes))]
    public void Each_exit_code_is_in_the_READMEs_table_and_in_the_help(int code)
    {
        Assert.Matches($@"(?m)^\| ([0-9]+, )?{code}[ ,]", Repository.Read("README.md"));
        Assert.Contains($"{code}", HelpText.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Each_warning_and_error_is_in_the_troubleshooting_guide(string template) => Assert.True(
        Repository.Read(Troubleshooting).Split('\n').Any(line => Shows(line, template)),
        $"no line of {Troubleshooting} has the words of: {template}");

    [Fact]
    public void A_message_is_shown_only_where_its_words_stand_in_their_order()
    {
        Assert.True(Shows("| `cannot install PATH: REASON` | ...", "cannot install {path}: {problem}"));
        Assert.False(Shows("| `install cannot PATH: REASON` | ...", "cannot install {path}: {problem}"));
    }

    /// <summary>What is in braces becomes the name of a JSON field.</summary>
    [Fact]
    public void A_message_has_only_plain_names_in_it() =>
        Assert.All(Hole().Matches(Repository.Read("src/Proa/Logging/Messages.cs")), hole => Assert.Matches(@"^\{\w+\}$", hole.Value));

    [Fact]
    public void There_are_messages_and_codes_to_look_for() => Assert.True(Messages.Count > 20 && Codes.Count > 4);

    /// <summary>The codes below are between proa's own processes.</summary>
    private static bool IsOfProa(int code) => code > 100;

    /// <summary>The README and the document of all details; docs/options.md has the help, which the options' table writes.</summary>
    private static string Prose() => Repository.Read("README.md") + Repository.Read("docs/behaviour.md");

    private static string[] FixedWords(string template) => [.. Placeholder().Split(template).Where(part => part.Any(char.IsLetter))];

    private static bool Shows(string line, string template) => Regex.IsMatch(line, string.Join(".*", FixedWords(template).Select(Regex.Escape)));

    [GeneratedRegex(@"LogLevel\.(?:Warn|Error),\s*\$""((?:[^""\\]|\\.)*)""")]
    private static partial Regex Message();

    [GeneratedRegex(@"(?<=\$""(?:[^""\\]|\\.)*)\{[^}]*\}")]
    private static partial Regex Hole();

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Placeholder();
}
