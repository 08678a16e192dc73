using Proa.CommandLine;

namespace Proa.Tests.CommandLine;

/// <summary>What scuttle's source does with its variables, in options of ours.</summary>
public sealed class ScuttleVariablesTests
{
    private const string Wait = "--no-api --wait-http=http://127.0.0.1:15000/server_info";
    private const string Quit = "--shutdown-http-post=http://127.0.0.1:15020/quitquitquit --shutdown-timeout=5s";
    private const string Admin = "ENVOY_ADMIN_API=http://127.0.0.1:15000";

    [Theory]
    [InlineData(Admin, $"{Wait} {Quit}")] // kvij's: the port is told by Envoy's
    [InlineData($"{Admin}/ ISTIO_QUIT_API=http://127.0.0.1:15020/", $"{Wait} {Quit}")]
    [InlineData(
        "ENVOY_ADMIN_API=http://localhost:9901",
        "--no-api --wait-http=http://localhost:9901/server_info --kill=pilot-agent --kill-signal=INT --shutdown-timeout=5s")]
    [InlineData(
        "ENVOY_ADMIN_API=http://localhost:9901 ISTIO_QUIT_API=http://localhost:9901",
        "--no-api --wait-http=http://localhost:9901/server_info --shutdown-http-post=http://localhost:9901/quitquitquit --shutdown-timeout=5s")]
    [InlineData("ENVOY_ADMIN_API=http://10.0.0.1:15000", "--no-api --wait-http=http://10.0.0.1:15000/server_info")]
    [InlineData("ISTIO_QUIT_API=http://127.0.0.1:15020", "--no-api")]
    [InlineData("GENERIC_QUIT_ENDPOINTS=http://localhost:1/quit", "--no-api")]
    public void Envoy_is_waited_for_and_Istio_is_ended_where_Envoys_address_is_given_and_local(string variables, string options) =>
        Assert.Equal(options, Read(variables));

    [Theory]
    [InlineData("START_WITHOUT_ENVOY=true", $"--no-api {Quit}")]
    [InlineData("START_WITHOUT_ENVOY=true QUIT_WITHOUT_ENVOY_TIMEOUT=5s", $"--no-api {Quit}")]
    [InlineData("START_WITHOUT_ENVOY=false", $"{Wait} {Quit}")]
    [InlineData("START_WITHOUT_ENVOY=1", $"{Wait} {Quit}")] // no word of scuttle's
    [InlineData("WAIT_FOR_ENVOY_TIMEOUT=90s", $"{Wait} --ready-timeout=1m30s --on-timeout=start {Quit}")]
    [InlineData("QUIT_WITHOUT_ENVOY_TIMEOUT=1.5m", $"{Wait} --ready-timeout=1m30s {Quit}")]
    [InlineData("QUIT_WITHOUT_ENVOY_TIMEOUT=5s WAIT_FOR_ENVOY_TIMEOUT=7s", $"{Wait} --ready-timeout=5s {Quit}")]
    [InlineData("QUIT_WITHOUT_ENVOY_TIMEOUT=0s WAIT_FOR_ENVOY_TIMEOUT=7s", $"{Wait} --ready-timeout=7s --on-timeout=start {Quit}")]
    [InlineData("QUIT_WITHOUT_ENVOY_TIMEOUT=soon WAIT_FOR_ENVOY_TIMEOUT=5", $"{Wait} {Quit}")] // Go's durations have units
    [InlineData("WAIT_FOR_ENVOY_TIMEOUT=-5s", $"{Wait} {Quit}")]
    [InlineData("WAIT_FOR_ENVOY_TIMEOUT=1h1ns", $"{Wait} --ready-timeout=1h --on-timeout=start {Quit}")]
    [InlineData("WAIT_FOR_ENVOY_TIMEOUT=10us", $"{Wait} --ready-timeout=1ms --on-timeout=start {Quit}")]
    [InlineData("WAIT_FOR_ENVOY_TIMEOUT=9999999h", $"{Wait} --ready-timeout=1193h --on-timeout=start {Quit}")]
    public void How_long_Envoy_is_waited_for_and_what_follows(string variables, string options) => Assert.Equal(options, Read($"{Admin} {variables}"));

    [Theory]
    [InlineData("NEVER_KILL_ISTIO=true", "--shutdown-when=never")]
    [InlineData("NEVER_KILL_ISTIO=true GENERIC_QUIT_ENDPOINTS=http://localhost:1/quit", "--shutdown-when=never")]
    [InlineData("NEVER_KILL_ISTIO=yes", Quit)]
    [InlineData("NEVER_KILL_ISTIO_ON_FAILURE=true", $"{Quit} --shutdown-when=success")]
    [InlineData(
        "GENERIC_QUIT_ENDPOINTS=http://localhost:1/a,http://localhost:2/b",
        $"--shutdown-http-post=http://localhost:1/a --shutdown-http-post=http://localhost:2/b {Quit}")]
    [InlineData("GENERIC_QUIT_ENDPOINTS=127.0.0.1:1111/idontexist,notaurl^^,,ftp://localhost/", Quit)]
    [InlineData("GENERIC_QUIT_ONLY=true", "")]
    [InlineData(
        "GENERIC_QUIT_ONLY=true GENERIC_QUIT_ENDPOINTS=http://localhost:1/a NEVER_KILL_ISTIO=true NEVER_KILL_ISTIO_ON_FAILURE=true",
        "--shutdown-http-post=http://localhost:1/a --shutdown-timeout=5s")]
    [InlineData("QUIT_REQUEST_TIMEOUT=30s", "--shutdown-http-post=http://127.0.0.1:15020/quitquitquit --shutdown-timeout=30s")]
    public void Who_is_ended_and_when(string variables, string options) =>
        Assert.Equal($"{Wait} {options}".TrimEnd(), Read($"{Admin} {variables}"));

