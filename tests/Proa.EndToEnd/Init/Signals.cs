using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Init;

public sealed class Signals
{
    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Every_signal_is_forwarded_in_order_of_arrival_and_none_is_invented(How how)
    {
        await using var main = Init.StartPuppet(how, "signals");
        await main.ReadyAsync();
        var proa = Init.ProaOf(how, main);

        int[] sent = [.. Signal.Forwarded, .. Signal.Forwarded.Reverse()];
        foreach (var signal in sent)
        {
            Libc.Send(proa, signal);
            Assert.Equal($"signal {signal}", await main.NextLineAsync());
        }

        Libc.Send(ProcFile.Child(proa), Signal.KILL);
        Assert.Equal(137, await main.ExitCodeAsync());
        Assert.Empty(await main.RestOfLinesAsync());
        Assert.Equal("", main.Errors);
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task All_signals_of_a_burst_reach_main_once_and_real_time_ones_as_often_as_they_were_sent(How how)
    {
        const int Times = 20;
        await using var main = Init.StartPuppet(how, "signals", $"{Signal.Last}");
        await main.ReadyAsync();
        var proa = Init.ProaOf(how, main);

        // CONT takes pending stop signals away, and they it: that is the kernel's rule (signal(7)), with and without proa.
        int[] standard = [.. Signal.Forwarded.Where(signal => signal is < Signal.RealTime and not Signal.CONT)];
        int[] realTime = [.. Signal.Forwarded.Where(signal => signal is >= Signal.RealTime and < Signal.Last)];
        foreach (var signal in standard) Libc.Send(proa, signal);
        for (var i = 0; i < Times; i++)
            foreach (var signal in realTime) Libc.Send(proa, signal, i);
        Libc.Send(proa, Signal.Last);

        Assert.Equal(0, await main.ExitCodeAsync());
        var lines = await main.RestOfLinesAsync();
        Assert.Equal(standard.Length + (realTime.Length * Times) + 1, lines.Length);
        Assert.All(standard, signal => Assert.Single(lines, $"signal {signal}"));
        Assert.All(realTime, signal => Assert.Equal(
            Enumerable.Range(0, Times).Select(i => $"signal {signal} value {i}"),
            lines.Where(line => line.StartsWith($"signal {signal} ", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_value_that_was_sent_with_a_signal_reaches_main()
    {
        await using var main = Init.StartPuppet(How.Process, "signals", $"{Signal.TERM}");
        await main.ReadyAsync();
        main.Send(Signal.USR1);
        Assert.Equal("signal 10", await main.NextLineAsync());
        foreach (nint value in (nint[])[0, 1, -1, int.MaxValue, nint.MaxValue, nint.MinValue])
        {
            Libc.Send(main.Id, Signal.USR1, value);
            Assert.Equal($"signal 10 value {value}", await main.NextLineAsync());
            Libc.Send(main.Id, Signal.Last, value);
            Assert.Equal($"signal 64 value {value}", await main.NextLineAsync());
        }

        main.Send(Signal.TERM);
        Assert.Equal(0, await main.ExitCodeAsync());
    }

    [Theory]
    [InlineData(How.Process, Signal.CHLD)]
    [InlineData(How.Process, 32)]
    [InlineData(How.Process, 33)]
    [InlineData(How.Process, 34)]
    [InlineData(How.Pid1, Signal.CHLD)]
    [InlineData(How.Pid1, 32)]
    [InlineData(How.Pid1, 33)]
    [InlineData(How.Pid1, 34)]
    public async Task CHLD_and_what_the_runtime_and_libc_need_are_not_forwarded_and_do_no_harm(How how, int signal)
    {
        await using var main = Init.StartPuppet(how, "signals", $"{Signal.TERM}");
        await main.ReadyAsync();
        var proa = Init.ProaOf(how, main);
        main.AlsoKill(ProcFile.Child(proa));
        for (var i = 0; i < 10; i++)
        {
            Libc.Send(proa, signal);
            Libc.Send(proa, Signal.USR1);
            Assert.Equal("signal 10", await main.NextLineAsync());
        }

        Libc.Send(proa, Signal.TERM);
        Assert.Equal(0, await main.ExitCodeAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Signals_that_arrive_before_and_while_main_is_started_reach_it(How how)
    {
        const int Times = 200;
        for (var round = 0; round < 10; round++)
        {
            await using var main = Init.Start(
                how,
                Init.Puppet(["under", "block=all", "say=blocked", "wait-for-line", "--", .. Init.Proa(Init.Puppet("signals", $"{Signal.Last}"))]));
            Assert.Equal("blocked", await main.NextLineAsync());
            var proa = Init.ProaOf(how, main);

            // The first arrive before proa is itself, the last when main runs. Not PIPE, which the runtime ignores when it starts:
            // that discards one that has arrived within proa's first millisecond.
            var standard = Signal.Forwarded.Where(signal => signal is < Signal.RealTime and not Signal.CONT and not Signal.PIPE).ToArray();
            foreach (var signal in standard.Take(10)) Libc.Send(proa, signal);
            await main.TypeAsync("\n");
            for (var i = 0; i < Times; i++) Libc.Send(proa, Signal.RealTime, i);
            foreach (var signal in standard.Skip(10)) Libc.Send(proa, signal);
            await main.ReadyAsync();
            Libc.Send(proa, Signal.Last);

            Assert.Equal(0, await main.ExitCodeAsync());
            var lines = await main.RestOfLinesAsync();
            Assert.Equal(
                Enumerable.Range(0, Times).Select(i => $"signal {Signal.RealTime} value {i}"),
                lines.Where(line => line.Contains("value", StringComparison.Ordinal)));
            Assert.Equal(
                standard.Append(Signal.Last).Select(signal => $"signal {signal}").Order(),
                lines.Where(line => !line.Contains("value", StringComparison.Ordinal)).Order());
        }
    }

    [Fact]
    public async Task A_signal_that_was_pending_when_proa_was_started_reaches_main()
    {
        await using var main = RunningProcess.Start(
            Init.Puppet(["under", "block=all", "pending=10,40,15", "--", .. Init.Proa(Init.Puppet("signals", "40"))]));
        await main.ReadyAsync();
        Assert.Equal(0, await main.ExitCodeAsync());
        Assert.Equal(["signal 10", "signal 15", "signal 40"], (await main.RestOfLinesAsync()).Order());
    }

    [Fact]
    public async Task A_timer_that_was_running_when_proa_was_started_signals_main()
    {
        await using var main = RunningProcess.Start(
            Init.Puppet(["under", "block=14", "alarm=1", "--", .. Init.Proa(Init.Puppet("signals", "14"))]));
        await main.ReadyAsync();
        Assert.Equal(0, await main.ExitCodeAsync());
        Assert.Equal(["signal 14"], await main.RestOfLinesAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Main_alone_is_signalled_and_not_its_children(How how)
    {
        await using var main = Init.StartPuppet(how, "family");
        await main.NextLinesAsync(2);
        var proa = Init.ProaOf(how, main);
        Libc.Send(proa, Signal.USR1);
        Assert.Equal("main signal 10", await main.NextLineAsync());
        Libc.Send(proa, Signal.TERM);
        Assert.Equal(0, await main.ExitCodeAsync());
        Assert.Equal(["main signal 15"], await main.RestOfLinesAsync());
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task With_signal_group_mains_whole_process_group_is_signalled(How how)
    {
        await using var main = Init.Start(how, Executables.Proa, "--no-wait", "--signal-group", "--", Executables.Puppet, "family");
        await main.NextLinesAsync(2);
        var proa = Init.ProaOf(how, main);
        Libc.Send(proa, Signal.USR1);
        Assert.Equal(["child signal 10", "main signal 10"], (await main.NextLinesAsync(2)).Order());
        // Main's child is not killed before it has its own.
        Libc.Send(proa, Signal.USR2);
        Assert.Equal(["child signal 12", "main signal 12"], (await main.NextLinesAsync(2)).Order());
        Libc.Send(proa, Signal.TERM);
        Assert.Equal(0, await main.ExitCodeAsync());
    }

    [Fact]
    public async Task With_signal_group_main_is_signalled_though_it_has_left_the_group_and_nobody_is_in_it()
    {
        await using var main = Init.Start(How.Process, Executables.Proa, "--no-wait", "--signal-group", "--", Executables.Puppet, "leave-group", "0");
        await main.ReadyAsync();
        main.Send(Signal.USR1);
        Assert.Equal("main signal 10", await main.NextLineAsync());
        main.Send(Signal.TERM);
        Assert.Equal(0, await main.ExitCodeAsync());
        Assert.Equal(["main signal 15"], await main.RestOfLinesAsync());
    }

    [Fact]
    public async Task With_signal_group_main_is_signalled_beside_the_group_that_it_has_left()
    {
        await using var main = Init.Start(How.Process, Executables.Proa, "--no-wait", "--signal-group", "--", Executables.Puppet, "leave-group", "1");
        await main.ReadyAsync();
        main.Send(Signal.USR1);
        Assert.Equal(["main signal 10", "stayer signal 10"], (await main.NextLinesAsync(2)).Order());
        main.Send(Signal.TERM);
        Assert.Equal(0, await main.ExitCodeAsync());
    }

    [Fact]
    public async Task A_process_of_the_container_can_signal_main_through_PID_1()
    {
        await using var main = Init.Start(
            How.Pid1,
            Init.Proa(
                "sh",
                "-c",
                "trap 'echo HUP' HUP; trap 'echo TERM; exit 3' TERM; sh -c 'kill -HUP 1'; while read line; do :; done; sh -c 'kill -TERM 1'; while "
                    + ":; do read line; sleep 0.01; done"));
        Assert.Equal("HUP", await main.NextLineAsync());
        main.CloseInput();
        Assert.Equal("TERM", await main.NextLineAsync());
        Assert.Equal(3, await main.ExitCodeAsync());
    }

    [Fact]
    public async Task A_signal_that_ends_main_gives_128_and_its_number()
    {
        foreach (var signal in Signal.Lethal)
        {
            await using var main = Init.StartPuppet(How.Process, "die", $"{signal}");
            Assert.Equal(128 + signal, await main.ExitCodeAsync());
        }
    }

    [Fact]
    public async Task A_forwarded_signal_that_ends_main_gives_128_and_its_number()
    {
        foreach (var signal in Signal.Lethal.Intersect(Signal.Forwarded))
        {
            await using var main = RunningProcess.Start(
                Init.Puppet(["under", "default=all", "limit=4:0:0", "--", .. Init.Proa("sh", "-c", "echo ready; read line")]));
            Assert.Equal("ready", await main.NextLineAsync());
            main.Send(signal);
            Assert.Equal(128 + signal, await main.ExitCodeAsync());
        }
    }

    [Fact]
    public async Task An_ignored_signal_does_not_end_main_and_proa_neither()
    {
        await using var main = RunningProcess.Start(
            Init.Puppet(["under", "ignore=1,2,3,15", "--", .. Init.Proa("sh", "-c", "echo ready; read line; echo $line")]));
        Assert.Equal("ready", await main.NextLineAsync());
        foreach (var signal in (int[])[Signal.HUP, Signal.INT, Signal.QUIT, Signal.TERM]) main.Send(signal);
        await main.TypeAsync("still there\n");
        Assert.Equal("still there\n", (await main.SucceedsAsync())["ready\n".Length..]);
    }

    [Fact]
    public async Task STOP_for_main_stops_main_and_not_proa()
    {
        await using var main = Init.StartPuppet(How.Process, "stop-self", $"{Signal.STOP}");
        var pid = int.Parse((await main.NextLineAsync())["stopping ".Length..], System.Globalization.CultureInfo.InvariantCulture);
        await ProcFile.UntilAsync(() => ProcFile.State(pid) == 'T');
        main.Send(Signal.CONT);
        Assert.Equal("continued", await main.NextLineAsync());
        Assert.Equal(0, await main.ExitCodeAsync());
    }
}
