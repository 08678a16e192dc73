using System.Text.RegularExpressions;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Faults;

public sealed partial class Credentials
{
    [Fact]
    public async Task A_token_that_is_replaced_while_proa_waits_is_read_again()
    {
        await using var life = await PodLife.StartAsync(new() { Sidecars = [new() { Script = "until [ -f /tmp/ready ]; do sleep 0.05; done; sleep 1000" }] });
        await life.LogAsync("running, not ready");
        await life.Simulator.Api.WaitForWatchersAsync(1, Ordeal.Cancellation);
        life.Simulator.RotateToken();
        life.Simulator.Api.Faults.ResetConnections();
        var refused = await life.Simulator.Api.WaitForRequestAsync(request => request.Status == 401, 0, Ordeal.Cancellation);
        await life.Simulator.Api.WaitForRequestAsync(request => request is { IsWatch: true, Status: 200 }, refused.Index, Ordeal.Cancellation);
        await life.MakeSidecarReadyAsync();
        await life.OutputAsync("main", "main runs");
        Assert.Single(life.Simulator.Api.Requests, request => request.Status == 401);
        Assert.DoesNotContain(life.Messages, message => message.Contains("answered 401", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_that_is_not_accepted_is_read_again_until_it_is()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        var files = UseFiles(ordeal);
        var revoked = Token(ordeal);
        ordeal.Api.RevokeToken(revoked);
        ordeal.Api.WriteServiceAccountFiles(files, revoked, ordeal.Cluster.Recorded.Namespace);
        ordeal.Begin();
        await ordeal.SaysAsync("the API server answered 401: Unauthorized; retrying");
        ordeal.Api.WriteServiceAccountFiles(files, Token(ordeal), ordeal.Cluster.Recorded.Namespace);
        await ordeal.WatchesAsync();
        await ordeal.EndsWellAsync(requestsAtMost: 12);
    }

    [Fact]
    public async Task A_CA_that_is_not_the_servers_is_read_again_until_it_is()
    {
        await using var ordeal = await Ordeal.PrepareAsync();
        var files = UseFiles(ordeal);
        var stranger = await ordeal.AnotherServerAsync();
        stranger.Api.WriteServiceAccountFiles(files, Token(ordeal), ordeal.Cluster.Recorded.Namespace);
        ordeal.Begin();
        await ordeal.SaysAsync("the API server's certificate is not trusted: it is not from the cluster's CA");
        Assert.Empty(ordeal.Api.Requests); // nor is the token sent
        ordeal.Api.WriteServiceAccountFiles(files, Token(ordeal), ordeal.Cluster.Recorded.Namespace);
        await ordeal.WatchesAsync();
        await ordeal.EndsWellAsync(requestsAtMost: 2);
    }

    /// <summary>Has the kubeconfig name the files of a service account.</summary>
    private static string UseFiles(Ordeal ordeal)
    {
        ordeal.Configure(text => TokenLine().Replace(AuthorityLine().Replace(text, "certificate-authority: account/ca.crt"), "tokenFile: account/token"));
        return Directory.CreateDirectory(Path.Combine(ordeal.Cluster.Directory, "account")).FullName;
    }

    private static string Token(Ordeal ordeal)
    {
        var pod = ordeal.Cluster.Recorded;
        return ordeal.Api.IssueToken(pod.Namespace, "watcher", pod.PodName, pod.PodUid);
    }

    [GeneratedRegex("certificate-authority-data: .*")]
    private static partial Regex AuthorityLine();

    [GeneratedRegex("token: .*")]
    private static partial Regex TokenLine();
}
