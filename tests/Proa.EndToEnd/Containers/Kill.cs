using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Containers;

/// <summary>--kill and --kill-all, for sidecars that nobody can ask by HTTP.</summary>
[Collection(nameof(Podman))]
public sealed class Kill(Podman podman)
{
    private const string NotRoot = "--user=65532:65532";

    /// <summary>Exits with 42 when a line comes on stdin.</summary>
    private const string Main = "read line; exit 42";

    private static readonly string[] _main = ["--", "/puppet", "exit", "42"];

    public static MatrixTheoryData<Restriction, string> Selectors { get; } = new(
        [Restriction.NoCapabilities, Restriction.All],
        ["--kill=sidecar", "--kill=container/sidecar", "--kill-all"]);

    [Theory]
    [MemberData(nameof(Selectors))]
    public async Task A_sidecar_in_another_container_is_ended_by_a_proa_of_the_same_user(Restriction restriction, string selector)
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Shared);
        var user = restriction.Options().Contains(NotRoot) ? new[] { NotRoot } : [];
        var (sidecar, pid) = await pod.RunSidecarAsync("sidecar", user);
        var main = await pod.RunMainAsync(restriction.Options(), ["/proa", selector, "--", "sh", "-c", Main]);
        await main.Process.ComplainsAsync("main started");
        await sidecar.HasGotNoSignalAsync(sidecar.Process, pid);

        await main.Process.TypeAsync("\n");
        Assert.Equal($"signal {Signal.TERM}", await sidecar.Process.NextLineAsync());
        Assert.Equal(0, await pod.EndsAsync("sidecar", sidecar));
        var (exitCode, _, errors) = await main.Process.ResultAsync();
        Assert.Equal(42, exitCode);
        Assert.Contains($"sent SIGTERM to sidecar (process {pid}) of sidecar", errors, StringComparison.Ordinal);
        Assert.Contains("sidecars ended: sidecar 0", errors, StringComparison.Ordinal);
        await pod.PauseHasGotNoSignalAsync();
    }

    [Theory]
    [InlineData(Restriction.None)]
    [InlineData(Restriction.All)]
    public async Task The_pause_process_mains_tree_its_whole_container_and_proa_are_never_signalled(Restriction restriction)
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Shared);
        var sidecar = await pod.RunAsync(restriction.Options(), "sh", "-c", "trap '' TERM; /puppet signals 15 & wait");
        await sidecar.Process.ReadyAsync();
        pod.IsReady("sidecar", sidecar);
        // What main leaves behind, and what is started beside it, ends with the signal by which the test finds that it has got no other.
        var main = await pod.RunMainAsync(
            restriction.Options(),
            "sh", "-c", "/proa \"$@\"; exit $?", "sh",
            "--kill=puppet", "--kill=sh", "--kill=proa", "--kill=busybox", "--kill-all", "--", "sh", "-c", $"/puppet signals {Signal.RealTime} & {Main}");
        var left = await main.Process.ReadyAsync();
        await using var beside = main.Exec("/puppet", "signals", $"{Signal.RealTime}");
        var besideId = await beside.ReadyAsync();

        await main.Process.TypeAsync("\n");
        Assert.Equal($"signal {Signal.TERM}", await sidecar.Process.NextLineAsync());
        Assert.Equal(0, await sidecar.Process.ExitCodeAsync());
        await main.HasGotNoSignalAsync(main.Process, left);
        await main.HasGotNoSignalAsync(beside, besideId);
        await pod.PauseHasGotNoSignalAsync();

        await pod.EndsAsync("sidecar", sidecar);
        await main.Process.ComplainsAsync("sidecars ended: sidecar 0");
        Assert.Equal(42, await main.Process.ExitCodeAsync());
        Assert.DoesNotContain("a signal ended the wait", main.Process.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--user=65532", "--user=1001", "it runs as user 1001, proa as 65532")]
    [InlineData("--user=65532", "--user=0", "it runs as user 0, proa as 65532")]
    [InlineData("--cap-drop=all", "--user=1001", "it runs as user 1001, proa as 0")]
    public async Task A_sidecar_of_another_user_is_not_signalled_and_the_log_says_what_is_needed(string mains, string sidecars, string problem)
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Shared);
        var (sidecar, pid) = await pod.RunSidecarAsync("sidecar", sidecars);
        var main = await pod.RunMainAsync([mains], ["/proa", "--kill=sidecar", "--kill=container/sidecar", .. _main]);
        await main.Process.ComplainsAsync($"no permission to signal sidecar (process {pid}) of sidecar: {problem}");
        await main.Process.ComplainsAsync("run both containers as the same user");
        await sidecar.HasGotNoSignalAsync(sidecar.Process, pid);

        await sidecar.SignalAsync(Signal.TERM);
        Assert.Equal(0, await pod.EndsAsync("sidecar", sidecar));
        Assert.Equal(42, await main.Process.ExitCodeAsync());
    }

    [Fact]
    public async Task As_root_with_the_capability_KILL_a_sidecar_of_another_user_is_ended()
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Shared);
        var (sidecar, _) = await pod.RunSidecarAsync("sidecar", NotRoot);
        var main = await pod.RunMainAsync(["--cap-drop=all", "--cap-add=kill"], ["/proa", "--kill=container/sidecar", .. _main]);
        Assert.Equal(0, await pod.EndsAsync("sidecar", sidecar));
        Assert.Equal(42, await main.Process.ExitCodeAsync());
    }

    [Fact]
    public async Task Without_a_shared_PID_namespace_the_log_says_what_is_needed()
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Own);
        var (sidecar, _) = await pod.RunSidecarAsync("sidecar");
        var main = await pod.RunMainAsync([], ["/proa", "--kill=sidecar", .. _main]);
        await main.Process.ComplainsAsync("cannot signal the sidecars: the Pod's containers do not see each other's processes");
        await main.Process.ComplainsAsync("set shareProcessNamespace: true in the Pod's spec");
        await sidecar.HasGotNoSignalAsync(sidecar.Process, 1);

        await sidecar.SignalAsync(Signal.TERM);
        Assert.Equal(0, await pod.EndsAsync("sidecar", sidecar));
        Assert.Equal(42, await main.Process.ExitCodeAsync());
    }

    [Fact]
    public async Task Among_the_nodes_processes_none_is_signalled_and_the_log_says_what_is_needed()
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Own);
        pod.Change(changed => changed["spec"]!["hostPID"] = true);
        var (sidecar, pid) = await pod.RunSidecarAsync("sidecar", "--pid=host");
        var main = await pod.RunMainAsync(["--pid=host"], ["/proa", "--kill=container/sidecar", .. _main]);
        await main.Process.ComplainsAsync("cannot signal the sidecars: these are the node's processes, not only the Pod's");
        await main.Process.ComplainsAsync("set shareProcessNamespace: true in the Pod's spec instead of hostPID");
        await sidecar.HasGotNoSignalAsync(sidecar.Process, pid);

        await sidecar.SignalAsync(Signal.TERM);
        Assert.Equal(0, await pod.EndsAsync("sidecar", sidecar));
        Assert.Equal(42, await main.Process.ExitCodeAsync());
    }
}
