using Proa.EndToEnd.Faults;
using Proa.EndToEnd.Processes;
using Proa.EndToEnd.RealServer;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Cluster;

/// <summary>What the API server refuses is borne for 30 s before proa gives up: the refusals of all tests here run side by side.</summary>
public sealed class RefusalsFixture : SideBySide
{
    private readonly Dictionary<(Server, Refusal), (RunningProcess Proa, string Namespace)> _refused = [];

    public override async ValueTask InitializeAsync()
    {
        await StartAllAsync(Server.Simulated);
        await StartAsync(
            await Cluster.StartAsync(options: new ApiServerOptions { Certificate = ServerCertificateKind.Expired }),
            Server.Simulated,
            Refusal.Expired);
        await StartAsync(
            await TestCluster.StartAsync(Server.Simulated),
            Server.Simulated,
            Refusal.ImpossibleName,
            change: text => text.Replace("certificate-authority-data: ", "tls-server-name: \".\"\n    certificate-authority-data: ", StringComparison.Ordinal));
        if (ControlPlane.Assets is not null) await StartAllAsync(Server.Real);
    }

    /// <summary>The proa that is refused so, and its Pod's namespace.</summary>
    internal (RunningProcess Proa, string Namespace) this[Server server, Refusal refusal]
    {
        get
        {
            if (server == Server.Real) ControlPlane.Require();
            return _refused[(server, refusal)];
        }
    }

    private async Task StartAllAsync(Server server)
    {
        await StartAsync(await TestCluster.StartAsync(server, allow: false), server, Refusal.Forbidden);
        await StartAsync(await TestCluster.StartAsync(server), server, Refusal.NoSuchPod, ["--pod", "nobody"]);
        await StartAsync(
            await TestCluster.StartAsync(server),
            server,
            Refusal.NotAccepted,
            change: text => text.Replace("token: ", "token: x", StringComparison.Ordinal));
        var other = Keep(await Cluster.StartAsync());
        var authority = Line(await File.ReadAllTextAsync(other.Kubeconfig), "certificate-authority-data");
        await StartAsync(
            await TestCluster.StartAsync(server),
            server,
            Refusal.WrongAuthority,
            change: text => text.Replace(Line(text, "certificate-authority-data"), authority, StringComparison.Ordinal));
    }

    private async Task StartAsync(TestCluster cluster, Server server, Refusal refusal, string[]? options = null, Func<string, string>? change = null)
    {
        Keep(cluster);
        if (change is not null) await File.WriteAllTextAsync(cluster.Kubeconfig, change(await File.ReadAllTextAsync(cluster.Kubeconfig)));
        var proa = Keep(cluster.Proa([.. options ?? [], "echo", "main runs"]));
        _refused.Add((server, refusal), (proa, cluster.Namespace));
    }

    private static string Line(string text, string key) => text.Split('\n').Single(line => line.Contains(key, StringComparison.Ordinal));
}

internal enum Refusal
{
    Forbidden,
    NoSuchPod,
    NotAccepted,
    WrongAuthority,
    Expired,
    ImpossibleName,
}

[Collection(nameof(HalfMinute))]
public sealed class Refusals(RefusalsFixture refusals)
{
    [Theory]
    [InlineData(Server.Simulated)]
    [InlineData(Server.Real)]
    public Task No_permission_ends_with_the_Role_and_RoleBinding_to_apply(Server server) => EndsWithAsync(
        refusals[server, Refusal.Forbidden],
        "cannot watch the Pod: the API server answered 403: pods \"slow-sidecar\" is forbidden: User \"system:serviceaccount:NAMESPACE:watcher\" "
            + "cannot get resource \"pods\"",
        "let service account watcher get and watch pods in namespace NAMESPACE",
        "kind: RoleBinding",
        "  namespace: NAMESPACE");

    [Theory]
    [InlineData(Server.Simulated)]
    [InlineData(Server.Real)]
    public Task No_such_Pod_ends_with_the_name_that_was_looked_up_and_where_it_came_from(Server server) => EndsWithAsync(
        refusals[server, Refusal.NoSuchPod],
        "the API server answered 404: pods \"nobody\" not found",
        "Pod NAMESPACE/nobody was looked up, by --pod");

    [Theory]
    [InlineData(Server.Simulated)]
    [InlineData(Server.Real)]
    public Task A_token_that_is_not_accepted_ends_with_401(Server server) => EndsWithAsync(
        refusals[server, Refusal.NotAccepted],
        "the API server answered 401: Unauthorized",
        "the token is not accepted");

    [Theory]
    [InlineData(Server.Simulated)]
    [InlineData(Server.Real)]
    public Task An_API_server_of_another_CA_is_not_trusted(Server server) => EndsWithAsync(
        refusals[server, Refusal.WrongAuthority],
        "the API server's certificate is not trusted: it is not from the cluster's CA",
        "the CA file and the API server do not belong together");

    [Fact]
    public async Task An_expired_certificate_is_not_trusted()
    {
        var refused = refusals[Server.Simulated, Refusal.Expired];
        await EndsWithAsync(refused, "the API server's certificate is not trusted: it is valid from", "renew it, or correct the node's clock");
        Assert.Equal(2, refused.Proa.Errors.Split("; retrying").Length); // said once
    }

    [Fact]
    public Task A_name_that_no_certificate_can_have_is_not_trusted() => EndsWithAsync(
        refusals[Server.Simulated, Refusal.ImpossibleName],
        "the API server's certificate is not trusted: it is for another name or address",
        "set tls-server-name in the kubeconfig");

    private static Task<string> EndsWithAsync((RunningProcess Proa, string Namespace) refused, params string[] parts) =>
        refused.Proa.FailsAsync(125, [.. parts.Select(part => part.Replace("NAMESPACE", refused.Namespace, StringComparison.Ordinal))]);
}
