namespace Proa.EndToEnd.Lives;

public sealed class BeforeMain
{
    [Fact]
    public async Task Main_is_started_only_when_the_sidecar_is_ready()
    {
        await using var life = await Life.StartAsync(new Workload { ReadyAtOnce = false });
        await life.OutputAsync("sidecar", "serving");
        await life.LogAsync("running, not ready");
        Assert.DoesNotContain("main runs", life.Simulator.Output.Of("main"));

        await life.MakeSidecarReadyAsync();
        await life.OutputAsync("main", "main runs");
        Assert.True((await life.EndAsync()).Succeeded);
    }

    [Fact]
    public async Task A_native_sidecar_is_waited_for_until_it_is_ready_and_left_to_the_kubelet()
    {
        await using var life = await Life.StartAsync(new Workload { IsNative = true, ReadyAtOnce = false, Options = [] });
        await life.LogAsync("running, not ready");
        Assert.DoesNotContain("main runs", life.Simulator.Output.Of("main"));

        await life.MakeSidecarReadyAsync();
        var outcome = await life.EndAsync();
        Assert.True(outcome.Succeeded);
        Assert.Contains("main runs", life.Simulator.Output.Of("main"));
        Assert.Equal(0, outcome.Container("sidecar").RestartCount);
    }

    [Fact]
    public async Task The_proxy_that_is_the_first_container_is_not_taken_for_main()
    {
        await using var life = await Life.StartAsync(new Workload { SidecarFirst = true, ReadyAtOnce = false });
        await life.LogAsync("this is container main of Pod default/");
        await life.LogAsync("running, not ready");
        await life.MakeSidecarReadyAsync();
        Assert.True((await life.EndAsync()).Succeeded);
    }

    [Fact]
    public async Task With_no_wait_main_is_started_at_once_and_no_API_server_is_asked()
    {
        await using var life = await Life.StartAsync(new Workload
        {
            ReadyAtOnce = false,
            Options = ["--no-wait", "--shutdown-http-post=http://127.0.0.1:%PORT%/shutdown"],
            Main = Workload.WaitUntilTheSidecarServes,
        });
        Assert.True((await life.EndAsync()).Succeeded);
        Assert.Contains("POST /shutdown", life.Simulator.Output.Of("sidecar"));
        Assert.Empty(life.Simulator.Api.Requests);
    }
}
