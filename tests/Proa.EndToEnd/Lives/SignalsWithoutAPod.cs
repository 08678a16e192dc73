using Proa.EndToEnd.Commands;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Lives;

/// <summary><c>--kill</c> and <c>--kill-all</c> with <c>--no-wait</c>: whom proa signals where it knows nothing of a Pod, and whom never.</summary>
public sealed class SignalsWithoutAPod
{
    private static readonly string[] _killAll = [Executables.Proa, "--no-wait", "--kill-all", "--kill-signal=USR1", "--", "true"];

    [Fact]
    public async Task The_first_process_of_the_namespace_which_in_a_Pod_is_the_pause_process_is_never_signalled()
    {
        await using var space = await PidNamespace.StartAsync();
        var sidecar = await space.StartPuppetAsync();
        var (exitCode, _, errors) = await space.Start([.. _killAll[..^2], "--kill=puppet", "--", "true"]).ResultAsync();
        Assert.Equal(0, exitCode);
        Assert.Matches("\nproa: sent SIGUSR1 to puppet \\(process [0-9]+\\)\n$", errors);
        await PidNamespace.HasGotAsync(sidecar, Signal.USR1);
        await space.FirstIsUntouchedAsync();
    }

    [Fact]
    public async Task Processes_of_another_Pod_and_the_nodes_own_are_never_signalled()
    {
        // As on a node that is itself a container, where hostPID shows no kernel threads.
        const string own = "8b7c7b0a-3e1f-4a51-9a43-0f1de9d3d1a1", another = "41c2a5b6-94e0-4d0e-8d0c-7d52d7e9f1b2";
        await using var space = await PidNamespace.StartAsync();
        var ours = await space.StartPuppetAsync(puppet => space.StartInContainer(own, "proxy", puppet));
        var foreign = await space.StartPuppetAsync(puppet => space.StartInContainer(another, "proxy", puppet));
        var nodes = await space.StartPuppetAsync();
        Assert.Equal(0, await space.StartInContainer(own, "main", _killAll).ExitCodeAsync());
        await PidNamespace.HasGotAsync(ours, Signal.USR1);
        await PidNamespace.HasGotAsync(foreign);
        await PidNamespace.HasGotAsync(nodes);
    }

    [Fact]
    public async Task Among_the_nodes_processes_none_is_signalled()
    {
        Executables.RequireRoot("make a mount namespace");
        Assert.SkipUnless(File.Exists("/proc/2/comm") && File.ReadAllText("/proc/2/comm") == "kthreadd\n", "the node's processes are not to be seen here");
        using var directory = new TemporaryDirectory();
        // Should it be signalled after all, it is alone in having this name.
        var name = $"puppet-{Guid.NewGuid()}";
        var puppet = await Copy.OfAsync(Executables.Puppet, directory[name]);
        await using var sidecar = RunningProcess.Start(["unshare", "--mount", puppet, "signals", $"{Signal.Last}"]);
        await sidecar.ReadyAsync();
        await using var proa = RunningProcess.Start([Executables.Proa, "--no-wait", "--log-format=text", "--kill", name, "--", "true"]);
        var (exitCode, _, errors) = await proa.ResultAsync();
        Assert.Equal(0, exitCode);
        Assert.Contains(
            "proa: warning: cannot signal the sidecars: these are the node's processes, not only the Pod's\nproa: hint: set shareProcessNamespace: "
                + "true in the Pod's spec instead of hostPID\n",
            errors,
            StringComparison.Ordinal);
        sidecar.Send(Signal.Last);
        Assert.Equal([$"signal {Signal.Last}"], await sidecar.RestOfLinesAsync());
    }

    [Fact]
    public async Task As_the_first_process_itself_proa_says_that_it_sees_no_sidecars()
    {
        await using var proa = RunningProcess.Start(Init.Init.AsPid1(Executables.Proa, "--no-wait", "--log-format=text", "--kill-all", "--", "true"));
        var (exitCode, _, errors) = await proa.ResultAsync();
        Assert.Equal(0, exitCode);
        Assert.Contains("cannot signal the sidecars: the Pod's containers do not see each other's processes", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Processes_that_come_and_go_meanwhile_keep_no_signal_from_the_others()
    {
        await using var space = await PidNamespace.StartAsync();
        var sidecar = await space.StartPuppetAsync();
        // It ends by itself if the test does not end it.
        const string Storm = "for i in $(seq 300); do sleep 1000 & done; echo storm; for i in $(seq 100000); do /bin/true; done";
        var storm = space.Start("sh", "-c", Storm);
        Assert.Equal("storm", await storm.NextLineAsync());
        for (var life = 0; life < 5; life++)
        {
            var (exitCode, _, errors) = await space.Start(
                Executables.Proa,
                "--no-wait",
                "--kill=puppet",
                "--kill=true",
                "--kill-signal=USR1",
                "--",
                "sh",
                "-c",
                "exit 7")
                .ResultAsync();
            Assert.Equal(7, exitCode);
            Assert.Contains("sent SIGUSR1 to puppet (process ", errors, StringComparison.Ordinal);
            Assert.Equal($"signal {Signal.USR1}", await sidecar.NextLineAsync());
        }
    }

    [Fact]
    public async Task A_name_that_a_sidecar_has_chosen_forges_no_line_of_the_log()
    {
        await using var space = await PidNamespace.StartAsync();
        var puppet = await space.PuppetCalledAsync("x) R 1 (\nproa: error: forged \u001b[31m");
        var sidecar = await space.StartPuppetAsync(command => space.Start([puppet, .. command[1..]]));
        var (exitCode, _, errors) = await space.Start(_killAll).ResultAsync();
        Assert.Equal(0, exitCode);
        Assert.Equal(3, errors.Count(character => character == '\n')); // main has started, has exited, sent
        Assert.DoesNotContain('\u001b', errors);
        await PidNamespace.HasGotAsync(sidecar, Signal.USR1);
    }
}
