using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Init;

/// <summary>Whatever argv[0] proa is started with: only the supervisor makes a worker of it.</summary>
public sealed class Names
{
    [Theory]
    [InlineData("proa: wait")]
    [InlineData("proa: shutdown")]
    [InlineData("proa: x")]
    [InlineData("proa: ")]
    [InlineData("")]
    public async Task A_workers_name_does_not_make_a_worker(string name)
    {
        await using var main = RunningProcess.Start(Named(name, "--no-wait", "--", "sh", "-c", "exit 3"));
        Assert.Equal((3, "", ""), await main.ResultAsync());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("-1")]
    public async Task Nor_does_another_process_ID_behind_it(string id)
    {
        // A name of a command, which there is none of.
        await using var proa = RunningProcess.Start(
            Named("proa: shutdown", id, "0", "", "--no-wait"),
            new Dictionary<string, string?> { ["PROA_NO_WAIT"] = "true", ["PATH"] = "/usr/bin:/bin" });
        Assert.Equal(id == "-1" ? 125 : 127, await proa.ExitCodeAsync());
    }

    [Fact]
    public async Task PID_1_with_a_workers_name_hears_signals()
    {
        await using var main = Init.Start(How.Pid1, Named("proa: wait", ["--no-wait", "--", .. Init.Puppet("signals", "15")]));
        await main.ReadyAsync();
        Libc.Send(Init.ProaOf(How.Pid1, main), Signal.TERM);
        Assert.Equal(0, await main.ExitCodeAsync());
    }

    private static string[] Named(string name, params string[] arguments) => ["bash", "-c", "exec -a \"$0\" \"$@\"", name, Executables.Proa, .. arguments];
}
