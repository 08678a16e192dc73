using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Image;

/// <summary>A kubeconfig that names no CA leaves it to the system's: these are the one thing that is the image's.</summary>
public sealed class SystemAuthorities
{
    [Theory]
    [InlineData(null)]
    [InlineData("/nowhere")]
    public async Task They_are_found_where_SSL_CERT_FILE_says_with_or_without_a_HOME(string? home)
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        var kubeconfig = (await File.ReadAllLinesAsync(cluster.Kubeconfig, TestContext.Current.CancellationToken))
            .Where(line => !line.Contains("certificate-authority-data", StringComparison.Ordinal));
        await File.WriteAllLinesAsync(cluster.Kubeconfig, kubeconfig, TestContext.Current.CancellationToken);
        var authorities = Path.Combine(cluster.Directory, "authorities.pem");
        await File.WriteAllTextAsync(authorities, cluster.Api.CertificateAuthorityPem, TestContext.Current.CancellationToken);
        var variables =
            new Dictionary<string, string?>(cluster.Variables)
            {
                ["HOME"] = home, ["SSL_CERT_FILE"] = authorities, ["SSL_CERT_DIR"] = "/nowhere", ["DOTNET_gcServer"] = "1",
            };
        await ImageLife.SucceedsAsync(cluster, command => RunningProcess.Start(command, variables), Executables.Proa);
    }
}
