using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Containers;

/// <summary>How a Pod's processes are told apart.</summary>
public enum Evidence
{
    /// <summary>The container ID in the cgroup, as it is without a cgroup namespace.</summary>
    CgroupOfHost,

    /// <summary>The container ID in the cgroup, as it is from another cgroup namespace.</summary>
    CgroupOfNamespace,

    /// <summary>The mount of the termination log: a status without a container ID is all that the Pod has.</summary>
    TerminationLog,
}

/// <summary>Which processes --kill and --kill-all mean, and when.</summary>
[Collection(nameof(Podman))]
public sealed class KillChoice(Podman podman)
{
    /// <summary>Two processes that end by the signal, in a shell that does not.</summary>
    private const string TwoProcesses = "trap '' TERM; /sidecar signals 15 & /sidecar signals 15 & wait";

    private static readonly string[] _main = ["--", "/puppet", "exit", "42"];

    [Theory]
    [InlineData("--kill=sidecar")]
    [InlineData("--kill=container/sidecar")]
    [InlineData("--kill-all")]
    public async Task Each_process_of_a_sidecar_is_signalled_once(string selector)
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Shared);
        var sidecar = await pod.RunAsync([], "sh", "-c", TwoProcesses);
        await sidecar.Process.ReadyAsync();
        await sidecar.Process.ReadyAsync();
        pod.IsReady("sidecar", sidecar);
        var main = await pod.RunMainAsync([], ["/proa", selector, .. _main]);
        Assert.Equal(0, await pod.EndsAsync("sidecar", sidecar));
        Assert.Equal(["signal 15", "signal 15"], await sidecar.Process.RestOfLinesAsync());
        Assert.Equal(42, await main.Process.ExitCodeAsync());
    }

    [Theory]
    [InlineData("TERM", 15)]
    [InlineData("INT", 2)]
    [InlineData("35", 35)]
    public async Task The_signal_is_the_one_that_is_wanted(string name, int number)
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Shared);
        var sidecar = await pod.RunAsync([], "/sidecar", "signals", $"{number}");
        await sidecar.Process.ReadyAsync();
        pod.IsReady("sidecar", sidecar);
        var main = await pod.RunMainAsync([], ["/proa", "--kill=sidecar", $"--kill-signal={name}", .. _main]);
        Assert.Equal(0, await pod.EndsAsync("sidecar", sidecar));
        Assert.Equal([$"signal {number}"], await sidecar.Process.RestOfLinesAsync());
        Assert.Equal(42, await main.Process.ExitCodeAsync());
    }

    [Fact]
    public async Task A_sidecar_that_goes_on_all_the_same_is_awaited_no_longer_than_wanted()
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Shared);
        var sidecar = await pod.RunAsync([], "/sidecar", "signals", $"{Signal.USR1}");
        var pid = await sidecar.Process.ReadyAsync();
        pod.IsReady("sidecar", sidecar);
        var main = await pod.RunMainAsync([], ["/proa", "--kill=sidecar", "--shutdown-timeout=500ms", .. _main]);
        Assert.Equal($"signal {Signal.TERM}", await sidecar.Process.NextLineAsync());
        Assert.Equal(42, await main.Process.ExitCodeAsync());
        await main.Process.ComplainsAsync("still running after 500ms: sidecar");
        await sidecar.HasGotNoSignalAsync(sidecar.Process, pid);
    }

    [Theory]
    [InlineData(Kind.Native, null, "it is native, and the kubelet stops it")]
    [InlineData(Kind.Ephemeral, null, "it is not a sidecar")]
    [InlineData(Kind.Regular, "--ignore=other", "--ignore")]
    public async Task A_container_that_is_not_proas_to_end_is_not_signalled(Kind kind, string? option, string why)
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Shared, ("sidecar", Kind.Regular), ("other", kind));
        var (other, pid) = await pod.RunSidecarAsync("other");
        var (sidecar, _) = await pod.RunSidecarAsync("sidecar");
        var main = await pod.RunMainAsync([], ["/proa", .. option is null ? Array.Empty<string>() : [option], "--kill=sidecar", "--kill-all", .. _main]);
        Assert.Equal(0, await pod.EndsAsync("sidecar", sidecar));
        Assert.Equal(42, await main.Process.ExitCodeAsync());
        await main.Process.ComplainsAsync($"not signalled: sidecar (process {pid}) of other: {why}");
        await other.HasGotNoSignalAsync(other.Process, pid);
    }

    [Theory]
    [InlineData(Evidence.CgroupOfHost)]
    [InlineData(Evidence.CgroupOfNamespace)]
    [InlineData(Evidence.TerminationLog)]
    public async Task A_containers_processes_are_found_by(Evidence evidence)
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Shared, ("sidecar", Kind.Regular), ("other", Kind.Regular));
        var cgroups = evidence == Evidence.CgroupOfHost ? "--cgroupns=host" : "--cgroupns=private";
        string[] Options(string container) => evidence == Evidence.TerminationLog ? [cgroups, pod.TerminationLog(container)] : [cgroups];
        var (other, pid) = await pod.RunSidecarAsync("other", Options("other"));
        var (sidecar, _) = await pod.RunSidecarAsync("sidecar", Options("sidecar"));
        if (evidence == Evidence.TerminationLog)
            pod.Change(changed => changed["status"]!["containerStatuses"]!.AsArray().ToList().ForEach(status => status!.AsObject().Remove("containerID")));

        var main = await pod.RunMainAsync([cgroups], ["/proa", "--kill=container/sidecar", .. _main]);
        Assert.Equal(0, await pod.EndsAsync("sidecar", sidecar));
        await other.HasGotNoSignalAsync(other.Process, pid);
        await other.SignalAsync(Signal.TERM);
        await pod.EndsAsync("other", other);
        Assert.Equal(42, await main.Process.ExitCodeAsync());
    }

    /// <summary>As root without the capability SYS_PTRACE, which no container has by default, another user's mounts cannot be read.</summary>
    [Theory]
    [InlineData("sidecar", "--kill=container/sidecar")]
    [InlineData("other", "--kill-all")]
    public async Task A_container_that_was_started_again_while_main_ran_is_known(string again, string selector)
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Shared, ("sidecar", Kind.Regular), ("other", Kind.Regular));
        pod.Change(changed => changed["spec"]!["restartPolicy"] = "OnFailure");
        var running = new Dictionary<string, (Container Container, int Pid)>();
        foreach (var name in new[] { "sidecar", "other" }) running[name] = await pod.RunSidecarAsync(name, "--user=65532");
        var main = await pod.RunMainAsync(["--cap-drop=all", "--cap-add=kill"], ["/proa", selector, "--ignore=other", "--", "sh", "-c", "read line"]);
        await main.Process.ComplainsAsync("main started");

        await running[again].Container.SignalAsync(Signal.KILL);
        await pod.EndsAsync(again, running[again].Container);
        running[again] = await pod.RunSidecarAsync(again, "--user=65532");
        await main.Process.TypeAsync("\n");
        Assert.Equal(0, await pod.EndsAsync("sidecar", running["sidecar"].Container));
        Assert.Equal(0, await main.Process.ExitCodeAsync());
        var (other, pid) = running["other"];
        await other.HasGotNoSignalAsync(other.Process, pid);
    }

    [Fact]
    public async Task A_sidecar_that_has_not_started_its_program_when_the_wait_ends_is_signalled_when_it_has()
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Shared);
        var sidecar = await pod.RunAsync([], "sh", "-c", "read line; exec /sidecar signals 15");
        pod.IsRunning("sidecar", sidecar);
        var main = await pod.RunMainAsync([], ["/proa", "--kill=sidecar", "--ready-timeout=100ms", .. _main]);
        await main.Process.ComplainsAsync("no process sidecar to signal: the sidecar is gone, or has not started it yet");
        await sidecar.Process.TypeAsync("\n");
        Assert.Equal(0, await pod.EndsAsync("sidecar", sidecar));
        Assert.Equal(124, await main.Process.ExitCodeAsync());
    }

    [Theory]
    [InlineData("sleep")]
    [InlineData("busybox")]
    public async Task A_program_answers_to_its_own_name_and_to_that_of_the_link_it_was_started_by(string name)
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Shared);
        var sidecar = await pod.RunAsync([], "sh", "-c", "echo sleeps; exec sleep 1000");
        Assert.Equal("sleeps", await sidecar.Process.NextLineAsync());
        pod.IsReady("sidecar", sidecar);
        var main = await pod.RunMainAsync([], ["/proa", $"--kill={name}", .. _main]);
        Assert.Equal(128 + Signal.TERM, await pod.EndsAsync("sidecar", sidecar));
        Assert.Equal(42, await main.Process.ExitCodeAsync());
        await main.Process.ComplainsAsync("sidecars ended: sidecar 143");
    }

    [Theory]
    [InlineData("--kill=sidecar")]
    [InlineData("--kill-all")]
    public async Task No_API_server_is_needed_to_signal(string selector)
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Shared);
        var (sidecar, _) = await pod.RunSidecarAsync("sidecar");
        var main = await pod.RunAsync([], ["/proa", "--no-wait", selector, .. _main]);
        Assert.Equal(0, await sidecar.Process.ExitCodeAsync());
        Assert.Equal(42, await main.Process.ExitCodeAsync());
        await pod.PauseHasGotNoSignalAsync();
    }
}
