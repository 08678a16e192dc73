using Proa.EndToEnd.Cluster;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Faults;

/// <summary>What is borne for 30 s: all of it runs side by side.</summary>
[CollectionDefinition(nameof(HalfMinute))]
public sealed class HalfMinute : ICollectionFixture<LastingFaults>, ICollectionFixture<RefusalsFixture>;

/// <summary>What proa bears for 10 s or 30 s: all of them run side by side, and end before a watch does.</summary>
public sealed class LastingFaults : SideBySide
{
    internal Ordeal WrongName { get; private set; } = null!;

    internal Ordeal Redirected { get; private set; } = null!;

    internal Cluster.Cluster RedirectTarget { get; private set; } = null!;

    internal Ordeal Recreated { get; private set; } = null!;

    internal Ordeal Gone { get; private set; } = null!;

    internal Ordeal GetUnanswered { get; private set; } = null!;

    internal Ordeal WatchUnanswered { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        GetUnanswered = Keep(await Ordeal.BeginAsync(FaultAction.NeverAnswer, request => request.Verb == "get"));
        WatchUnanswered = Keep(await Ordeal.BeginAsync(FaultAction.NeverAnswer, request => request.IsWatch));
        WrongName = (await PrepareAsync(new ApiServerOptions { Certificate = ServerCertificateKind.WrongName })).Begin();
        Redirected = await PrepareAsync();
        RedirectTarget = await Redirected.AnotherServerAsync();
        Redirected.Add(FaultAction.Redirect($"{RedirectTarget.Api.Url}api/v1/namespaces/lab/pods/slow-sidecar"), times: int.MaxValue);
        Redirected.Begin();

        Recreated = (await PrepareAsync()).Begin();
        Gone = (await PrepareAsync()).Begin();
        foreach (var ordeal in new[] { Recreated, Gone }) await ordeal.WatchesAsync();
        Recreated.Api.Store.ReplaceWithNewUid(Recreated.Cluster.Recorded.Namespace, Recreated.Cluster.Recorded.PodName);
        Gone.Api.Store.Delete(Gone.Cluster.Recorded.Namespace, Gone.Cluster.Recorded.PodName);
        // As of a real API server, soon after.
        await Gone.SaysAsync("the API server answered 404");
        Gone.Api.RevokeToken(Gone.Token);
    }

    private async Task<Ordeal> PrepareAsync(ApiServerOptions? options = null) => Keep(await Ordeal.PrepareAsync(options));
}

[Collection(nameof(HalfMinute))]
public sealed class Lasting(LastingFaults faults)
{
    private const int MostRequestsIn30Seconds = 30;

    [Fact]
    public async Task A_GET_that_is_not_answered_is_given_up_and_made_again()
    {
        await faults.GetUnanswered.SaysAsync("does not answer; retrying");
        await faults.GetUnanswered.EndsWellAsync(requestsAtMost: 3);
    }

    [Fact]
    public async Task A_watch_that_is_not_answered_is_given_up_and_made_again()
    {
        await faults.WatchUnanswered.SaysAsync("does not answer; retrying");
        await faults.WatchUnanswered.EndsWellAsync(requestsAtMost: 3);
        Assert.Equal(3, faults.WatchUnanswered.Api.Requests.Count);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_not_trusted()
    {
        await faults.WrongName.EndsBadlyAsync(
            "the API server's certificate is not trusted: it is for another name or address",
            "its subject alternative names must include the name or address that proa uses, or set tls-server-name in the kubeconfig");
        Assert.Empty(faults.WrongName.Api.Requests);
        Assert.InRange(faults.WrongName.Api.AcceptedConnections, 2, MostRequestsIn30Seconds);
    }

    [Fact]
    public async Task Redirects_are_never_followed()
    {
        await faults.Redirected.EndsBadlyAsync("the API server answered 302", "is KUBERNETES_SERVICE_HOST or the kubeconfig's server really an API server?");
        Assert.Equal(0, faults.RedirectTarget.Api.AcceptedConnections);
        Assert.InRange(faults.Redirected.Api.Requests.Count, 2, MostRequestsIn30Seconds);
    }

    [Fact]
    public async Task Another_Pod_of_the_same_name_is_not_taken_for_ours()
    {
        var pod = faults.Recreated.Cluster.Recorded;
        await faults.Recreated.EndsBadlyAsync($"Pod lab/slow-sidecar is another Pod of the same name: its uid is ", $", ours is {pod.PodUid}");
        Assert.InRange(faults.Recreated.Api.Requests.Count, 2, MostRequestsIn30Seconds);
    }

    [Fact]
    public async Task A_Pod_that_is_gone_ends_the_wait()
    {
        await faults.Gone.EndsBadlyAsync("the Pod is being deleted: main will not start", "the API server answered 404: pods \"slow-sidecar\" not found");
        Assert.InRange(faults.Gone.Api.Requests.Count, 2, MostRequestsIn30Seconds);
    }
}
