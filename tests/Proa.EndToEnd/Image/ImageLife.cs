using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Image;

/// <summary>A whole life over TLS, which begins and ends as in any other image.</summary>
internal static class ImageLife
{
    /// <summary>Starts proa and goes through the life.</summary>
    /// <param name="cluster">Whose Pod it is.</param>
    /// <param name="start">Starts the command, in which proa is.</param>
    /// <param name="proa">The executable.</param>
    public static async Task SucceedsAsync(Cluster.Cluster cluster, Func<string[], RunningProcess> start, string proa)
    {
        await using var life = start([proa, "-g", "http://localhost:1/quit", "--", proa, "--version"]);
        var watches = cluster.Api.WaitForWatchersAsync(1, TestContext.Current.CancellationToken);
        if (await Task.WhenAny(watches, life.ExitCodeAsync()) != watches)
            Assert.Fail($"it has ended with {await life.ExitCodeAsync()}; stdout: {life.Output}; stderr: {life.Errors}");
        cluster.PushUntil("sidecar-1", "ready");
        Assert.StartsWith("proa ", await life.NextLineAsync(), StringComparison.Ordinal);
        cluster.PushUntil("sidecar-1", "terminated");
        Assert.Equal(0, await life.ExitCodeAsync());
        await life.ComplainsAsync("sidecars ended: sidecar-1 0");
    }
}