    [Fact]
    public void Generic_endpoints_alone_need_no_Envoy() => Assert.Equal(
        "--no-api --shutdown-http-post=http://localhost:1/a --shutdown-timeout=5s",
        Read("GENERIC_QUIT_ONLY=true GENERIC_QUIT_ENDPOINTS=http://localhost:1/a"));

    [Theory]
    [InlineData("SCUTTLE_LOGGING=false", "--log-level=error")]
    [InlineData("SCUTTLE_LOGGING=true", "")]
    public void What_is_logged_says_nothing_of_the_rest(string variables, string options) => Assert.Equal(options, Read(variables));

    [Theory]
    [InlineData("", "/usr/bin/scuttle", "--no-api")]
    [InlineData("", "scuttle", "--no-api")]
    [InlineData("", "/usr/bin/proa", null)]
    [InlineData("", "/usr/bin/not-scuttle", null)]
    [InlineData(Admin, "/proa", $"{Wait} {Quit}")]
    public void It_counts_that_proa_was_started_as_scuttle(string variables, string startedAs, string? options) =>
        Assert.Equal(options, Read(variables, startedAs));

    [Theory]
    [InlineData("--no-wait cmd", Quit)]
    [InlineData("--wait-for a cmd", Quit)]
    [InlineData("--stop-on a cmd", Quit)]
    [InlineData("-p http://localhost:1/ cmd", Wait)]
    [InlineData("--shutdown-when always cmd", Wait)]
    [InlineData("--no-wait -K cmd", "")]
    [InlineData("--container main --log-format json --signal-group cmd", $"{Wait} {Quit}")]
    public void An_option_of_our_own_for_the_same_wins(string arguments, string options)
    {
        Assert.Equal(options, Read(Admin, arguments: arguments));
        Assert.Null(Parse(Admin, "", arguments).Error);
    }

    [Fact]
    public void So_does_a_variable_of_our_own() =>
        Assert.Equal(Quit, Read(Admin + " PROA_WAIT_TCP=localhost:1 PROA_LOG=debug SCUTTLE_LOGGING=false"));

    [Fact]
    public void The_options_are_those_of_the_line_that_is_shown()
    {
        var all = Admin + " QUIT_WITHOUT_ENVOY_TIMEOUT=5s NEVER_KILL_ISTIO_ON_FAILURE=true GENERIC_QUIT_ENDPOINTS=http://localhost:1/a SCUTTLE_LOGGING=false";
        var result = Parse(all, "", "cmd");
        var shown = result.Scuttle!.Equivalent.Replace("proa ", "", StringComparison.Ordinal).Replace("COMMAND", "cmd", StringComparison.Ordinal);
        Assert.Equivalent(Parse("", "", shown).Options, result.Options, strict: true);
    }

    [Fact]
    public void Secrets_in_URLs_are_not_shown() => Assert.Equal(
        "proa --no-api --wait-http=http://***@127.0.0.1:15000/server_info --shutdown-http-post=http://***@127.0.0.1:15020/quitquitquit "
            + "--shutdown-timeout=5s -- COMMAND",
        Parse("ENVOY_ADMIN_API=http://user:s3cret@127.0.0.1:15000", "", "cmd").Scuttle!.Equivalent);

    [Fact]
    public void What_scuttle_would_not_heed_is_named() => Assert.Equal(
        [
            "START_WITHOUT_ENVOY \"1\"", "WAIT_FOR_ENVOY_TIMEOUT \"5\"", "NEVER_KILL_ISTIO \"TRUE\"", "GENERIC_QUIT_ENDPOINTS \"notaurl^^\"",
            "QUIT_REQUEST_TIMEOUT \"s\"",
        ],
        Parse(
            Admin + " START_WITHOUT_ENVOY=1 WAIT_FOR_ENVOY_TIMEOUT=5 NEVER_KILL_ISTIO=TRUE GENERIC_QUIT_ENDPOINTS=notaurl^^ QUIT_REQUEST_TIMEOUT=s", "", "cmd")
            .Scuttle!.Skipped);

    [Fact]
    public void An_Envoy_that_could_never_be_reached_is_an_error() =>
        Assert.Equal("ENVOY_ADMIN_API \"127.0.0.1:15000\" is not a URL", Parse("ENVOY_ADMIN_API=127.0.0.1:15000", "", "cmd").Error!.Message);

    private static string? Read(string variables, string startedAs = "", string arguments = "cmd") =>
        Parse(variables, startedAs, arguments).Scuttle is { } scuttle
            ? scuttle.Equivalent["proa ".Length..^"-- COMMAND".Length].TrimEnd()
            : null;

    private static ParseResult Parse(string variables, string startedAs, string arguments)
    {
        var values = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(v => v[..v.IndexOf('=')], v => v[(v.IndexOf('=') + 1)..]);
        return Parser.Parse(arguments.Split(' '), values.GetValueOrDefault, startedAs);
    }
}
