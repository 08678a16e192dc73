using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Cluster;

public sealed class EmptyRoot
{
    [Theory]
    [InlineData(Server.Simulated)]
    [InlineData(Server.Real)]
    public async Task The_executable_runs_alone_in_a_root_with_only_dev_and_proc_against_an_API_server_over_TLS(Server server)
    {
        Executables.RequireRoot("make a root directory of one's own");
        await using var cluster = await TestCluster.StartAsync(server);
        using var directory = new TemporaryDirectory();
        Executables.Copy(Executables.Proa, Path.Combine(directory.Path, "proa"));
        foreach (var name in new[] { "dev", "proc" }) System.IO.Directory.CreateDirectory(Path.Combine(directory.Path, name));
        await cluster.WriteServiceAccountFilesAsync(
            System.IO.Directory.CreateDirectory(Path.Combine(directory.Path, "var/run/secrets/kubernetes.io/serviceaccount")).FullName);

        await using var proa = RunningProcess.Start(
            [
                "unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec",
                "mount -t proc proc \"$0/proc\"; mount --rbind /dev \"$0/dev\"; exec chroot \"$0\" /proa -g http://localhost:1/quit -- /proa --version",
                directory.Path,
            ],
            cluster.InClusterVariables);
        await cluster.WatchesAsync();
        await cluster.PushUntilAsync("sidecar-1", "ready");
        Assert.StartsWith("proa ", await proa.NextLineAsync(), StringComparison.Ordinal);
        await proa.ComplainsAsync("nothing listens at http://localhost:1/quit");
        await cluster.PushUntilAsync("sidecar-1", "terminated");
        Assert.Equal(0, await proa.ExitCodeAsync());
        await proa.ComplainsAsync("sidecars ended: sidecar-1 0");
    }
}
