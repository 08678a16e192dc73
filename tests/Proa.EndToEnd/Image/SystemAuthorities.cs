using Proa.EndToEnd.Processes;
using Proa.EndToEnd.Roots;

namespace Proa.EndToEnd.Image;

/// <summary>A kubeconfig that names no CA leaves it to the system's: these are the one thing that is the image's.</summary>
public sealed class SystemAuthorities(BaseImages images) : IClassFixture<BaseImages>
{
    [Theory]
    [InlineData(null)]
    [InlineData("/nowhere")]
    public async Task They_are_found_where_SSL_CERT_FILE_says_with_or_without_a_HOME(string? home)
    {
        await using var cluster = await StartAsync();
        var authorities = Path.Combine(cluster.Directory, "authorities.pem");
        await File.WriteAllTextAsync(authorities, cluster.Api.CertificateAuthorityPem, TestContext.Current.CancellationToken);
        var variables =
            new Dictionary<string, string?>(cluster.Variables)
            {
                ["HOME"] = home, ["SSL_CERT_FILE"] = authorities, ["SSL_CERT_DIR"] = "/nowhere", ["DOTNET_gcServer"] = "1",
            };
        await ImageLife.SucceedsAsync(cluster, command => RunningProcess.Start(command, variables), Executables.Proa);
    }

    [Theory]
    [InlineData("/etc/ssl/certs", "ca-certificates.crt")] // Alpine
    [InlineData("/etc/pki/tls/certs", "ca-bundle.crt")] // Fedora
    [InlineData("/etc/ssl", "ca-bundle.pem")] // openSUSE
    public async Task They_are_found_where_the_image_has_them(string directory, string file)
    {
        using var root = await Root.MakeAsync(images, BaseImage.Scratch, NameService.Default);
        await using var cluster = await StartAsync();
        await File.WriteAllTextAsync(
            Path.Combine(root.MakeDirectory(directory), file), cluster.Api.CertificateAuthorityPem, TestContext.Current.CancellationToken);
        File.Copy(cluster.Kubeconfig, Path.Combine(root.MakeDirectory("/etc"), "kubeconfig"));
        var variables = new Dictionary<string, string?>(cluster.Variables) { ["KUBECONFIG"] = "/etc/kubeconfig" };
        await ImageLife.SucceedsAsync(cluster, command => root.Start([], variables, command), "/proa");
    }

    private static async Task<Cluster.Cluster> StartAsync()
    {
        var cluster = await Cluster.Cluster.StartAsync();
        var kubeconfig = (await File.ReadAllLinesAsync(cluster.Kubeconfig, TestContext.Current.CancellationToken))
            .Where(line => !line.Contains("certificate-authority-data", StringComparison.Ordinal));
        await File.WriteAllLinesAsync(cluster.Kubeconfig, kubeconfig, TestContext.Current.CancellationToken);
        return cluster;
    }
}
