using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Cluster;

public sealed class BadInput
{
    [Theory]
    [InlineData("no COMMAND is given", "usage: proa [OPTION]... [--] COMMAND [ARG]...")]
    [InlineData("no COMMAND is given", "usage: proa", "--")]
    [InlineData("unknown option --shutdwon-timeout", "did you mean --shutdown-timeout?", "--shutdwon-timeout=3", "true")]
    [InlineData("unknown option -x", "proa --help", "-x", "true")]
    [InlineData("--shutdown-http-get \"localhost:80/x y\" is not", "", "-g", "localhost:80/x y", "true")]
    [InlineData("--shutdown-http-post \"http://\" is not a URL", "write it in full", "-p", "http://", "true")]
    [InlineData("--shutdown-http-get \"ftp://localhost/\" is not http or https", "only http:// and https://", "-gftp://localhost/", "true")]
    [InlineData("--ready-timeout \"soon\" is not a duration", "write 90, 1m30s or 500ms", "--ready-timeout", "soon", "true")]
    [InlineData("--ready-timeout \"1194h\" is not a duration", "write 90, 1m30s or 500ms; at most 1193h", "--ready-timeout", "1194h", "true")]
    [InlineData("--shutdown-timeout \"1194h\" is not a duration", "write 90, 1m30s or 500ms; at most 1193h", "--shutdown-timeout=1194h", "true")]
    [InlineData("option --ready-timeout needs an argument", "write --ready-timeout DURATION", "--ready-timeout")]
    [InlineData(
        "--kill \"/usr/bin/envoy\" is neither a file name nor a container",
        "give the executable's file name without its directory, or container/NAME",
        "-k",
        "/usr/bin/envoy",
        "true")]
    [InlineData("--kill \"container/\" is neither a file name nor a container", "or container/NAME", "-k", "container/", "true")]
    [InlineData("--kill \"container/main\" would signal our own container", "name a sidecar", "--container=main", "-k", "container/main", "true")]
    [InlineData("container \"proxy\" is in --kill and in --ignore", "remove it from one of them", "-k", "container/proxy", "--ignore=proxy", "true")]
    [InlineData("--kill-signal \"TREM\" is not a signal", "write TERM, SIGTERM or 15", "-K", "--kill-signal=TREM", "true")]
    [InlineData("--kill-signal \"65\" is not a signal", "write TERM, SIGTERM or 15", "-K", "--kill-signal", "65", "true")]
    [InlineData("--kill-signal has no effect without --kill or --kill-all", "name the processes with --kill", "--kill-signal=HUP", "true")]
    [InlineData("--install takes no COMMAND", "start COMMAND through the installed file", "--install=/tmp/proa", "true")]
    [InlineData("option --install needs an argument", "write --install PATH", "--install")]
    [InlineData("--verbose goes with --version", "--log-level debug logs more", "--verbose", "true")]
    public async Task A_wrong_command_line_is_named_with_the_remedy(string problem, string remedy, params string[] arguments)
    {
        await using var proa = RunningProcess.Start([Executables.Proa, .. arguments], RunningProcess.TextLog);
        await proa.FailsAsync(125, "proa: error: " + problem, remedy);
    }

