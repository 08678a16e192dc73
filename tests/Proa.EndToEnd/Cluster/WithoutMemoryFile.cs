using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Cluster;

/// <summary>A node's or a profile's rule on memfd_create(2), by which the supervisor keeps what is known of the Pod.</summary>
public sealed class WithoutMemoryFile
{
    [Theory]
    [InlineData("EPERM", "operation not permitted")]
    [InlineData("ENOSYS", "function not implemented")]
    public async Task Where_it_is_denied_a_life_is_whole_and_the_Pod_is_asked_for_again(string error, string reason)
    {
        await using var cluster = await Cluster.StartAsync();
        await using var proa = RunningProcess.Start(
            [Executables.Launch, "--deny", $"memfd_create={error}", Executables.Proa, "-g", "http://localhost:1/quit", "--", "echo", "main runs"],
            cluster.Variables);
        await proa.ComplainsAsync(
            $"cannot create a memory file, so proa will fetch the Pod again after main: {reason}\n"
                + "proa: hint: does the container's seccomp profile deny memfd_create(2)?\n");
        cluster.PushUntil("sidecar-1", "ready");
        Assert.Equal("main runs", await proa.NextLineAsync());
        await proa.ComplainsAsync("nothing listens at http://localhost:1/quit"); // the Pod has been asked for before
        cluster.PushUntil("sidecar-1", "terminated");
        Assert.Equal(0, await proa.ExitCodeAsync());
        await proa.ComplainsAsync("sidecars ended: sidecar-1 0");
    }

    [Fact]
    public async Task A_plain_init_does_not_need_it()
    {
        await using var main = RunningProcess.Start([Executables.Launch, "--deny", "memfd_create=EPERM", .. Init.Init.Proa("sh", "-c", "exit 3")]);
        Assert.Equal((3, "", ""), await main.ResultAsync());
    }

    [Fact]
    public async Task Where_only_files_that_cannot_be_executed_are_allowed_it_is_such_a_one()
    {
        Executables.RequireRoot("make a PID namespace");
        Assert.SkipUnless(File.Exists("/proc/sys/vm/memfd_noexec"), "this kernel has no vm.memfd_noexec (it came with Linux 6.3)");
        await using var cluster = await Cluster.StartAsync();
        string[] strict = Init.Init.AsPid1("sh", "-ec", "echo 2 >/proc/sys/vm/memfd_noexec; exec \"$0\" \"$@\"");
        await using var proa = RunningProcess.Start([.. strict, Executables.Proa, "echo", "main runs"], cluster.Variables);
        await cluster.Api.WaitForWatchersAsync(1, TestContext.Current.CancellationToken);
        cluster.PushUntil("sidecar-1", "ready");
        await proa.RunsMainAsync();
        Assert.DoesNotContain("memory", proa.Errors, StringComparison.Ordinal);
    }
}
