using System.Globalization;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Init;

public sealed class Reaping
{
    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Every_orphan_comes_to_proa_and_none_is_left_as_a_zombie(How how)
    {
        await using var main = Init.StartPuppet(how, "orphans", "2000");
        Assert.Equal("2000 adopted by the parent, 0 by others, all reaped\n", await main.SucceedsAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Mains_exit_code_is_not_lost_among_those_of_orphans(How how)
    {
        for (var i = 0; i < 20; i++)
        {
            await using var main = Init.StartPuppet(how, "orphans", "100", "42");
            Assert.Equal(42, await main.ExitCodeAsync());
        }
    }

    [Fact]
    public async Task Every_exit_code_of_main_is_proas()
    {
        for (var exitCode = 0; exitCode < 256; exitCode++)
        {
            await using var main = Init.StartPuppet(How.Process, "exit", $"{exitCode}");
            Assert.Equal((exitCode, "", ""), await main.ResultAsync());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(77)]
    [InlineData(255)]
    public async Task Mains_exit_code_is_that_of_PID_1(int exitCode)
    {
        await using var main = Init.StartPuppet(How.Pid1, "exit", $"{exitCode}");
        Assert.Equal((exitCode, "", ""), await main.ResultAsync());
    }

    [Fact]
    public async Task What_main_leaves_behind_is_not_waited_for()
    {
        await using var main = Init.StartPuppet(How.Process, "linger", "7");
        var left = int.Parse((await main.NextLineAsync())["left ".Length..], CultureInfo.InvariantCulture);
        main.AlsoKill(left);
        Assert.Equal(7, await main.ExitCodeAsync());
        Assert.Contains(ProcFile.State(left), "RS");
    }

    [Fact]
    public async Task What_main_leaves_behind_ends_with_PID_1()
    {
        await using var main = Init.Start(How.Pid1, Init.Proa("sh", "-c", "sleep 1000 </dev/null >/dev/null 2>&1 & echo left; read line; exit 7"));
        Assert.Equal("left", await main.NextLineAsync());
        var left = ProcFile.Child(ProcFile.Child(Init.ProaOf(How.Pid1, main)));
        main.CloseInput();
        Assert.Equal(7, await main.ExitCodeAsync());
        Assert.Equal('X', ProcFile.State(left));
    }

    [Fact]
    public async Task Main_that_is_killed_from_outside_ends_proa_with_137()
    {
        await using var main = Init.StartPuppet(How.Process, "signals");
        Libc.Send(await main.ReadyAsync(), Signal.KILL);
        Assert.Equal((137, ""), (await main.ExitCodeAsync(), main.Errors));
    }
}
