using Proa.EndToEnd.Faults;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Conditions;

/// <summary><c>--shutdown-delay</c>.</summary>
public sealed class ShutdownDelay
{
    private static readonly string[] _long = ["--no-api", "--shutdown-timeout=2h", "--shutdown-delay=1h"];

    [Fact]
    public async Task The_sidecars_are_asked_after_it()
    {
        using var sidecar = new Endpoint(listens: true);
        await using var proa = Waiting.Run("--no-api", "--shutdown-delay=10ms", "-p", sidecar.Url, "--", "sh", "-c", "exit 7");
        await proa.ComplainsAsync("main exited with 7\nproa: asking the sidecars to stop in 10ms\n");
        await sidecar.AnswerAsync();
        await proa.ComplainsAsync("asked a sidecar to stop: POST ");
        Assert.Equal(7, await proa.ExitCodeAsync());
    }

    [Fact]
    public async Task A_stop_signal_ends_it_and_the_sidecars_are_asked()
    {
        using var sidecar = new Endpoint(listens: true);
        await using var proa = Waiting.Run([.. _long, "-p", sidecar.Url, "--", "sh", "-c", "exit 7"]);
        await proa.ComplainsAsync("asking the sidecars to stop in 1h\n");
        Assert.False(sidecar.IsPending);
        proa.Send(Signal.TERM);
        await proa.ComplainsAsync("a signal ended the delay: asking the sidecars to stop now\n");
        await sidecar.AnswerAsync();
        await proa.ComplainsAsync("asked a sidecar to stop: POST ");
        Assert.Equal(7, await proa.ExitCodeAsync());
    }

    [Fact]
    public async Task A_main_that_never_ran_has_left_nothing_to_wait_for()
    {
        using var sidecar = new Endpoint(listens: true);
        using var place = new Place(listens: false);
        await using (var proa = Waiting.Run([.. _long, "-p", sidecar.Url, "--wait-tcp", place.Endpoint, "--", "true"]))
        {
            await proa.ComplainsAsync("refuses connections\n");
            proa.Send(Signal.TERM);
            await sidecar.AnswerAsync();
            Assert.Equal(143, await proa.ExitCodeAsync());
        }

        await using (var proa = Waiting.Run([.. _long, "-p", sidecar.Url, "--", "/no/such/main"]))
        {
            await sidecar.AnswerAsync();
            Assert.Equal(127, await proa.ExitCodeAsync());
        }
    }

    [Fact]
    public async Task In_a_Pod_that_is_being_deleted_it_leaves_time_to_ask()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        using var sidecar = new Endpoint(listens: true);
        ordeal.MakeSidecarReady();
        ordeal.Proa = RunningProcess.Start(
            [Executables.Proa, "--shutdown-delay=1h", "-p", sidecar.Url, "--", Executables.Puppet, "signals", $"{Signal.TERM}"], ordeal.Variables);
        await ordeal.Proa.ReadyAsync();
        await ordeal.Cluster.DeletePodAsync();
        ordeal.Proa.Send(Signal.TERM);
        await ordeal.SaysAsync("asking the sidecars to stop in ");
        await sidecar.AnswerAsync();
        Assert.Equal(0, await ordeal.Proa.ExitCodeAsync());
    }
}
