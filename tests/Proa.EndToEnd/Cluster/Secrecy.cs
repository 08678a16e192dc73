using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Cluster;

/// <summary>A process that has the token in its memory shows that memory to no other of its user, and leaves no core dump.</summary>
public sealed class Secrecy
{
    private const string User = "54323";

    [Fact]
    public async Task A_worker_can_be_looked_into_by_nobody_but_root_and_does_its_work_all_the_same()
    {
        await using var cluster = await StartAsync();
        await using var proa = RunningProcess.Start(
            AsUser(Executables.Proa, "-g", "http://localhost:1/quit", "--", "sh", "-c", "echo main runs; read line"),
            cluster.Variables);
        await cluster.Api.WaitForWatchersAsync(1, TestContext.Current.CancellationToken);
        Assert.True(await MayReadMemoryAsync(proa.Id), "the test cannot tell: another process of this user cannot look into the supervisor either");
        Assert.False(await MayReadMemoryAsync(ProcFile.Child(proa.Id)), "another process of this user may look into the worker");

        cluster.PushUntil("sidecar-1", "ready");
        Assert.Equal("main runs", await proa.NextLineAsync());
        await proa.TypeAsync("\n");
        cluster.PushUntil("sidecar-1", "terminated");
        Assert.Equal(0, await proa.ExitCodeAsync());
        await proa.ComplainsAsync("sidecars ended: sidecar-1 0");
    }

    [Fact]
    public async Task A_worker_that_crashes_leaves_no_core_dump()
    {
        Assert.SkipWhen(
            (await File.ReadAllTextAsync("/proc/sys/kernel/core_pattern", TestContext.Current.CancellationToken)).StartsWith('|'),
            "core dumps go to a program on this machine");
        using var directory = new TemporaryDirectory();
        await using var cluster = await Cluster.StartAsync();
        await using var proa = RunningProcess.Start(
            ["sh", "-c", "ulimit -c unlimited; cd \"$0\"; exec \"$@\"", directory.Path, Executables.Proa, "echo"],
            cluster.Variables);
        await cluster.Api.WaitForWatchersAsync(1, TestContext.Current.CancellationToken);
        Libc.Send(ProcFile.Child(proa.Id), Signal.QUIT);
        Assert.Equal(125, await proa.ExitCodeAsync());
        Assert.Empty(System.IO.Directory.GetFiles(directory.Path));
        await proa.ComplainsAsync("has failed: it was killed by SIGQUIT");
    }

    [Fact]
    public async Task The_check_works_as_an_ordinary_user()
    {
        await using var cluster = await StartAsync();
        await using var asRoot = RunningProcess.Start([Executables.Proa, "--check", "--ignore=other"], cluster.Variables);
        await using var asUser = RunningProcess.Start(AsUser(Executables.Proa, "--check", "--ignore=other"), cluster.Variables);
        Assert.Equal(await asRoot.ResultAsync(), await asUser.ResultAsync());
    }

    private static async Task<Cluster> StartAsync()
    {
        Executables.RequireRoot("become another user");
        var cluster = await Cluster.StartAsync();
        File.SetUnixFileMode(cluster.Directory, (UnixFileMode)0x1ed);
        File.SetUnixFileMode(cluster.Kubeconfig, (UnixFileMode)0x1a4);
        return cluster;
    }

    private static string[] AsUser(params string[] command) => [Executables.Launch, "--user", User, "--", .. command];

    private static async Task<bool> MayReadMemoryAsync(int process)
    {
        await using var head = RunningProcess.Start(AsUser("head", "--bytes=1", $"/proc/{process}/environ")); // needs the same right
        return await head.ExitCodeAsync() == 0;
    }
}
