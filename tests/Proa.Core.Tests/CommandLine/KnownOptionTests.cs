using Proa.CommandLine;
using static Proa.Tests.CommandLine.Parsing;

namespace Proa.Tests.CommandLine;

/// <summary><c>--known</c>, and what another tool tells main of its sidecars.</summary>
public sealed class KnownOptionTests
{
    private const string Operators = "CSQL_PROXY_QUIT_URLS";

    [Theory]
    [InlineData("--no-api --known linkerd main", "linkerd", "POST http://localhost:4191/shutdown")]
    [InlineData("--no-api --known=Istio --known linkerd main", "istio linkerd", "POST http://localhost:15020/quitquitquit POST http://localhost:4191/shutdown")]
    [InlineData("--no-api --known linkerd --known linkerd --known auto main", "linkerd", "POST http://localhost:4191/shutdown")]
    [InlineData("--no-wait --known linkerd main", "", "POST http://localhost:4191/shutdown")]
    [InlineData("--no-api --known consul main", "", "POST http://localhost:20600/graceful_shutdown")]
    [InlineData("--no-api --known kuma main", "kuma", "")]
    [InlineData("--no-api --known cloud-sql --known alloydb main", "cloud-sql alloydb", "POST http://localhost:9091/quitquitquit")]
    [InlineData("--no-api --known linkerd -g http://localhost:4191/shutdown main", "linkerd", "GET http://localhost:4191/shutdown")]
    [InlineData("--no-api --known linkerd --wait-only", "linkerd", "POST http://localhost:4191/shutdown")]
    public void A_kind_is_waited_for_and_asked_at_its_usual_ports(string line, string waits, string asks)
    {
        var (_, options, _, error) = Parse(line);
        Assert.Null(error);
        Assert.Equal(waits, string.Join(' ', options.WaitKinds));
        Assert.Equal(asks, string.Join(' ', options.ShutdownRequests.Select(r => r.Describe())));
        Assert.Equal(waits.Length > 0, options.Waits);
    }

    [Fact]
    public void A_variable_gives_several_kinds() =>
        Assert.Equal(["istio", "dapr"], Parse("--no-api main", ("PROA_KNOWN", "istio dapr")).Options.WaitKinds);

    [Fact]
    public void Off_on_the_command_line_overrides_the_variable()
    {
        var options = Parse("--known off main", ("PROA_KNOWN", "istio")).Options;
        Assert.False(options.UsesKnown);
        Assert.Empty(options.ShutdownRequests);
    }

    [Theory]
    [InlineData("--no-api --known linkered main",
        "--known \"linkered\" is not a kind of sidecar that proa knows", "did you mean linkerd? proa --list-known prints the kinds")]
    [InlineData("--no-api --known mesh-of-all-meshes main", "--known \"mesh-of-all-meshes\" is not a kind of sidecar that proa knows",
        "proa --list-known prints the kinds")]
    [InlineData("--known of main", "--known \"of\" is not a kind of sidecar that proa knows", "did you mean off? proa --list-known prints the kinds")]
    [InlineData("--no-api --known off --known istio main", "--known off contradicts --known istio", "remove one of them")]
    [InlineData("--known istio main", "--known istio needs --no-api or --no-wait",
        "leave it out: proa recognises istio by the Pod's spec; or write --no-api --known istio")]
    [InlineData("--no-api --known consul --wait-only", "--wait-only has nothing to wait for",
        "name it with --wait-http, --wait-tcp, --wait-file or --known KIND")]
    [InlineData("--no-api --known linkerd --known gcsfuse main",
        "--known gcsfuse has no effect with --no-api: it ends by itself, after main", "leave it out")]
    [InlineData("--no-wait --known kuma main", "--known kuma has no effect with --no-wait: it ends by itself, after main", "leave it out")]
    [InlineData("--no-api --known git-sync main", "--known git-sync has no effect with --no-api: nothing stops it, because SIGTERM makes it exit with 143",
        "make it a native sidecar: an init container with restartPolicy Always")]
    [InlineData("--no-api --known pgbouncer main", "--known pgbouncer has no effect with --no-api: only SIGINT stops it",
        "signal it with --kill NAME --kill-signal INT, in a shared PID namespace, and wait for it with --wait-tcp or --wait-http; --known acts on "
            + "istio, linkerd, cloud-sql, alloydb, vault-agent, dapr, consul, kuma, statsd-exporter, envoy")]
    public void A_mistake_is_named(string line, string message, string hint) => Assert.Equal(new UsageError(message, hint), Parse(line).Error);

    [Theory]
    [InlineData("main")]
    [InlineData("--no-api main")]
    [InlineData("--no-wait main")]
    public void The_URLs_that_the_Cloud_SQL_operator_gives_main_are_asked(string line) => Assert.Equal(
        ["POST http://localhost:9091/quitquitquit", "POST http://localhost:9092/quitquitquit"],
        Parse(line, (Operators, "http://localhost:9091/quitquitquit http://localhost:9092/quitquitquit ")).Options.ShutdownRequests.Select(r => r.Describe()));

    [Fact]
    public void The_users_own_request_to_such_a_URL_wins() => Assert.Equal(
        ["GET http://localhost:9091/quitquitquit"],
        Parse("-g http://localhost:9091/quitquitquit main", (Operators, "http://localhost:9091/quitquitquit"))
            .Options.ShutdownRequests.Select(r => r.Describe()));

    [Fact]
    public void Known_off_leaves_them_unread()
    {
        var (_, options, _, error) = Parse("--known off main", (Operators, "nonsense"));
        Assert.Null(error);
        Assert.Empty(options.ShutdownRequests);
    }

    [Theory]
    [InlineData("localhost:9091", "\"localhost:9091\" is not a URL")]
    [InlineData("ftp://localhost/", "\"ftp://localhost/\" is not http or https")]
    [InlineData("http://localhost:0/", "\"http://localhost:0/\" has port 0")]
    public void A_bad_one_is_named_and_skipped(string value, string message)
    {
        var result = Parse("main", (Operators, value + " http://localhost:9092/quitquitquit"));
        Assert.Null(result.Error);
        Assert.Equal(message, result.Skipped?.Message);
        Assert.Equal(["POST http://localhost:9092/quitquitquit"], result.Options.ShutdownRequests.Select(r => r.Describe()));
    }
}
