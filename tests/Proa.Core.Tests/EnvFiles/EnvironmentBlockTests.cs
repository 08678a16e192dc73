using System.Text;
using Proa.EnvFiles;

namespace Proa.Tests.EnvFiles;

public sealed class EnvironmentBlockTests
{
    [Theory]
    [InlineData("", "A=1", false, "A=1")]
    [InlineData("A=given", "A=file", false, "A=given")]
    [InlineData("A=given", "A=file", true, "A=file")]
    [InlineData("A=", "A=file", false, "A=")]
    [InlineData("Z=1 A=2", "B=3 Z=4", false, "Z=1 A=2 B=3")]
    [InlineData("Z=1 A=2", "B=3 Z=4", true, "Z=4 A=2 B=3")]
    [InlineData("", "A=1 B=2 A=3", false, "A=3 B=2")]
    [InlineData("A=1 A=2", "A=3", true, "A=3")]
    [InlineData("A=1 B=1 A=2 B=2 A=3 C=4", "B=5 A=6 B=7", true, "A=6 B=7 C=4")]
    [InlineData("A=1 A=2", "A=3", false, "A=1 A=2")]
    [InlineData("AB=1 nonsense", "A=2", false, "AB=1 nonsense A=2")]
    [InlineData("A=1", "=2", true, "A=1")]
    public void What_is_set_wins_unless_it_is_to_be_overridden(string given, string file, bool isOverride, string expected) =>
        Assert.Equal(expected, string.Join(' ', Merged(given, isOverride, file).Entries));

    [Theory]
    [InlineData(false, "A=1 B=2 C=4")]
    [InlineData(true, "A=1 B=3 C=4")]
    public void Of_two_files_the_first_wins_unless_variables_are_to_be_overridden(bool isOverride, string expected) =>
        Assert.Equal(expected, string.Join(' ', Merged("", isOverride, "A=1 B=2", "B=3 C=4").Entries));

    [Fact]
    public void Variables_of_the_environment_and_of_earlier_files_are_there_for_expansion()
    {
        var environment = Merged("A=1 A=2 AB=3", false, "C=4");
        Assert.Equal(("1", "3", "4", null), (environment.Value("A"), environment.Value("AB"), environment.Value("C"), environment.Value("B")));
    }

    [Fact]
    public void The_block_has_each_byte_and_an_empty_string_at_its_end()
    {
        Assert.Equal([(byte)'A', (byte)'=', 0xff, 0x80, 0, (byte)'B', (byte)'=', 0, 0], Merged("A=\u00ff\u0080", false, "B=").ToBytes());
        Assert.Equal([0], Merged("", false).ToBytes());
    }

    private static EnvironmentBlock Merged(string given, bool isOverride, params string[] files)
    {
        var environment = new EnvironmentBlock(given.Split(' ', StringSplitOptions.RemoveEmptyEntries), isOverride);
        foreach (var file in files)
            environment.Merge([.. file.Split(' ').Select(v => v.Split('=')).Select((v, i) => new EnvFileVariable(v[0], v[1], i))]);
        return environment;
    }
}
