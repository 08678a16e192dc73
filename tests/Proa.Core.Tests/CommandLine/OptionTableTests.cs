using CsCheck;
using Proa.CommandLine;

namespace Proa.Tests.CommandLine;

public sealed class OptionTableTests
{
    [Fact]
    public void Long_names_are_unique() => Assert.Distinct(OptionTable.All.Select(o => o.Name));

    [Fact]
    public void Letters_are_unique() => Assert.Distinct(OptionTable.All.Select(o => o.Letter).Where(letter => letter != '\0'));

    [Fact]
    public void An_option_without_a_letter_has_none() => Assert.Null(OptionTable.Lettered('\0'));

    [Theory]
    [InlineData("shutdown-http-get", "PROA_SHUTDOWN_HTTP_GET")]
    [InlineData("kill-all", "PROA_KILL_ALL")]
    [InlineData("pod", "PROA_POD")]
    public void A_variable_is_named_after_its_option(string option, string variable) => Assert.Equal(variable, OptionTable.Named(option)!.Variable);

    [Theory]
    [InlineData("shutdown-http-gett", "shutdown-http-get")]
    [InlineData("shutdown-htp-post", "shutdown-http-post")]
    [InlineData("shutdown_http_get", "shutdown-http-get")]
    [InlineData("kil", "kill")]
    [InlineData("killall", "kill-all")]
    [InlineData("nowait", "no-wait")]
    [InlineData("waitfor", "wait-for")]
    [InlineData("shutdown-timout", "shutdown-timeout")]
    [InlineData("readytimeout", "ready-timeout")]
    [InlineData("name-space", "namespace")]
    [InlineData("Help", "help")]
    [InlineData("ignored", "ignore")]
    [InlineData("timeout", "ready-timeout")]
    [InlineData("format", "log-format")]
    public void The_nearest_option_is_the_one_meant(string typed, string meant) => Assert.Equal(meant, OptionTable.Nearest(typed));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("colour-of-the-sky")]
    [InlineData("an-option-whose-name-is-longer-than-any-other")]
    public void What_is_near_to_nothing_has_no_nearest_option(string typed) => Assert.Null(OptionTable.Nearest(typed));

    [Fact]
    public void One_slip_in_a_name_of_four_letters_or_more_is_understood() =>
        Gen.Select(Gen.OneOf([.. OptionTable.All.Where(o => o.Name.Length >= 4)]), Gen.Int[0, 100], Gen.Char['a', 'z']).Sample((option, where, letter) =>
        {
            var slipped = option.Name.ToCharArray();
            slipped[where % slipped.Length] = letter;
            var nearest = OptionTable.Nearest(new string(slipped));
            Assert.NotNull(nearest);
            Assert.True(Slips(nearest, slipped) <= 1);
        });

    private static int Slips(string name, char[] typed) =>
        name.Length == typed.Length ? name.Zip(typed).Count(pair => pair.First != pair.Second) : Math.Abs(name.Length - typed.Length);
}
