using System.Text.RegularExpressions;
using Proa.EndToEnd.Cluster;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.RealServer;

/// <summary>The simulator's API server is as good as a real one where proa says the same of both.</summary>
public sealed partial class SameStory
{
    [Theory]
    [InlineData("slow-sidecar")]
    [InlineData("proxy-first")]
    [InlineData("main-retried")]
    [InlineData("oom-killed")]
    [InlineData("sidecar-failed-never")]
    [InlineData("deleted")]
    [InlineData("crash-loop", true)]
    [InlineData("image-missing", true)]
    public async Task What_proa_says_of_a_recorded_Pod_is_the_same_as_with_the_simulator(string recording, bool isNeverReady = false) =>
        Assert.Equal(await ToldAsync(Server.Simulated, recording, isNeverReady), await ToldAsync(Server.Real, recording, isNeverReady));

    [Theory]
    [InlineData("native-sidecar", 29)]
    [InlineData("restart-rules", 35)]
    public async Task So_it_is_of_a_Pod_that_older_versions_do_not_know(string recording, int minorVersion)
    {
        await ControlPlane.RequireVersionAsync(minorVersion);
        await What_proa_says_of_a_recorded_Pod_is_the_same_as_with_the_simulator(recording);
    }

    private static async Task<string> ToldAsync(Server server, string recording, bool isNeverReady)
    {
        await using var cluster = await TestCluster.StartAsync(server, recording);
        await using var proa = cluster.Proa("echo", "main runs");
        await cluster.WatchesAsync();
        await cluster.PushUntilAsync(_ => cluster.Recorded.Left == 0);
        if (isNeverReady)
        {
            await cluster.DeletePodAsync();
            await proa.ComplainsAsync("the Pod is being deleted");
            proa.Send(Signal.TERM);
        }

        var (exitCode, output, errors) = await proa.ResultAsync();
        return Seconds().Replace($"{output}{errors}{exitCode}", "N s").Replace(cluster.Namespace, "NAMESPACE", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\d+\.\d s\b")]
    private static partial Regex Seconds();
}
