using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Cluster;

public sealed class KubeconfigFiles
{
    [Fact]
    public async Task Of_several_the_first_that_has_a_name_decides_it_and_paths_are_relative_to_their_own_file()
    {
        await using var files = await FilesAsync();
        files.Write("first", $$"""
            current-context: here
            contexts: [{name: here, context: {cluster: lab, user: watcher, namespace: {{files.Cluster.Namespace}} } }]
            """);
        files.Write("second", $$"""
            current-context: elsewhere
            contexts: [{name: here, context: {cluster: elsewhere} }]
            clusters: [{name: lab, cluster: {server: "https://127.0.0.1:{{files.Cluster.Port}}", certificate-authority: account/ca.crt} }]
            users: [{name: watcher, user: {tokenFile: account/token} }]
            """);
        files.Write("third", """
            clusters: [{name: lab, cluster: {server: "https://127.0.0.1:1", insecure-skip-tls-verify: true}}]
            users: [{name: watcher, user: {exec: {command: aws}}}]
            """);
        await files.Cluster.WriteServiceAccountFilesAsync(Directory.CreateDirectory(files["second/account"]).FullName);
        files.Cluster.PushUntil("sidecar-1", "ready");
        await using var proa = files.Proa("first", "missing", "second", "third");
        var (exitCode, output, _) = await proa.ResultAsync();
        Assert.Equal((0, "main runs\n"), (exitCode, output));
    }

    [Fact]
    public async Task Of_several_that_are_missing_the_first_is_named()
    {
        await using var files = await FilesAsync();
        await AssertRefusedAsync(files, $"cannot read the kubeconfig {files["first/config"]}: ", "first", "second");
    }

    [Fact]
    public async Task What_no_file_has_is_named_with_all_files()
    {
        await using var files = await FilesAsync();
        files.Write("first", "current-context: here");
        files.Write("second", "clusters: []");
        await AssertRefusedAsync(
            files,
            $"cannot use the kubeconfig {files["first/config"]}:{files["second/config"]}: it has no context \"here\"",
            "first",
            "second");
    }

    [Fact]
    public async Task What_is_wrong_in_one_file_is_named_with_that_file()
    {
        await using var files = await FilesAsync();
        files.Write("first", "current-context: here\ncontexts: [{name: here, context: {cluster: lab}}]");
        files.Write("second", "clusters: [{name: lab, cluster: {server: nowhere}}]");
        await AssertRefusedAsync(
            files,
            $"cannot use the kubeconfig {files["second/config"]}: the cluster's server is not an http or https URL",
            "first",
            "second");
    }

    private static async Task AssertRefusedAsync(Files files, string problem, params string[] folders)
    {
        await using var proa = files.Proa(folders);
        await proa.FailsAsync(125, problem);
    }

    private static async Task<Files> FilesAsync() => new(await Cluster.StartAsync());

    /// <summary>Kubeconfig files, each named "config" in a folder of its own.</summary>
    private sealed class Files(Cluster cluster) : IAsyncDisposable
    {
        public Cluster Cluster => cluster;

        public string this[string path] => Path.Combine(cluster.Directory, path);

        public void Write(string folder, string content)
        {
            Directory.CreateDirectory(this[folder]);
            File.WriteAllText(this[folder + "/config"], content);
        }

        public RunningProcess Proa(params string[] folders) => RunningProcess.Start(
            [Executables.Proa, "echo", "main runs"],
            new Dictionary<string, string?>(cluster.Variables) { ["KUBECONFIG"] = string.Join(':', folders.Select(folder => this[folder + "/config"])) });

        public ValueTask DisposeAsync() => cluster.DisposeAsync();
    }
}
