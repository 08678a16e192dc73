using Proa.EndToEnd.Faults;
using Proa.EndToEnd.Init;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Running;

/// <summary><c>--until</c>, with proa in front of a sidecar's command.</summary>
public sealed class Until : IAsyncLifetime
{
    private const string Ended = """{"terminated": {"exitCode": 0, "reason": "Completed"}}""";

    private PodOnPaper _pod = null!;

    public async ValueTask InitializeAsync() => _pod = await PodOnPaper.StartAsync();

    public ValueTask DisposeAsync() => _pod.DisposeAsync();

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task The_command_is_started_at_once_and_ended_with_main_and_its_exit_code_cannot_fail_the_Job(How how)
    {
        await using var sidecar = Start(how, [], "sh", "-c", "trap 'exit 9' TERM; echo runs; while :; do sleep 0.01; done");
        Assert.Equal("runs", await sidecar.NextLineAsync());
        await _pod.Api.WaitForWatchersAsync(1, TestContext.Current.CancellationToken);
        _pod.Says(0, Ended);
        await sidecar.ComplainsAsync("main exited with 0, so this sidecar is no longer needed (--until): SIGTERM to it now, SIGKILL in 10m");
        Assert.Equal(0, await sidecar.ExitCodeAsync());
        Assert.False(_pod.IsAsked);
    }

    [Fact]
    public async Task A_main_that_had_ended_before_ends_it_too()
    {
        _pod.Says(0, Ended);
        await using var sidecar = Start(How.Process, [], Init.Init.Puppet("signals", $"{Signal.TERM}"));
        await sidecar.ReadyAsync();
        Assert.Equal($"signal {Signal.TERM}", await sidecar.NextLineAsync());
        Assert.Equal(0, await sidecar.ExitCodeAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task A_command_that_ignores_TERM_is_killed_after_the_grace_period(How how)
    {
        _pod.Change(pod => pod["spec"]!["terminationGracePeriodSeconds"] = 1);
        await using var sidecar = Start(how, [], Init.Init.Puppet("signals", $"{Signal.Last}"));
        await sidecar.ReadyAsync();
        _pod.Says(0, Ended);
        Assert.Equal(0, await sidecar.ExitCodeAsync());
        Assert.Equal([$"signal {Signal.TERM}"], await sidecar.RestOfLinesAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task A_command_that_ends_before_keeps_its_exit_code(How how)
    {
        await using var sidecar = Start(how, [], "sh", "-c", "exit 9");
        Assert.Equal(9, await sidecar.ExitCodeAsync());
    }

    [Theory]
    [InlineData("OnFailure", 1)]
    [InlineData("Always", 0)]
    public async Task A_main_that_is_started_again_does_not_end_it(string policy, int exitCode)
    {
        _pod.Change(pod => pod["spec"]!["restartPolicy"] = policy);
        await using var sidecar = Start(How.Process, [], Init.Init.Puppet("signals", $"{Signal.TERM}"));
        await sidecar.ReadyAsync();
        await _pod.Api.WaitForWatchersAsync(1, TestContext.Current.CancellationToken);
        _pod.Says(0, $$"""{"terminated": {"exitCode": {{exitCode}} } }""");
        _pod.Says(0, """{"running": {}}""", 1);
        _pod.Change(pod => pod["spec"]!["restartPolicy"] = "Never");
        _pod.Says(0, Ended, 1);
        await sidecar.ComplainsAsync("main exited with 0, so this sidecar is no longer needed");
        Assert.Equal(0, await sidecar.ExitCodeAsync());
        Assert.Equal([$"signal {Signal.TERM}"], await sidecar.RestOfLinesAsync());
    }

    [Fact]
    public async Task It_needs_no_API_server_to_start_the_command_and_sees_mains_end_when_there_is_one()
    {
        await _pod.Api.Faults.RefuseConnectionsAsync();
        await using var sidecar = Start(How.Process, [], Init.Init.Puppet("signals", $"{Signal.TERM}"));
        await sidecar.ReadyAsync();
        await sidecar.ComplainsAsync("connection refused; retrying");
        _pod.Says(0, Ended);
        await _pod.Api.Faults.AcceptConnectionsAsync();
        Assert.Equal($"signal {Signal.TERM}", await sidecar.NextLineAsync());
        Assert.Equal(0, await sidecar.ExitCodeAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task It_gets_the_environment_of_a_file_without_waiting_for_anything(How how)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("file", "GREETING=hello");
        await using var sidecar = Start(how, ["--env-file", file], "sh", "-c", "trap 'exit 9' TERM; echo $GREETING; while :; do sleep 0.01; done");
        Assert.Equal("hello", await sidecar.NextLineAsync());
        _pod.Says(0, Ended);
        Assert.Equal(0, await sidecar.ExitCodeAsync());
    }

    [Fact]
    public async Task It_waits_where_it_is_told_to()
    {
        await using var sidecar = _pod.StartCommand(
            How.Process, [Executables.Proa, "--container=main", "--until=sidecar", "--wait-for=sidecar", "--", "echo", "runs"]);
        await _pod.WaitsAsync(sidecar);
        _pod.MakeReady();
        Assert.Equal("runs", await sidecar.NextLineAsync());
        Assert.Equal(0, await sidecar.ExitCodeAsync());
    }

    [Fact]
    public async Task A_name_that_no_container_has_is_an_error_in_the_log_and_the_command_runs_on()
    {
        await using var sidecar = Start(How.Process, [], Init.Init.Puppet("signals", $"{Signal.TERM}"), until: "mian");
        await sidecar.ReadyAsync();
        await sidecar.ComplainsAsync("--until \\\"mian\\\" names no other container of the Pod: it has main, so nothing stops this sidecar");
        await ProcFile.UntilAsync(() => ProcFile.Children(sidecar.Id).Length == 1);
        sidecar.Send(Signal.TERM);
        Assert.Equal(0, await sidecar.ExitCodeAsync());
    }

    [Fact]
    public async Task A_Job_whose_sidecar_has_no_endpoint_and_whose_main_knows_nothing_of_it_completes()
    {
        await using var life = await PodLife.StartYamlAsync("""
            apiVersion: batch/v1
            kind: Job
            metadata: {name: until}
            spec:
              backoffLimit: 0
              template:
                spec:
                  restartPolicy: Never
                  containers:
                  - name: main
                    image: main
                    command: [sh, -c, "echo main runs"]
                  - name: sidecar
                    image: sidecar
                    command: [/proa, --until=main, --, sh, -c, "echo sidecar runs; exec sleep 1000"]
            """);
        await life.OutputAsync("main", "main runs");
        await life.OutputAsync("sidecar", "sidecar runs");
        var outcome = await life.EndAsync();
        Assert.True(outcome.Succeeded);
        Assert.Equal(0, outcome.Container("sidecar").ExitCode);
    }

    private RunningProcess Start(How how, string[] options, params string[] command) => Start(how, options, command, until: "main");

    private RunningProcess Start(How how, string[] options, string[] command, string until) =>
        _pod.StartCommand(how, [Executables.Proa, "--container=sidecar", "--until", until, .. options, "--", .. command]);
}
