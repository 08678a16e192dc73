using System.Globalization;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Containers;

[Collection(nameof(Podman))]
public sealed class Memory(Podman podman)
{
    private const long LargestBytes = 16 << 20;

    [Fact]
    public async Task A_whole_life_takes_16_MB_at_most_with_the_pages_of_the_executable()
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Own);
        var sidecar = await pod.RunServerAsync();
        // Pages that are in memory already are counted where they were read first, which on a node may be this container.
        var executable = pod.Files["proa"];
        Executables.Copy(Executables.Proa, executable);
        await using var forget = RunningProcess.Start(["dd", $"of={executable}", "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"]);
        await forget.SucceedsAsync();

        var main = await pod.RunMainAsync(
            [.. Restriction.LittleMemory.Options(), $"--volume={executable}:/proa:ro"],
            "/proa",
            "-g",
            pod.ShutdownUrl,
            "--",
            "sh",
            "-c",
            "read line");
        await main.Process.ComplainsAsync("waiting for sidecar");
        pod.IsReady("sidecar", sidecar);
        await main.Process.ComplainsAsync("main started");
        var requests = pod.Api.Requests.Count;
        await main.Process.TypeAsync("\n");
        await pod.Api.WaitForRequestAsync(request => request.IsWatch, requests, TestContext.Current.CancellationToken);
        var peak = PeakBytes(await main.PidAsync());
        await pod.EndsAsync("sidecar", sidecar);
        Assert.Equal(0, await main.Process.ExitCodeAsync());
        Assert.InRange(peak, 1, LargestBytes);
    }

    [Fact]
    public async Task Where_main_takes_all_memory_it_is_killed_and_proa_still_ends_the_sidecar()
    {
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Own);
        var sidecar = await pod.RunServerAsync();
        var main = await pod.RunMainAsync(
            Restriction.LittleMemory.Options(),
            "/proa",
            "-g",
            pod.ShutdownUrl,
            "--",
            "dd",
            "if=/dev/zero",
            "of=/dev/null",
            "bs=256M");
        pod.IsReady("sidecar", sidecar);
        await main.Process.ComplainsAsync("main was killed by SIGKILL");
        Assert.Equal(0, await pod.EndsAsync("sidecar", sidecar));
        Assert.Equal(137, await main.Process.ExitCodeAsync());
        await main.Process.ComplainsAsync("sidecars ended: sidecar 0");
    }

    /// <summary>The most that the process's cgroup has ever held.</summary>
    private static long PeakBytes(int pid)
    {
        var cgroups = File.ReadLines($"/proc/{pid}/cgroup").Select(line => line.Split(':', 3)).ToArray();
        var file = cgroups.SingleOrDefault(cgroup => cgroup[1] == "memory") is [_, _, var path]
            ? $"/sys/fs/cgroup/memory{path}/memory.max_usage_in_bytes"
            : $"/sys/fs/cgroup{cgroups.Single()[2]}/memory.peak";
        Assert.SkipUnless(File.Exists(file), $"this kernel does not count it: there is no {file}");
        return long.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);
    }
}
