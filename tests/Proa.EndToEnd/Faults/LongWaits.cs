using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Faults;

/// <summary>Waits of minutes and hours, as proa's clock has it; see clock.c.</summary>
public sealed class LongWaits
{
    [Fact]
    public async Task A_wait_that_lasts_is_said_again_and_again_ever_more_seldom_with_what_the_sidecar_does()
    {
        await using var life = await JumpyLife.StartAsync(ready: false, "echo", "main runs");
        await life.WatchesAsync();
        life.Cluster.PushUntil("sidecar-1", "waiting");
        await life.Proa.ComplainsAsync("sidecar-1: ContainerCreating");
        life.Pass(TimeSpan.FromSeconds(61)); // a watch is taken for dead after 65
        life.Happens();
        await SaysItLastsAsync(life, "1m", "sidecar-1: ContainerCreating", "kubectl describe pod shows what sidecar-1 waits for");

        life.Cluster.PushUntil("sidecar-1", "running");
        await life.Proa.ComplainsAsync("sidecar-1: running, not ready");
        life.Pass(TimeSpan.FromSeconds(122));
        life.Happens();
        await SaysItLastsAsync(
            life,
            "2m",
            "sidecar-1: running, not ready",
            "does a probe of sidecar-1 wait for main, or does a NetworkPolicy block what sidecar-1 needs?");

        life.Cluster.PushUntil("sidecar-1", "ready");
        await life.Proa.RunsMainAsync();
        Assert.Equal(2, life.Proa.Errors.Split("main has not started after").Length - 1);
        Assert.Contains("proa waits without a limit: --ready-timeout sets one", life.Proa.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wait_for_an_API_server_that_cannot_be_reached_is_said_with_what_may_be_in_the_way()
    {
        await using var life = await JumpyLife.PrepareAsync();
        await life.Cluster.Api.Faults.RefuseConnectionsAsync();
        life.Begin("--ready-timeout=10h", "echo", "main runs");
        await life.Proa.ComplainsAsync("; retrying");
        life.Pass(TimeSpan.FromSeconds(61));
        await SaysItLastsAsync(
            life,
            "1m",
            "cannot reach the API server",
            "does a NetworkPolicy, or a mesh's proxy that is not up yet, block the API server?");
        Assert.DoesNotContain("proa waits without a limit", life.Proa.Errors, StringComparison.Ordinal);

        await life.Cluster.Api.Faults.AcceptConnectionsAsync();
        life.Cluster.PushUntil("sidecar-1", "ready");
        Assert.Equal("main runs", await life.Proa.NextLineAsync());
    }

    [Fact]
    public async Task A_status_that_seems_to_be_of_a_former_life_because_the_clock_is_wrong_is_believed_in_the_end_with_a_warning()
    {
        await using var life = await JumpyLife.PrepareAsync();
        life.Cluster.PushUntil("sidecar-1", "ready");
        life.Jump(10); // within the time of the API server's certificate
        life.Begin("echo", "main runs");
        await life.Proa.ComplainsAsync("the Pod's status is not current yet: main is shown as running since");
        await life.WatchesAsync();
        life.Pass(TimeSpan.FromSeconds(20));
        life.Happens();
        Assert.DoesNotContain("main started", life.Proa.Errors, StringComparison.Ordinal);

        life.Pass(TimeSpan.FromSeconds(60));
        life.Happens();
        await life.Proa.RunsMainAsync();
        await life.Proa.ComplainsAsync(
            "\"level\":\"warning\",\"msg\":\"using the Pod's status after 30s, although it does not look current: main is shown as running since");
    }

    private static async Task SaysItLastsAsync(JumpyLife life, string minutes, string why, string hint)
    {
        await life.Proa.ComplainsAsync($"\"level\":\"warning\",\"msg\":\"main has not started after {minutes}");
        var line = life.Proa.Errors.Split('\n').Last(text => text.Contains("main has not started after", StringComparison.Ordinal));
        Assert.True(line.Contains(why, StringComparison.Ordinal) && line.Contains(hint, StringComparison.Ordinal), line);
    }
}
