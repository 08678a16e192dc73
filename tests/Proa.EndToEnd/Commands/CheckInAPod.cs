using System.Text.Json.Nodes;
using Proa.EndToEnd.Lives;
using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Commands;

/// <summary><c>kubectl exec POD -- /proa --check</c> while a proa waits in the container, or main runs under it.</summary>
public sealed class CheckInAPod
{
    [Fact]
    public async Task It_says_what_the_proa_of_its_container_waits_for_and_would_do_and_changes_nothing()
    {
        await using var life = await Life.StartAsync(new Workload
        {
            ReadyAtOnce = false,
            Options = ["--shutdown-http-get=http://user:s3cret@localhost:%PORT%/shutdown"],
            Main = "mkfifo /tmp/end; echo main runs; read -r line < /tmp/end",
        });
        await life.LogAsync("running, not ready");
        var termination = await TerminationLogAsync(life);
        var waiting = await ChecksAsync(life, 124);
        Assert.StartsWith("options      process 1: --shutdown-http-get=http://***@localhost:", waiting, StringComparison.Ordinal);
        Assert.Contains(
            $"\nPod          default/{life.Simulator.PodName}, by the service account token\ncontainer    main, by the mount of the termination log\n",
            waiting,
            StringComparison.Ordinal);
        Assert.Contains("\nmain         cannot start yet: sidecar: running, not ready\n", waiting, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", waiting + await ChecksAsync(life, 124, "--log-format=json", "--log-level=trace"), StringComparison.Ordinal);

        await life.MakeSidecarReadyAsync();
        await life.OutputAsync("main", "main runs");
        var running = await ChecksAsync(life, 0);
        Assert.Contains("\non success   GET http://localhost:", running, StringComparison.Ordinal);
        Assert.Contains(", to sidecar: the only sidecar; something listens there\n", running, StringComparison.Ordinal);
        Assert.Matches("\nmain         runs, as process [0-9]+\n", running);
        Assert.Equal(termination, await TerminationLogAsync(life));
        Assert.Equal(["serving"], life.Simulator.Output.Of("sidecar"));
        Assert.All(life.Simulator.Api.Requests, request => Assert.Contains(request.Verb, (string[])["get", "watch"]));

        await life.Simulator.ExecAsync("main", ["sh", "-c", "echo > /tmp/end"], TestContext.Current.CancellationToken);
        Assert.True((await life.EndAsync()).Succeeded);
        Assert.Equal(["serving", "GET /shutdown"], life.Simulator.Output.Of("sidecar"));
    }

    [Fact]
    public async Task Options_that_are_given_count_in_place_of_the_running_ones()
    {
        await using var life = await Life.StartAsync(new Workload { ReadyAtOnce = false });
        await life.LogAsync("running, not ready");
        var report = JsonNode.Parse(await ChecksAsync(life, 0, "--log-format=json", "--ignore=sidecar"))!;
        Assert.Equal("the command line", report["optionsFrom"]!.ToString());
        Assert.Equal("waits", report["main"]!["state"]!.ToString());
        Assert.Equal("--ignore", report["sidecars"]![0]!["waitedFor"]!["why"]!.ToString());
        Assert.Empty(report["exits"]![0]!["requests"]!.AsArray());
    }

    [Fact]
    public async Task Variables_that_give_options_are_named()
    {
        await using var life = await Life.StartAsync(
            new Workload { ReadyAtOnce = false },
            options => options with
            {
                EnvironmentOverrides = new Dictionary<string, string> { ["main:PROA_IGNORE"] = "sidecar", ["main:PROA_READY_TIMEOUT"] = "5m" },
                Admit = pod => pod["spec"]!["containers"]![0]!["args"] = new JsonArray("--", "sleep", "1000"),
            });
        await life.LogAsync("main started");
        var report = JsonNode.Parse(await ChecksAsync(life, 0, "--log-format=json"))!;
        Assert.Equal("process 1: --, and PROA_IGNORE=sidecar, and PROA_READY_TIMEOUT=5m", report["optionsFrom"]!.ToString());
        Assert.Equal("--ignore", report["sidecars"]![0]!["waitedFor"]!["why"]!.ToString());
    }

    [Fact]
    public async Task A_main_that_has_ended_is_told_while_proa_waits_for_the_sidecars()
    {
        await using var life = await Life.StartAsync(new Workload { Options = ["--shutdown-http-get=http://localhost:%PORT%/", "--shutdown-timeout=1h"] });
        await life.LogAsync("asked a sidecar to stop");
        Assert.Contains("\nmain         has ended; proa is stopping the sidecars\n", await ChecksAsync(life, 0), StringComparison.Ordinal);
        Assert.Equal("has ended", JsonNode.Parse(await ChecksAsync(life, 0, "--log-format=json"))!["main"]!["state"]!.ToString());
    }

    [Fact]
    public async Task A_main_that_could_not_be_started_is_told_while_proa_still_waits()
    {
        await using var life = await Life.StartAsync(
            new Workload { ReadyAtOnce = false },
            options => options with { Admit = pod => pod["spec"]!["containers"]![0]!["args"] = new JsonArray("--", "no-such-program") });
        await life.LogAsync("running, not ready");
        Assert.Contains(
            "\nmain         will not start: cannot start \"no-such-program\": not found in PATH (",
            await ChecksAsync(life, 125),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_native_sidecar_is_told_as_such()
    {
        await using var life = await Life.StartAsync(new Workload { IsNative = true, ReadyAtOnce = false });
        await life.LogAsync("running, not ready");
        var sidecar = JsonNode.Parse(await ChecksAsync(life, 124, "--log-format=json"))!["sidecars"]![0]!;
        Assert.Equal(("native", true, false), (sidecar["kind"]!.ToString(), (bool)sidecar["waitedFor"]!["yes"]!, (bool)sidecar["asked"]!["yes"]!));
    }

    [Fact]
    public async Task While_proa_is_refused_it_tells_the_Role_that_is_missing()
    {
        await using var life = await Life.StartAsync(new Workload(), options => options with { AllowPodAccess = false });
        await life.LogAsync("403");
        var termination = await TerminationLogAsync(life);
        var report = await ChecksAsync(life, 125);
        Assert.Contains(
            "\nhint         use --no-api, or let service account default get and watch pods in namespace default, with kubectl apply -f - and:\n",
            report,
            StringComparison.Ordinal);
        Assert.Contains("\n    kind: RoleBinding\n", report, StringComparison.Ordinal);
        Assert.Equal(termination, await TerminationLogAsync(life));
    }

    [Fact]
    public async Task A_mistake_is_not_written_down_as_how_the_container_ended()
    {
        await using var life = await Life.StartAsync(new Workload { ReadyAtOnce = false });
        await life.LogAsync("running, not ready");
        var termination = await TerminationLogAsync(life);
        foreach (
            var mistake in (string[][])[
                ["--check", "--ready-timeout=soon"], ["--install=/nowhere/proa", "true"], ["--install=/nowhere/proa"],
                ["--check", "--nonsense"],
            ])
            Assert.Equal(125, (await life.Simulator.ExecAsync("main", ["/proa", .. mistake], TestContext.Current.CancellationToken)).ExitCode);
        Assert.Equal(termination, await TerminationLogAsync(life));
    }

    [Fact]
    public async Task The_processes_that_would_be_signalled_are_told_and_none_is_signalled()
    {
        await using var life = await new SharedPod
        {
            Options = ["--kill=puppet", "--kill=container/other", "--kill=nobody", "--kill-signal=USR1"],
            Companions = [Companion.Puppet("sidecar", Signal.USR1), Companion.Shell("other", "cp /puppet /tmp/agent; exec /tmp/agent signals 10")],
        }.StartAsync();
        var sidecar = await life.ReadyAsync("sidecar");
        var other = await life.ReadyAsync("other");
        await life.MainRunsAsync();
        var report = JsonNode.Parse(await life.ExecAsync("main", "/proa", "--check", "--log-format=json"))!;
        Assert.Matches("^process [0-9]+: --kill=puppet --kill=container/other --kill=nobody --kill-signal=USR1 --$", report["optionsFrom"]!.ToString());
        Assert.Equal(
            [
                $"SIGUSR1 to agent (process {other}) of other",
                "SIGUSR1 to nobody, but no such process runs now",
                $"SIGUSR1 to puppet (process {sidecar}) of sidecar",
            ],
            report["exits"]![0]!["requests"]!.AsArray().Select(request => request!.ToString()).Order());

        // From another container's own point of view there is no proa, and nobody ends main.
        var visitor = JsonNode.Parse(await life.ExecAsync("sidecar", "sh", "-c", "/proa --check --log-format=json || [ $? = 1 ]"))!;
        Assert.Equal(("the command line", "sidecar"), (visitor["optionsFrom"]!.ToString(), visitor["container"]!["name"]!.ToString()));

        await life.EndMainAsync();
        await life.LogAsync("sidecars ended: sidecar 0, other 0");
        foreach (var companion in (string[])["sidecar", "other"]) Assert.Equal([$"signal {Signal.USR1}"], life.Said(companion).Skip(1));
    }

    [Fact]
    public async Task Where_nobody_would_be_signalled_it_says_why()
    {
        await using var life = await Life.StartAsync(new Workload { ReadyAtOnce = false, Options = ["--kill-all"] });
        await life.LogAsync("running, not ready");
        Assert.Contains(
            "\nwarning      --kill would signal no process: the Pod's containers do not see each other's processes: set shareProcessNamespace: true in "
                + "the Pod's spec\n",
            await ChecksAsync(life, 124),
            StringComparison.Ordinal);
    }

    /// <summary>Runs the check in main's container: the report is on stdout, and stderr is empty.</summary>
    /// <returns>The report.</returns>
    private static async Task<string> ChecksAsync(Life life, int exitCode, params string[] options)
    {
        var result = await life.Simulator.ExecAsync("main", ["/proa", "--check", .. options], TestContext.Current.CancellationToken);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Errors));
        return result.Output;
    }

    /// <summary>The termination message, and when it was changed.</summary>
    private static async Task<string> TerminationLogAsync(Life life)
    {
        var result = await life.Simulator.ExecAsync(
            "main",
            ["sh", "-c", "stat -c '%y %z' /dev/termination-log; cat /dev/termination-log"],
            TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        return result.Output;
    }
}
