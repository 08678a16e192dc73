using Proa.CommandLine;
using static Proa.Tests.CommandLine.Parsing;

namespace Proa.Tests.CommandLine;

public sealed class SecretsTests
{
    private const string Secret = "s3cret";

    public static TheoryData<string> ValuesWithSecrets =>
    [
        "ftp://user:s3cret@localhost/quit",
        "http://user:s3cret@localhost:99999/quit",
        "http://user:s3cret@/",
        "ftp://localhost/quit?token=s3cret",
        "ftp://localhost/quit#s3cret",
        "//localhost/quit?token=s3cret",
        "localhost/quit?token=s3cret",
        "user:s3cret@localhost/quit",
        "ftp://user:s3cret@localhost/quit?token=s3cret&mail=a@b",
        "ftp://localhost/quit?mail=a@b&token=s3cret",
    ];

    /// <summary>Passwords with characters that a URL must escape, and that people forget to.</summary>
    public static TheoryData<string> PasswordsThatAreNotEscaped =>
    [
        "http://user:s3cret?x@localhost/quit",
        "http://user:s3cret#x@localhost/quit",
        "http://user:s3cret/x@localhost/quit",
        "http://user:x?s3cret@localhost/quit",
        "http://user:x@s3cret@localhost:x/quit",
    ];

    [Theory]
    [MemberData(nameof(ValuesWithSecrets))]
    [MemberData(nameof(PasswordsThatAreNotEscaped))]
    public void No_option_that_is_refused_tells_a_secret(string value)
    {
        foreach (var option in OptionTable.All)
        {
            TellsNoSecret([$"--{option.Name}={value}", "cmd"]);
            TellsNoSecret([$"--{option.Name}", value]);
            TellsNoSecret([$"--x{option.Name}={value}", "cmd"]);
            if (option.Letter == '\0') continue;
            TellsNoSecret([$"-{option.Letter}{value}", "cmd"]);
            TellsNoSecret([$"-{option.Letter}={value}", "cmd"]);
            TellsNoSecret([$"-{option.Letter}", value]);
        }

        TellsNoSecret(["--wait-for", value, "--ignore", value, "cmd"]);
        TellsNoSecret(["--wait-for", value, "--container", value, "cmd"]);
    }

    [Theory]
    [MemberData(nameof(ValuesWithSecrets))]
    [MemberData(nameof(PasswordsThatAreNotEscaped))]
    public void No_variable_that_is_refused_tells_a_secret(string value)
    {
        foreach (var name in OptionTable.All.Select(option => option.Variable).Append("PROA_LOG").Append("RUST_LOG")) TellsNoSecret(["cmd"], (name, value));
    }

    [Theory]
    [MemberData(nameof(ValuesWithSecrets))]
    [MemberData(nameof(PasswordsThatAreNotEscaped))]
    public void An_option_that_is_unknown_because_its_URL_is_stuck_to_it_tells_no_secret(string value)
    {
        TellsNoSecret(["--" + value, "cmd"]);
        TellsNoSecret(["--g" + value, "cmd"]);
        TellsNoSecret(["--shutdown-http-get" + value, "cmd"]);
        TellsNoSecret(["-x" + value, "cmd"]);
    }

    [Theory]
    [InlineData("-g user:hunter2@localhost/quit cmd")]
    [InlineData("-g http://user:hunter2@localhost:99999/quit cmd")]
    [InlineData("-g ftp://user:hunter2@localhost/quit cmd")]
    [InlineData("-g ftp://user:hunter2@hunter2@localhost/quit cmd")]
    [InlineData("-g http:/user:hunter2@localhost/quit cmd")]
    [InlineData("-p=//user:hunter2@localhost/quit cmd")]
    [InlineData("-p http://user:hunter2@ cmd")]
    [InlineData("--shutdown-http-gett=http://user:hunter2@localhost/quit cmd")]
    [InlineData("-x=http://user:hunter2@localhost/quit cmd")]
    public void A_password_is_in_no_message(string arguments)
    {
        var error = Parse(arguments).Error;
        Assert.NotNull(error);
        Assert.DoesNotContain("hunter2", error.Message + error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_URL_without_its_password_is_still_recognized() =>
        Assert.Equal("--shutdown-http-get \"ftp://***@localhost/quit\" is not http or https", Parse("-g ftp://user:hunter2@localhost/quit cmd").Error?.Message);

    [Fact]
    public void Arguments_are_shown_without_what_may_be_secret() =>
        Assert.Equal(
            "-p http://***@localhost:1/quit?*** -ghttp://***@a/ --shutdown-http-get=https://b/?*** --no-wait --",
            Parser.Show(
                ["-p", "http://u:hunter2@localhost:1/quit?t=hunter2", "-ghttp://u:hunter2@a/", "--shutdown-http-get=https://b/?t=hunter2", "--no-wait", "--"]));

    private static void TellsNoSecret(string[] arguments, params (string Name, string Value)[] variables)
    {
        if (Parse(arguments, variables).Error is { } error) Assert.DoesNotContain(Secret, error.Message + error.Hint, StringComparison.Ordinal);
    }
}