    [Fact]
    public async Task A_wrong_variable_is_named()
    {
        await using var proa = RunningProcess.Start(
            [Executables.Proa, "true"],
            new Dictionary<string, string?> { ["PROA_LOG_FORMAT"] = "text", ["PROA_READY_TIMEOUT"] = "1 day" });
        var (exitCode, _, errors) = await proa.ResultAsync();
        Assert.Equal(125, exitCode);
        Assert.Contains("PROA_READY_TIMEOUT \"1 day\" is not a duration", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_and_version_go_to_stdout()
    {
        await using var help = RunningProcess.Start([Executables.Proa, "--help"]);
        Assert.StartsWith("Usage: proa [OPTION]... [--] COMMAND [ARG]...\n", await help.SucceedsAsync(), StringComparison.Ordinal);
        await using var version = RunningProcess.Start([Executables.Proa, "-V"]);
        Assert.Matches(@"^proa \d+\.\d+\.\d+", await version.SucceedsAsync());
    }

    [Theory]
    [InlineData("not in Kubernetes: neither KUBECONFIG nor KUBERNETES_SERVICE_HOST is set", "--no-wait", null, null)]
    [InlineData(
        "cannot read the service account token /var/run/secrets/kubernetes.io/serviceaccount/token: no such file",
        "automountServiceAccountToken",
        null,
        "10.0.0.1")]
    [InlineData("cannot read the kubeconfig /nowhere/config", "KUBECONFIG", "/nowhere/config", null)]
    public async Task Where_there_is_no_API_server_to_ask_it_says_what_was_looked_for(string problem, string remedy, string? kubeconfig, string? host)
    {
        await using var proa = RunningProcess.Start(
            [Executables.Proa, "echo", "main runs"],
            new Dictionary<string, string?>(RunningProcess.TextLog) { ["KUBECONFIG"] = kubeconfig, ["KUBERNETES_SERVICE_HOST"] = host, ["HOME"] = "/nowhere" });
        var errors = await proa.FailsAsync(125, problem, remedy);
        Assert.Equal(2, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length); // said once, with the hint
    }

    [Theory]
    [InlineData("certificate-authority-data:", "certificate-authority: /nowhere/ca.crt\n#", "cannot read the API server's CA /nowhere/ca.crt: no such file")]
    [InlineData("current-context:", "#", "it has no current-context")]
    [InlineData("server: https", "server: ftp", "the cluster's server is not an http or https URL")]
    [InlineData("token:", "exec: {command: aws}\n    #", "gets its credentials from a plugin")]
    [InlineData("apiVersion", "\t\"", "line ")]
    [InlineData("apiVersion", "x: {a: b\napiVersion", "it is not YAML")]
    [InlineData("token: ", "token: \"a b\" #", "contains a space or a line break")]
    public async Task A_kubeconfig_that_cannot_be_used_is_named_with_the_reason(string part, string replacement, string problem)
    {
        await using var cluster = await Cluster.StartAsync();
        var text = await File.ReadAllTextAsync(cluster.Kubeconfig, TestContext.Current.CancellationToken);
        Assert.Contains(part, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(cluster.Kubeconfig, text.Replace(part, replacement, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await using var proa = cluster.Proa("echo", "main runs");
        await proa.FailsAsync(125, problem);
    }

    [Theory]
    [InlineData(Server.Simulated)]
    [InlineData(Server.Real)]
    public async Task Sidecars_that_are_not_ready_in_time_are_named_and_the_exit_code_is_124(Server server)
    {
        await using var cluster = await TestCluster.StartAsync(server);
        await cluster.PushUntilAsync("sidecar-1", "running");
        await using var proa = cluster.Proa("--ready-timeout=3s", "echo", "main runs");
        await proa.FailsAsync(124, "the sidecars were not ready within 3s: sidecar-1: running, not ready");
    }

    [Fact]
    public async Task Without_any_time_to_wait_it_is_the_API_server_that_has_not_answered()
    {
        await using var cluster = await Cluster.StartAsync();
        await using var proa = cluster.Proa("--ready-timeout=0", "echo", "main runs");
        await proa.FailsAsync(124, "the sidecars were not ready at once: the API server has not answered yet\n");
    }

    [Fact]
    public async Task The_longest_durations_that_are_accepted_work()
    {
        await using var cluster = await Cluster.StartAsync();
        await using var proa = cluster.Proa(
            "--ready-timeout=1193h",
            "--shutdown-timeout=1193h",
            "-g",
            $"http://127.0.0.1:{cluster.Port}/quit",
            "sh",
            "-c",
            "echo main runs; exit 7");
        await cluster.WatchesAsync();
        cluster.PushUntil("sidecar-1", "ready");
        Assert.Equal("main runs", await proa.NextLineAsync());
        await proa.ComplainsAsync("cannot ask a sidecar to stop");
        cluster.PushUntil("sidecar-1", "terminated");
        Assert.Equal(7, await proa.ExitCodeAsync());
        Assert.Contains("sidecars ended: sidecar-1 0", proa.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Server.Simulated)]
    [InlineData(Server.Real)]
    public async Task A_sidecar_that_has_ended_for_good_ends_the_wait(Server server)
    {
        await using var cluster = await TestCluster.StartAsync(server, "sidecar-failed-never");
        await cluster.PushUntilAsync("sidecar-1", "terminated");
        await using var proa = cluster.Proa("echo", "main runs");
        await proa.FailsAsync(125, "cannot start main: sidecar sidecar-1 exited with 3 (Error) and will not be started again (restartPolicy Never)");
    }
}
