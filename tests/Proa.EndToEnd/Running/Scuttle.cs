using Proa.EndToEnd.Conditions;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Running;

/// <summary>proa in scuttle's place: its variables, and its name.</summary>
public sealed class Scuttle : IDisposable
{
    private readonly Place _envoy = new() { Body = """{"state": "PRE_INITIALIZING"}""" };
    private readonly Place _istio = new();
    private readonly TemporaryDirectory _directory = new();

    private Dictionary<string, string?> Variables => new(RunningProcess.TextLog)
    {
        ["ENVOY_ADMIN_API"] = $"http://127.0.0.1:{_envoy.Port}", ["ISTIO_QUIT_API"] = $"http://127.0.0.1:{_istio.Port}",
    };

    public void Dispose()
    {
        _envoy.Dispose();
        _istio.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Main_starts_when_Envoy_is_live_and_Istio_is_asked_to_stop_when_it_has_exited(bool isScuttle)
    {
        File.CreateSymbolicLink(_directory["scuttle"], Executables.Proa);
        string[] proaOrScuttle = isScuttle ? [_directory["scuttle"]] : [Executables.Proa, "--"];
        await using var proa = RunningProcess.Start([.. proaOrScuttle, "sh", "-c", "echo main runs; exit 3"], Variables);
        await proa.ComplainsAsync(
            $"proa: scuttle's variables mean: proa --no-api --wait-http=http://127.0.0.1:{_envoy.Port}/server_info "
                + $"--shutdown-http-post=http://127.0.0.1:{_istio.Port}/quitquitquit --shutdown-timeout=5s -- COMMAND\n");
        await proa.ComplainsAsync("says that Envoy is PRE_INITIALIZING\n");
        Assert.Equal("", proa.Output);
        _envoy.Body = """{"version": "1.30", "state": "LIVE"}""";
        await proa.ComplainsAsync("main started");
        var (exitCode, output, errors) = await proa.ResultAsync();
        Assert.Equal((3, "main runs\n"), (exitCode, output));
        Assert.Single(errors.Split('\n'), line => line.Contains("scuttle", StringComparison.Ordinal));
        Assert.StartsWith("POST /quitquitquit ", Assert.Single(_istio.Heads), StringComparison.Ordinal);
        Assert.All(_envoy.Heads, head => Assert.StartsWith("GET /server_info ", head, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Started_as_scuttle_without_a_variable_it_runs_main_and_nothing_else()
    {
        File.CreateSymbolicLink(_directory["scuttle"], Executables.Proa);
        await using var proa = RunningProcess.Start([_directory["scuttle"], "echo", "main runs"], RunningProcess.TextLog);
        Assert.Equal((0, "main runs\n", "proa: scuttle's variables mean: proa --no-api -- COMMAND\n"), await proa.ResultAsync());
    }

    [Theory]
    [InlineData("START_WITHOUT_ENVOY", "true", 0, 1)]
    [InlineData("WAIT_FOR_ENVOY_TIMEOUT", "100ms", 0, 1)]
    [InlineData("QUIT_WITHOUT_ENVOY_TIMEOUT", "100ms", 124, 1)]
    public async Task Without_Envoy_main_is_started_at_once_or_after_a_time_or_not(string variable, string value, int exitCode, int asked)
    {
        await using var proa = RunningProcess.Start([Executables.Proa, "echo", "main runs"], new Dictionary<string, string?>(Variables) { [variable] = value });
        var (actual, output, _) = await proa.ResultAsync();
        Assert.Equal((exitCode, exitCode == 0 ? "main runs\n" : ""), (actual, output));
        Assert.Equal(asked, _istio.Heads.Count);
    }

    [Theory]
    [InlineData("NEVER_KILL_ISTIO", "exit 0", 0)]
    [InlineData("NEVER_KILL_ISTIO_ON_FAILURE", "exit 1", 0)]
    [InlineData("NEVER_KILL_ISTIO_ON_FAILURE", "exit 0", 2)]
    [InlineData("GENERIC_QUIT_ONLY", "exit 1", 1)]
    public async Task Istio_is_left_alone_where_scuttle_leaves_it_alone(string variable, string main, int asked)
    {
        _envoy.Body = """{"state": "LIVE"}""";
        await using var proa = RunningProcess.Start(
            [Executables.Proa, "sh", "-c", main],
            new Dictionary<string, string?>(Variables) { [variable] = "true", ["GENERIC_QUIT_ENDPOINTS"] = $" {_istio.Url("127.0.0.1")} ,notaurl^^" });
        await proa.ExitCodeAsync();
        Assert.Equal(asked, _istio.Heads.Count);
        if (variable != "NEVER_KILL_ISTIO") Assert.Contains("proa: hint: skipped: GENERIC_QUIT_ENDPOINTS \"notaurl^^\"", proa.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_logging_only_errors_are_logged()
    {
        _envoy.Body = """{"state": "LIVE"}""";
        await using var proa = RunningProcess.Start([Executables.Proa, "true"], new Dictionary<string, string?>(Variables) { ["SCUTTLE_LOGGING"] = "false" });
        Assert.Equal((0, "", ""), await proa.ResultAsync());
        Assert.Single(_istio.Heads);
    }

    [Fact]
    public async Task An_option_of_our_own_for_the_same_wins()
    {
        await using var proa = RunningProcess.Start([Executables.Proa, "--no-wait", "--shutdown-when=never", "--", "echo", "main runs"], Variables);
        Assert.Equal("main runs\n", await proa.SucceedsAsync());
        Assert.Empty(_envoy.Heads);
        Assert.Empty(_istio.Heads);
    }
}
