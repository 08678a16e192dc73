using System.Text.Json.Nodes;

namespace Proa.EndToEnd.Lives;

public sealed class AfterMain
{
    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 1", 1)]
    [InlineData("exit 7", 7)]
    [InlineData("exit 255", 255)]
    [InlineData("kill -TERM $$$$", 143)]
    [InlineData("kill -KILL $$$$", 137)]
    public async Task Mains_exit_code_comes_through_and_the_sidecar_is_ended(string main, int exitCode)
    {
        await using var life = await Life.StartAsync(new Workload { Main = main });
        await life.LogAsync("sidecars ended: sidecar 0");
        await life.Simulator.WaitForPodAsync(pod => ExitCodeOf(pod, "main") is not null, TestContext.Current.CancellationToken);
        Assert.Equal(exitCode, ExitCodeOf(life.Simulator.Pod!, "main"));
        Assert.Equal(["serving", "GET /shutdown"], life.Simulator.Output.Of("sidecar").Take(2));
    }

    [Theory]
    [InlineData("http://localhost:%PORT%/fail", "it answered 500")]
    [InlineData("http://localhost:%PORT%/missing", "it answered 404")]
    [InlineData("http://localhost:%PORT%/hang", "it did not answer")]
    [InlineData("http://localhost:1/refused", "nothing listens at http://localhost:1/refused")]
    public async Task A_hook_that_fails_hangs_or_is_refused_changes_no_exit_code(string url, string said)
    {
        await using var life = await Life.StartAsync(new Workload
        {
            Main = "exit 7",
            Options = ["--shutdown-http-get", url, "--shutdown-timeout=1s"],
        });
        await life.LogAsync(said);
        await life.LogAsync("still running after 1s: sidecar");
        await life.Simulator.WaitForPodAsync(pod => ExitCodeOf(pod, "main") == 7, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_sidecar_that_does_not_stop_delays_the_end_no_longer_than_the_grace_period()
    {
        await using var life = await Life.StartAsync(
            new Workload { GracePeriodSeconds = 1, Options = ["--shutdown-http-get=http://localhost:%PORT%/ignored"] });
        await life.LogAsync("still running after 1s: sidecar");
        await life.Simulator.WaitForPodAsync(pod => ExitCodeOf(pod, "main") == 0, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_retry_under_OnFailure_finds_its_sidecars_alive()
    {
        await using var life = await Life.StartAsync(new Workload
        {
            RestartPolicy = "OnFailure",
            // The sidecar outlives main's first life, and so tells its second from it.
            Main = "test $(python3 -c 'import urllib.request; print(urllib.request.urlopen(\"http://127.0.0.1:%PORT%/life\").read().decode())') -gt 1",
        });
        await life.LogAsync("the sidecars keep running: the kubelet will restart main (restartPolicy OnFailure)");
        var outcome = await life.EndAsync();
        Assert.True(outcome.Succeeded);
        Assert.Equal(1, outcome.Container("main").RestartCount);
        Assert.Equal(0, outcome.Container("sidecar").RestartCount);
        Assert.Single(life.Simulator.Output.Of("sidecar"), line => line == "GET /shutdown");
    }

    [Fact]
    public async Task A_sidecar_that_ends_badly_is_reported_with_what_it_means_for_the_Pod()
    {
        await using var life = await Life.StartAsync(new Workload { SidecarExitCode = 143 });
        await life.LogAsync("sidecars ended: sidecar 143 (Error)");
        await life.LogAsync("the Pod will end as Failed because of the exit code of sidecar");
    }

    [Theory]
    [InlineData("success", "exit 3", false)]
    [InlineData("success", "exit 0", true)]
    [InlineData("always", "exit 3", true)]
    [InlineData("never", "exit 0", false)]
    public async Task Shutdown_when_decides_whether_the_sidecar_is_asked(string when, string main, bool asked)
    {
        await using var life = await Life.StartAsync(
            new Workload { Main = main, Options = ["-g", "http://localhost:%PORT%/shutdown", "--shutdown-when", when] });
        await life.LogAsync(asked ? "sidecars ended: sidecar 0" : "the sidecars keep running: --shutdown-when " + when);
        Assert.Equal(asked, life.Simulator.Output.Of("sidecar").Contains("GET /shutdown"));
    }

    [Fact]
    public async Task Without_hooks_proa_does_not_wait_for_sidecars_that_wait_for_it()
    {
        await using var life = await Life.StartAsync(new Workload { Options = [], Main = "exit 0" });
        await life.Simulator.WaitForPodAsync(pod => ExitCodeOf(pod, "main") == 0, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(life.Messages, message => message.Contains("sidecars ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_deleted_Pods_main_gets_SIGTERM_and_the_sidecars_are_not_awaited()
    {
        await using var life = await Life.StartAsync(new Workload
        {
            Main = "trap 'echo terminated; exit 9' TERM; echo main runs; while :; do sleep 0.05; done",
            Options = ["--shutdown-http-get=http://localhost:%PORT%/ignored"],
        });
        await life.OutputAsync("main", "main runs");
        await life.Simulator.DeletePodAsync(); // ends when the Pod is gone, which the grace period of 30 s would delay
        await life.OutputAsync("main", "terminated");
        await life.LogAsync("main exited with 9");
        Assert.DoesNotContain(life.Messages, message => message.StartsWith("still running", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_deleted_Pods_main_keeps_its_exit_code_though_a_request_fails_until_the_grace_period_ends()
    {
        await using var life = await Life.StartAsync(new Workload
        {
            GracePeriodSeconds = 4,
            Main = "trap 'exit 9' TERM; echo main runs; while :; do sleep 0.05; done",
            Options = ["--shutdown-http-get=http://localhost:%PORT%/fail", "--ignore=sidecar"],
            SidecarIgnoresTerm = true,
        });
        await life.OutputAsync("main", "main runs");
        await life.Simulator.DeletePodAsync();
        Assert.Contains(life.Simulator.Output.Of("kubelet"), line => line == "main: exit code 9 (Error)");
    }

    [Fact]
    public async Task A_Pod_whose_command_line_has_a_mistake_completes()
    {
        await using var life = await Life.StartAsync(
            new Workload { Options = ["--redy-timeout", "5m", "--shutdown-http-get=http://localhost:%PORT%/shutdown"] });
        await life.LogAsync("unknown option --redy-timeout");
        await life.LogAsync("sidecars ended: sidecar 0");
        await life.Simulator.WaitForPodAsync(pod => pod["status"]?["phase"]?.ToString() == "Failed", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("main runs", life.Simulator.Output.Of("main"));
    }

    internal static int? ExitCodeOf(JsonObject pod, string container)
    {
        var status = pod["status"]?["containerStatuses"]?.AsArray().FirstOrDefault(s => s!["name"]!.ToString() == container);
        return (int?)(status?["state"]?["terminated"] ?? status?["lastState"]?["terminated"])?["exitCode"];
    }
}
