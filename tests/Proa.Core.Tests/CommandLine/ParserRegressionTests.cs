using Proa.CommandLine;
using Proa.Ending;
using Proa.Pods;

namespace Proa.Tests.CommandLine;

public sealed class ParserRegressionTests
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
    [InlineData("-p http://localhost:1/quit", true)] // no COMMAND
    [InlineData("--bogus -p http://localhost:1/quit -- main", true)]
    [InlineData("--bogus -p http://localhost:1/quit", true)]
    [InlineData("--bogus=5 -p http://localhost:1/quit -- main", true)]
    [InlineData("--bogus 5 -p http://localhost:1/quit -- main", true)]
    [InlineData("-x -p http://localhost:1/quit main", true)]
    [InlineData("--no-wait=x -p http://localhost:1/quit main", true)]
    [InlineData("--ready-timeout soon -p http://localhost:1/quit main", true)]
    [InlineData("-p http://localhost:1/quit -g", true)]
    [InlineData("--bogus main -p http://localhost:1/quit", false)] // these may be main's
    [InlineData("--bogus 5 main -p http://localhost:1/quit -- file", false)]
    [InlineData("--bogus -- main -p http://localhost:1/quit", false)]
    public void Beside_an_error_the_shutdown_requests_are_read_that_are_proas(string arguments, bool isRead)
    {
        var result = Parser.Parse(arguments.Split(' '), _ => null);
        Assert.Equal((Request.Refuse, Request.Run, isRead), (result.Request, result.Wanted, EndingRule.Of(result.Options).HasWork));
    }

    [Fact]
    public void Of_several_errors_the_first_is_named() =>
        Assert.Equal("unknown option --bogus", Parser.Parse(["--bogus", "--nonsense", "-x", "main"], _ => null).Error!.Message);

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
    [InlineData("a", "--pod", "a", "--pod", "b", "--pod", "a")]
    [InlineData("b", "--pod", "a", "--pod", "b", "--pod=b")]
    [InlineData("a", "--pod=a", "--pod=b", "--pod=b", "--pod=a")]
    public void Of_an_option_given_again_the_last_counts_though_it_has_been_given_before(string pod, params string[] arguments) =>
        Assert.Equal(pod, Parser.Parse([.. arguments, "cmd"], _ => null).Options.Pod);

    [Theory]
    [InlineData("warning", LogThreshold.Warn)]
    [InlineData("Warning", LogThreshold.Warn)]
    [InlineData("warn", LogThreshold.Warn)]
    internal void PROA_LOG_takes_the_words_that_the_option_takes(string word, LogThreshold level)
    {
        var result = Parse(["cmd"], ("PROA_LOG", word));
        Assert.Null(result.Error);
        Assert.Equal(level, result.Options.LogLevel);
        Assert.Equal(level, Parse(["--log-level", word, "cmd"]).Options.LogLevel);
        Assert.Equal(level, Parse(["cmd"], ("PROA_LOG_LEVEL", word)).Options.LogLevel);
    }

    [Theory]
    [InlineData("proa,warn")]
    [InlineData("warn,proa")]
    public void A_target_without_a_level_in_RUST_LOG_means_trace(string directives) =>
        Assert.Equal(LogThreshold.Trace, Parse(["cmd"], ("RUST_LOG", directives)).Options.LogLevel);

    [Theory]
    [InlineData("-v", "did you mean -V, --version?")]
    [InlineData("-G", "did you mean -g, --shutdown-http-get?")]
    [InlineData("-H", "did you mean -h, --help?")]
    public void A_letter_in_the_wrong_case_is_named_with_the_right_one(string argument, string hint) =>
        Assert.Equal(new UsageError("unknown option " + argument, hint), Parse([argument, "cmd"]).Error);

    [Theory]
    [InlineData("PROA_READY_TIMEOUT", "5m")]
    [InlineData("PROA_WAIT_FOR", "proxy")]
    public void What_a_variable_says_of_waiting_does_not_contradict_no_wait(string variable, string value)
    {
        var result = Parse(["--no-wait", "cmd"], (variable, value));
        Assert.Null(result.Error);
        Assert.True(result.Options.NoWait);
    }

    private static void TellsNoSecret(string[] arguments, params (string Name, string Value)[] variables)
    {
        if (Parse(arguments, variables).Error is { } error) Assert.DoesNotContain(Secret, error.Message + error.Hint, StringComparison.Ordinal);
    }

    private static ParseResult Parse(string[] arguments, params (string Name, string Value)[] variables) =>
        Parser.Parse(arguments, name => variables.Where(v => v.Name == name).Select(v => v.Value).FirstOrDefault());
}
