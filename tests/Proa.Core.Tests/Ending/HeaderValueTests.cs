using Proa.Ending;

namespace Proa.Tests.Ending;

public sealed class HeaderValueTests
{
    [Theory]
    [InlineData("token", "token")]
    [InlineData("token\n", "token")]
    [InlineData("token \r\n\n", "token")]
    [InlineData("to ken", "to ken")]
    [InlineData("\n", "")]
    [InlineData("token\nX-Other: 1", null)]
    [InlineData("token\rX", null)]
    [InlineData("to\0ken", null)]
    [InlineData("tök", null)]
    public void White_space_at_the_end_is_cut_and_what_cannot_be_in_a_header_is_refused(string text, string? value) =>
        Assert.Equal(value, HeaderValue.Of(text));
}
