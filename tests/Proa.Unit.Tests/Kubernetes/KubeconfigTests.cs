using System.Text;
using Proa.Kubernetes;

namespace Proa.Unit.Tests.Kubernetes;

public sealed class KubeconfigTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kubeconfig-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Of_several_files_the_first_that_has_a_name_decides_it_alone()
    {
        var access = Read(
            "current-context: here\ncontexts: [{name: here, context: {cluster: lab, user: watcher}}]",
            """
            current-context: elsewhere
            contexts: [{name: here, context: {cluster: elsewhere, namespace: elsewhere}}]
            clusters: [{name: lab, cluster: {server: "https://lab", certificate-authority: ca.crt}}]
            """,
            """
            clusters: [{name: lab, cluster: {server: "https://elsewhere", tls-server-name: elsewhere, insecure-skip-tls-verify: true}}]
            users: [{name: watcher, user: {token: s3cret}}]
            """);
        Assert.Equal("https://lab/", access.Server.ToString());
        Assert.Equal("s3cret", Text(access.Token));
        Assert.Equal(Path.Combine(_directory.FullName, "1", "ca.crt"), access.Authority?.Path);
        // Nothing of what a later file says of the same name is taken.
        Assert.Equal((null, null, false), (access.Namespace, access.ServerName, access.SkipVerification));
        Assert.Equal($"{PathOf(0)}:{PathOf(1)}:{PathOf(2)}", access.Source);
    }

    [Fact]
    public void An_empty_current_context_is_none_and_that_of_the_next_file_counts() => Assert.Equal(
        "https://lab/",
        Read("current-context: \"\"", Minimal()).Server.ToString());

    [Fact]
    public void A_file_that_is_missing_is_passed_over()
    {
        File.WriteAllText(PathOf(1), Minimal());
        Assert.Equal(PathOf(1), Kubeconfig.Read(PathOf(0), PathOf(1), PathOf(2)).Source);
    }

    [Fact]
    public void Where_all_are_missing_the_first_is_named() =>
        Assert.StartsWith($"cannot read the kubeconfig {PathOf(0)}: ", Refusal(() => Kubeconfig.Read(PathOf(0), PathOf(1))), StringComparison.Ordinal);

    [Fact]
    public void A_list_of_no_files_names_none() => Assert.Equal("KUBECONFIG names no file", Refusal(() => Kubeconfig.Read()));

    [Fact]
    public void A_directory_is_a_file_that_is_missing()
    {
        File.WriteAllText(PathOf(1), Minimal());
        Assert.Equal(PathOf(1), Kubeconfig.Read(_directory.FullName, PathOf(1)).Source);
        Assert.StartsWith($"cannot read the kubeconfig {_directory.FullName}: ", Refusal(() => Kubeconfig.Read(_directory.FullName)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_beyond_4_MiB_is_not_read()
    {
        using (var file = File.Create(PathOf(0))) file.SetLength((4 * 1024 * 1024) + 1);
        Assert.Equal($"cannot use the kubeconfig {PathOf(0)}: it is larger than 4194304 bytes", Refusal(() => Kubeconfig.Read(PathOf(0))));
    }

    [Theory]
    [InlineData("ca.crt", "/etc/kube/ca.crt")]
    [InlineData("pki/ca.crt", "/etc/kube/pki/ca.crt")]
    [InlineData("/pki/ca.crt", "/pki/ca.crt")]
    public void A_relative_path_is_relative_to_the_file_it_is_in(string path, string absolute)
    {
        var access = Parse(cluster: $"certificate-authority: {path}", user: $"tokenFile: {path}, client-certificate: {path}, client-key: {path}");
        Assert.Equal(
            [absolute, absolute, absolute, absolute],
            new[] { access.Authority, access.Token, access.ClientCertificate!.Value.Certificate, access.ClientCertificate!.Value.Key }.Select(c => c!.Path));
    }

    [Fact]
    public void What_is_given_inline_goes_before_a_file()
    {
        var data = Convert.ToBase64String("inline"u8);
        var access = Parse(
            cluster: $"certificate-authority: ca.crt, certificate-authority-data: {data}",
            user: $"tokenFile: token, token: inline, client-certificate: c, client-certificate-data: {data}, client-key: k, client-key-data: {data}");
        var (certificate, key) = access.ClientCertificate!.Value;
        Assert.Equal(["inline", "inline", "inline", "inline"], new[] { access.Authority, access.Token, certificate, key }.Select(Text));
    }

    [Fact]
    public void What_is_not_given_is_absent()
    {
        var access = Parse();
        Assert.Equal((null, null, null, null), (access.Authority, access.Token, access.ClientCertificate, access.ServerName));
        Assert.Equal((false, null), (access.SkipVerification, access.Namespace));
    }

    [Fact]
    public void What_else_is_given_of_the_cluster_and_the_context_is_taken()
    {
        var access = Parse(cluster: "tls-server-name: kubernetes, insecure-skip-tls-verify: true", context: "namespace: lab");
        Assert.Equal(("kubernetes", true, "lab"), (access.ServerName, access.SkipVerification, access.Namespace));
    }

    [Theory]
    [InlineData("certificate-authority-data: \"%\"", "", "certificate-authority-data is not base64")]
    [InlineData("", "client-certificate: c", "client-certificate and client-key go together")]
    [InlineData("", "client-key-data: AAAA", "client-certificate and client-key go together")]
    public void What_cannot_be_used_is_named(string cluster, string user, string problem) =>
        Assert.Equal("cannot use the kubeconfig /etc/kube/config: " + problem, Refusal(() => Parse(cluster, user)));

    [Theory]
    [InlineData("exec: {command: aws}")]
    [InlineData("auth-provider: {name: gcp}")]
    public void Credentials_of_a_plugin_are_refused(string user) =>
        Assert.Contains("gets its credentials from a plugin", Refusal(() => Parse(user: user)), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "it is not a kubeconfig")]
    [InlineData("[]", "it is not a kubeconfig")]
    [InlineData("a: [", "line ")]
    [InlineData("a: {b: c\nd: e", "")]
    [InlineData("a: &x b\nc: *x", "line 2: aliases are not read")]
    [InlineData("apiVersion: v1", "it has no current-context")]
    [InlineData("current-context: here", "it has no context \"here\"")]
    [InlineData("current-context: here\ncontexts: [{name: here}]", "its context \"here\" is empty")]
    [InlineData("current-context: here\ncontexts: [{name: here, context: {user: u}}]", "context here names no cluster")]
    [InlineData("current-context: here\ncontexts: [{name: here, context: {cluster: c}}]", "it has no cluster \"c\"")]
    [InlineData(
        "current-context: here\ncontexts: [{name: here, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: \"ftp://x\"}}]",
        "the cluster's server is not an http or https URL")]
    public void A_text_that_is_no_kubeconfig_is_refused_with_the_reason(string text, string problem) =>
        Assert.StartsWith(
            "cannot use the kubeconfig /etc/kube/config: " + problem,
            Refusal(() => Kubeconfig.Parse(text, "/etc/kube/config")),
            StringComparison.Ordinal);

    [Fact]
    public void A_text_that_is_nested_without_end_is_refused() => Assert.Contains(
        "it is nested more than 32 deep",
        Refusal(() => Kubeconfig.Parse("a: " + new string('[', 10_000) + new string(']', 10_000), "config")),
        StringComparison.Ordinal);

    private static string Minimal(string cluster = "", string user = "", string context = "") => $$"""
        current-context: here
        contexts: [{name: here, context: {cluster: lab, user: watcher, {{context}} } }]
        clusters: [{name: lab, cluster: {server: "https://lab", {{cluster}} } }]
        users: [{name: watcher, user: { {{user}} } }]
        """;

    private static ClusterAccess Parse(string cluster = "", string user = "", string context = "") =>
        Kubeconfig.Parse(Minimal(cluster, user, context), "/etc/kube/config");

    /// <summary>Each file is in a folder of its own.</summary>
    private string PathOf(int index) => Path.Combine(_directory.CreateSubdirectory($"{index}").FullName, "config");

    private ClusterAccess Read(params string[] texts)
    {
        for (var i = 0; i < texts.Length; i++) File.WriteAllText(PathOf(i), texts[i]);
        return Kubeconfig.Read([.. texts.Select((_, i) => PathOf(i))]);
    }

    private static string Refusal(Func<ClusterAccess> read) => Assert.Throws<CannotRunException>(read).Message;

    private static string? Text(Credential? credential) => credential?.Inline is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
}
