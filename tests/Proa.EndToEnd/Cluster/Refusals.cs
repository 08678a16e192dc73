using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Cluster;

/// <summary>What the API server refuses is borne for 30 s before proa gives up: the refusals of all tests here run side by side.</summary>
public sealed class RefusalsFixture : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _running = [];

    internal RunningProcess Forbidden { get; private set; } = null!;

    internal RunningProcess NoSuchPod { get; private set; } = null!;

    internal RunningProcess WrongAuthority { get; private set; } = null!;

    internal RunningProcess Expired { get; private set; } = null!;

    internal RunningProcess NotAccepted { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Forbidden = await StartAsync(await Cluster.StartAsync(allow: false));
        NoSuchPod = await StartAsync(await Cluster.StartAsync(), "--pod", "nobody");
        NotAccepted = await StartAsync(await Cluster.StartAsync(), change: text => text.Replace("token: ", "token: x", StringComparison.Ordinal));
        Expired = await StartAsync(await Cluster.StartAsync(options: new ApiServerOptions { Certificate = ServerCertificateKind.Expired }));
        var other = await Cluster.StartAsync();
        _running.Add(other);
        var authority = Line(await File.ReadAllTextAsync(other.Kubeconfig), "certificate-authority-data");
        WrongAuthority = await StartAsync(await Cluster.StartAsync(), change: text => text.Replace(Line(text, "certificate-authority-data"), authority, StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var running in Enumerable.Reverse(_running)) await running.DisposeAsync();
    }

    private async Task<RunningProcess> StartAsync(Cluster cluster, string? option = null, string? value = null, Func<string, string>? change = null)
    {
        if (change is not null) await File.WriteAllTextAsync(cluster.Kubeconfig, change(await File.ReadAllTextAsync(cluster.Kubeconfig)));
        var proa = cluster.Proa([.. option is null ? Array.Empty<string>() : [option, value!], "echo", "main runs"]);
        _running.Add(cluster);
        _running.Add(proa);
        return proa;
    }

    private static string Line(string text, string key) => text.Split('\n').Single(line => line.Contains(key, StringComparison.Ordinal));
}

public sealed class Refusals(RefusalsFixture refusals) : IClassFixture<RefusalsFixture>
{
    [Fact]
    public Task No_permission_ends_with_the_Role_and_RoleBinding_to_apply() => EndsWithAsync(
        refusals.Forbidden,
        "cannot watch the Pod: the API server answered 403: pods \"slow-sidecar\" is forbidden: User \"system:serviceaccount:lab:watcher\" cannot get resource \"pods\"",
        "let service account watcher get and watch pods in namespace lab",
        "kind: RoleBinding",
        "  namespace: lab");

    [Fact]
    public Task No_such_Pod_ends_with_the_name_that_was_looked_up_and_where_it_came_from() => EndsWithAsync(
        refusals.NoSuchPod,
        "the API server answered 404: pods \"nobody\" not found",
        "Pod lab/nobody was looked up, by --pod");

    [Fact]
    public Task A_token_that_is_not_accepted_ends_with_401() => EndsWithAsync(
        refusals.NotAccepted,
        "the API server answered 401: Unauthorized",
        "the token is not accepted");

    [Fact]
    public Task An_API_server_of_another_CA_is_not_trusted() => EndsWithAsync(
        refusals.WrongAuthority,
        "the API server's certificate is not trusted: it is not from the cluster's CA",
        "the CA file and the API server do not belong together");

    [Fact]
    public Task An_expired_certificate_is_not_trusted() => EndsWithAsync(
        refusals.Expired,
        "the API server's certificate is not trusted: it is valid from",
        "renew it, or correct the node's clock");

    private static async Task EndsWithAsync(RunningProcess proa, params string[] parts)
    {
        var (exitCode, output, errors) = await proa.ResultAsync();
        Assert.Equal((125, ""), (exitCode, output));
        foreach (var part in parts) Assert.Contains(part, errors, StringComparison.Ordinal);
    }
}
