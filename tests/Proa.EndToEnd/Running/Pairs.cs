using Proa.EndToEnd.Conditions;
using Proa.EndToEnd.Init;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Running;

/// <summary>Two of the options together, each of which has tests of its own.</summary>
public sealed class Pairs : IAsyncLifetime
{
    private const string Ended = """{"terminated": {"exitCode": 3, "reason": "Error"}}""";

    private readonly TemporaryDirectory _directory = new();
    private PodOnPaper _pod = null!;

    public async ValueTask InitializeAsync() => _pod = await PodOnPaper.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _pod.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task A_sidecar_that_is_not_needed_any_more_gets_the_signal_that_TERM_is_mapped_to(How how)
    {
        await using var sidecar = _pod.StartCommand(
            how,
            [Executables.Proa, "--container=sidecar", "--until=main", "--map-signal=TERM=USR1", "--", .. Init.Init.Puppet("signals", $"{Signal.USR1}")]);
        await sidecar.ReadyAsync();
        _pod.Says(0, Ended);
        Assert.Equal($"signal {Signal.USR1}", await sidecar.NextLineAsync());
        Assert.Equal(0, await sidecar.ExitCodeAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task A_sidecar_that_ends_before_main_does_so_with_0_where_its_exit_code_counts_as_success(How how)
    {
        await using var sidecar = _pod.StartCommand(
            how, [Executables.Proa, "--container=sidecar", "--until=main", "--exit-zero=9", "--", "sh", "-c", "exit 9"]);
        Assert.Equal(0, await sidecar.ExitCodeAsync());
    }

    [Fact]
    public async Task A_container_for_whose_end_a_sidecar_waits_and_without_which_it_cannot_do_ends_it_with_0()
    {
        await using var sidecar = _pod.StartCommand(
            How.Process,
            [Executables.Proa, "--container=sidecar", "--until=main", "--stop-on=main", "--", .. Init.Init.Puppet("signals", $"{Signal.TERM}")]);
        await sidecar.ReadyAsync();
        _pod.Says(0, Ended);
        Assert.Equal($"signal {Signal.TERM}", await sidecar.NextLineAsync());
        Assert.Equal(0, await sidecar.ExitCodeAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Main_has_the_files_variables_and_ends_with_its_sidecar(How how)
    {
        var file = _directory.Write("file", "GREETING=hello");
        await using var main = _pod.StartCommand(
            how,
            [
                .. _pod.Proa()[..^1], "--env-file", file, "--stop-on=sidecar", "--exit-zero=123", "--",
                "sh", "-c", "trap 'exit 9' TERM; echo $GREETING; while :; do sleep 0.01; done",
            ]);
        await _pod.WaitsAsync(main);
        _pod.MakeReady();
        Assert.Equal("hello", await main.NextLineAsync());
        _pod.Says(1, Ended);
        Assert.Equal(123, await main.ExitCodeAsync());
    }

    [Fact]
    public async Task In_scuttles_place_options_of_ours_for_something_else_count_too()
    {
        using var envoy = new Place { Body = """{"state": "LIVE"}""" };
        using var istio = new Place();
        var variables = new Dictionary<string, string?>(RunningProcess.TextLog)
        {
            ["ENVOY_ADMIN_API"] = $"http://127.0.0.1:{envoy.Port}",
            ["ISTIO_QUIT_API"] = $"http://127.0.0.1:{istio.Port}",
            ["NEVER_KILL_ISTIO_ON_FAILURE"] = "true",
        };
        await using var proa = RunningProcess.Start(
            [
                Executables.Proa, "--env-file", _directory.Write("file", "GREETING=hello"), "--exit-zero=7", "--map-signal=TERM=0", "--",
                "sh", "-c", "kill -TERM $PPID; echo $GREETING; exit 7",
            ],
            variables);
        var (exitCode, output, errors) = await proa.ResultAsync();
        Assert.Equal((0, "hello\n"), (exitCode, output));
        Assert.Contains("scuttle's variables mean: proa ", errors, StringComparison.Ordinal);
        // For proa main has succeeded.
        Assert.StartsWith("POST /quitquitquit ", Assert.Single(istio.Heads), StringComparison.Ordinal);
    }
}
