using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Containers;

[Collection(nameof(Podman))]
public sealed class NoWait(Podman podman)
{
    /// <summary>Each restriction where proa is PID 1; none and all of them where it is not.</summary>
    public static TheoryData<Restriction, Pids> Cases { get; } =
    [
        .. Enum.GetValues<Restriction>().Select(restriction => (restriction, Pids.Own)),
        (Restriction.None, Pids.Shared),
        (Restriction.All, Pids.Shared),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Mains_exit_code_is_the_containers(Restriction restriction, Pids pids)
    {
        var main = await RunAsync(restriction, pids, "sh", "-c", "[ $PPID = 1 ] && exit 41; exit 42");
        Assert.Equal((pids == Pids.Own ? 41 : 42, "", ""), await main.Process.ResultAsync());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Signals_reach_main(Restriction restriction, Pids pids)
    {
        var main = await RunAsync(restriction, pids, "/puppet", "signals", $"{Signal.TERM}");
        await main.Process.ReadyAsync();
        foreach (var signal in new[] { Signal.HUP, Signal.USR1, Signal.RealTime })
        {
            await main.SignalAsync(signal);
            Assert.Equal($"signal {signal}", await main.Process.NextLineAsync());
        }

        await main.StopAsync();
        Assert.Equal($"signal {Signal.TERM}", await main.Process.NextLineAsync());
        Assert.Equal(0, await main.Process.ExitCodeAsync());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Orphans_come_to_proa_and_are_reaped(Restriction restriction, Pids pids)
    {
        var main = await RunAsync(restriction, pids, "/puppet", "orphans", "200");
        Assert.Equal("200 adopted by the parent, 0 by others, all reaped\n", await main.Process.SucceedsAsync());
    }

    private async Task<Container> RunAsync(Restriction restriction, Pids pids, params string[] command) =>
        await (await podman.PodAsync(pids)).RunAsync(restriction.Options(), Podman.Image, ["/proa", "--no-wait", "--", .. command]);
}
