namespace Proa.EndToEnd.Containers;

[Collection(nameof(Podman))]
public sealed class WholeLife(Podman podman)
{
    [Theory]
    [MemberData(nameof(NoWait.Cases), MemberType = typeof(NoWait))]
    public async Task Main_runs_when_the_sidecar_is_ready_and_the_sidecar_ends_after_main(Restriction restriction, Pids pids)
    {
        await using var pod = await PodInCluster.StartAsync(podman, pids);
        var main = await pod.RunMainAsync(
            restriction.Options(),
            "/proa",
            "-g",
            pod.ShutdownUrl,
            "--",
            "sh",
            "-c",
            "[ $PPID = 1 ] && echo under PID 1; exit 42");
        await main.Process.ComplainsAsync("this is container main of Pod lab/pod");
        await main.Process.ComplainsAsync("waiting for sidecar");

        var sidecar = await pod.RunServerAsync();
        pod.IsReady("sidecar", sidecar);
        await main.Process.ComplainsAsync("main exited with 42");
        await sidecar.Process.ComplainsAsync("GET /quit HTTP/1.1");
        Assert.Equal(0, await pod.EndsAsync("sidecar", sidecar));

        var (exitCode, output, errors) = await main.Process.ResultAsync();
        Assert.Equal((42, pids == Pids.Own ? "under PID 1\n" : ""), (exitCode, output));
        Assert.Contains("sidecars ended: sidecar 0", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Restriction.None)]
    [InlineData(Restriction.All)]
    public async Task The_executable_may_be_all_that_is_in_the_image(Restriction restriction)
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Own);
        pod.MainImage = Podman.ImageOfProaAlone;
        var main = await pod.RunMainAsync(restriction.Options(), "/proa", "-g", pod.ShutdownUrl, "--", "/proa", "--version");
        var sidecar = await pod.RunServerAsync();
        pod.IsReady("sidecar", sidecar);
        Assert.StartsWith("proa ", await main.Process.NextLineAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await pod.EndsAsync("sidecar", sidecar));
        Assert.Equal(0, await main.Process.ExitCodeAsync());
        await main.Process.ComplainsAsync("sidecars ended: sidecar 0");
    }
}
