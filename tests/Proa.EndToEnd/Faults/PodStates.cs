using Proa.EndToEnd.Lives;

namespace Proa.EndToEnd.Faults;

public sealed class PodStates
{
    [Fact]
    public async Task A_sidecar_that_crashes_time_and_again_is_logged_with_the_kubelets_reason_once_for_each_change()
    {
        await using var life = await PodLife.StartAsync(
            new() { RestartPolicy = "OnFailure", Sidecars = [new() { Script = PodLife.FailingFirst(3, exitCode: 3) }] });
        await life.LetSidecarFailAsync();
        await life.LogAsync("sidecar: CrashLoopBackOff, restarted once, last exit code 3 (Error)");
        await life.LogAsync("sidecar: CrashLoopBackOff, restarted 2 times, last exit code 3 (Error)");
        await life.OutputAsync("main", "main runs");
        var changes = life.Messages.Where(message => message.StartsWith("sidecar: ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(changes.Length, 1 + changes.Zip(changes.Skip(1)).Count(pair => pair.First != pair.Second));
        var backOffs = changes.Where(message => message.Contains("CrashLoopBackOff", StringComparison.Ordinal)).ToArray();
        Assert.Equal(backOffs.Distinct(), backOffs);
    }

    [Fact]
    public async Task An_image_that_is_missing_is_named_as_the_reason()
    {
        await using var life = await PodLife.StartAsync(new() { Options = ["--ready-timeout=5s"], Sidecars = [new() { Image = "missing", Script = "" }] });
        await life.LogAsync("ImagePull");
        var message = await life.EndOfAsync("main", 124);
        Assert.StartsWith("proa: the sidecars were not ready within 5s: sidecar: ", message, StringComparison.Ordinal);
        Assert.Contains("ImagePull", message, StringComparison.Ordinal);
        Assert.EndsWith("the image of sidecar cannot be pulled: is its name right, and is there an imagePullSecret?", message, StringComparison.Ordinal);
        Assert.DoesNotContain("main runs", life.Simulator.Output.Of("main"));
    }

    [Fact]
    public async Task A_sidecar_that_is_killed_for_its_memory_is_waited_for_again()
    {
        await using var life = await PodLife.StartYamlAsync(new Workload { RestartPolicy = "OnFailure", ReadyAtOnce = false }.Yaml);
        await life.LogAsync("running, not ready");
        life.Simulator.KillAsOutOfMemory("sidecar");
        await life.LogAsync("137 (OOMKilled)");
        await life.LogAsync("sidecar: running, not ready, restarted once, last exit code 137 (OOMKilled)");
        await life.MakeSidecarReadyAsync();
        var outcome = await life.EndAsync();
        Assert.True(outcome.Succeeded);
        Assert.Contains("main runs", life.Simulator.Output.Of("main"));
        Assert.Equal(1, outcome.Container("sidecar").RestartCount);
    }

    [Fact]
    public async Task A_sidecar_that_fails_for_good_ends_the_wait_and_the_other_sidecars()
    {
        var other = new Workload();
        var failing = new SidecarSketch
        {
            Name = "failing",
            Script = Workload.WaitUntilTheSidecarServes.Replace("%PORT%", $"{other.Port}", StringComparison.Ordinal) + "; exit 3",
        };
        // The lines of one container go behind those of the others.
        var lines = new PodSketch { Sidecars = [failing] }.Yaml.Split('\n');
        var yaml = other.Yaml.Replace("backoffLimit: 4", "backoffLimit: 0", StringComparison.Ordinal)
            .Replace("      containers:", "      volumes: [{name: state, emptyDir: {}}]\n      containers:", StringComparison.Ordinal)
            + "\n" + string.Join('\n', lines.SkipWhile(line => line != "      - name: failing"));
        await using var life = await PodLife.StartYamlAsync(yaml);
        var outcome = await life.EndAsync();
        const string Why = "cannot start main: sidecar failing exited with 3 (Error) and will not be started again (restartPolicy Never)";
        Assert.Equal(125, outcome.Container("main").ExitCode);
        Assert.StartsWith("proa: " + Why, outcome.Container("main").Message, StringComparison.Ordinal);
        Assert.Contains(Why, life.Messages);
        Assert.Contains("GET /shutdown", life.Simulator.Output.Of("sidecar"));
        Assert.Equal(0, outcome.Container("sidecar").ExitCode);
        Assert.DoesNotContain("main runs", life.Simulator.Output.Of("main"));
    }

    [Fact]
    public async Task On_its_second_life_main_is_not_started_where_the_sidecar_has_completed()
    {
        const string EndTheSidecar = "python3 -c 'import urllib.request; urllib.request.urlopen(\"http://127.0.0.1:%PORT%/shutdown\")'";
        const string SidecarServes = "python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", %PORT%))' 2>/dev/null";
        var workload = new Workload { RestartPolicy = "OnFailure", Main = $"{EndTheSidecar}; while {SidecarServes}; do sleep 0.1; done; exit 1" };
        await using var life = await PodLife.StartYamlAsync(workload.Yaml);
        const string Why = "cannot start main: sidecar sidecar exited with 0 and will not be started again (restartPolicy OnFailure)";
        await life.LogAsync("the sidecars keep running: the kubelet will restart main (restartPolicy OnFailure)");
        await life.LogAsync(Why);
        Assert.StartsWith("proa: " + Why, await life.EndOfAsync("main", 125), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sidecar_that_its_restart_rule_starts_again_is_waited_for()
    {
        await using var life = await PodLife.StartAsync(new()
        {
            Sidecars =
            [
                new()
                {
                    Script = PodLife.FailingFirst(1, exitCode: 42),
                    More = ["restartPolicy: Never", "restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]"],
                },
            ],
        });
        await life.LetSidecarFailAsync();
        await life.OutputAsync("main", "main runs");
        Assert.Contains(life.Messages, message => message.Contains("42 (Error)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sidecar_that_no_restart_rule_starts_again_ends_the_wait()
    {
        await using var life = await PodLife.StartAsync(new()
        {
            RestartPolicy = "OnFailure",
            Sidecars =
            [
                new()
                {
                    Script = PodLife.FailingFirst(1, exitCode: 41),
                    More = ["restartPolicy: Never", "restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]"],
                },
            ],
        });
        await life.LetSidecarFailAsync();
        const string Why = "cannot start main: sidecar sidecar exited with 41 (Error) and will not be started again (the container's restartPolicy Never)";
        Assert.StartsWith("proa: " + Why, await life.EndOfAsync("main", 125), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_Pod_that_is_deleted_while_proa_waits_the_sidecar_is_asked_to_stop()
    {
        await using var life = await PodLife.StartYamlAsync(new Workload { ReadyAtOnce = false }.Yaml);
        await life.LogAsync("running, not ready");
        await life.Simulator.DeletePodAsync();
        Assert.DoesNotContain("main runs", life.Simulator.Output.Of("main"));
        Assert.Contains(
            life.Messages,
            message => message.StartsWith("asked a sidecar to stop", StringComparison.Ordinal)
                || message.StartsWith("nothing listens", StringComparison.Ordinal));
    }
}
