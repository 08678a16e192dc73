using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Conditions;

/// <summary>
/// <c>--known KIND</c> in a Pod without a token, a service account or an API server: a network of its own, in which a stand-in has the
/// sidecar's usual ports.
/// </summary>
public sealed class KnownKinds
{
    /// <summary>
    /// Its arguments: the file that makes it ready, the one where it says that it serves, and METHOD:PORT/PATH=STATUS; a path that is not
    /// there is 404, a method 405. A POST that is answered 2xx ends it.
    /// </summary>
    private const string StandIn = """
        import http.server, os, sys, threading
        rules = {}
        for rule in sys.argv[3:]:
            (method, rest), status = rule.rsplit("=", 1)[0].split(":", 1), rule.rsplit("=", 1)[1]
            port, path = rest.split("/", 1)
            rules.setdefault(int(port), {}).setdefault("/" + path, {})[method] = status
        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                methods = rules[self.server.server_port].get(self.path)
                status = 404 if methods is None else methods.get(self.command, "405")
                if status == "ready": status = 200 if os.path.exists(sys.argv[1]) else 503
                print("sidecar:", self.command, self.path, status, file=sys.stderr, flush=True)
                self.send_response(int(status))
                self.end_headers()
                if self.command == "POST" and int(status) < 300: os._exit(0)
            do_GET = do_POST = answer
            def log_message(self, *arguments): pass
        servers = [http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler) for port in rules]
        for server in servers: threading.Thread(target=server.serve_forever).start()
        print("serves", file=open(sys.argv[2], "w"), flush=True)
        """;

    [Theory]
    [InlineData("linkerd", "http://localhost:4191/ready", "POST /shutdown 200", "GET:4191/ready=ready", "POST:4191/shutdown=200")]
    [InlineData("istio", "http://localhost:15021/healthz/ready", "POST /quitquitquit 200", "GET:15021/healthz/ready=ready", "POST:15020/quitquitquit=200")]
    [InlineData("dapr", "http://localhost:3500/v1.0/healthz/outbound", "POST /v1.0/shutdown 204", "GET:3500/v1.0/healthz/outbound=ready",
        "POST:3500/v1.0/shutdown=204")]
    [InlineData("cloud-sql", "http://localhost:9090/readiness", "POST /quitquitquit 200", "GET:9090/readiness=ready", "POST:9091/quitquitquit=200")]
    [InlineData("envoy", "http://localhost:9901/ready", "POST /quitquitquit 200", "GET:9901/ready=ready", "POST:9901/quitquitquit=200")]
    public async Task A_kind_is_waited_for_and_asked_to_stop(string kind, string test, string quit, params string[] rules)
    {
        using var directory = new TemporaryDirectory();
        await using var proa = Start(directory, rules, "--no-api", "--known", kind);
        await proa.ComplainsAsync($"proa: waiting for {kind} ({test})\n");
        await proa.ComplainsAsync($"{kind} ({test}) answers 503\n");
        Assert.Equal("", proa.Output);
        directory.Write("ready", "");
        await proa.StartsMainAsync();
        Assert.Contains($"sidecar: {quit}\n", proa.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("it answered 404", "config.linkerd.io/proxy-admin-shutdown: enabled")]
    [InlineData("it answered 405", "config.linkerd.io/proxy-admin-shutdown: enabled", "GET:4191/shutdown=200")]
    public async Task An_endpoint_that_is_switched_off_is_a_warning_with_the_remedy_and_main_keeps_its_code(
        string why, string remedy, params string[] rules)
    {
        using var directory = new TemporaryDirectory();
        directory.Write("ready", "");
        await using var proa = Start(directory, ["GET:4191/ready=ready", .. rules], "--no-api", "--known=linkerd");
        var (exitCode, output, errors) = await proa.ResultAsync();
        Assert.Equal((0, "main runs\n"), (exitCode, output));
        Assert.Contains(why, errors, StringComparison.Ordinal);
        Assert.Contains(remedy, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kind_that_ends_by_itself_is_waited_for_and_not_asked()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("ready", "");
        await using var proa = Start(directory, ["GET:9902/ready=ready", "POST:9901/quitquitquit=200"], "--no-api", "--known=kuma");
        await proa.StartsMainAsync();
        Assert.DoesNotContain("quitquitquit", proa.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_no_wait_a_kind_is_only_asked()
    {
        using var directory = new TemporaryDirectory();
        await using var proa = Start(directory, ["GET:4191/ready=ready", "POST:4191/shutdown=200"], "--no-wait", "--known=linkerd");
        await proa.StartsMainAsync();
        Assert.DoesNotContain("sidecar: GET", proa.Errors, StringComparison.Ordinal);
        Assert.Contains("sidecar: POST /shutdown 200\n", proa.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ready")]
    [InlineData(null)]
    public async Task Without_an_API_server_the_error_names_the_line_for_the_sidecars_that_are_here(string? file)
    {
        using var directory = new TemporaryDirectory();
        if (file is not null) directory.Write(file, "");
        await using var proa = Start(directory, ["GET:4191/ready=ready", "GET:3500/v1.0/healthz/outbound=204", "GET:9090/=200"]);
        var errors = await proa.EndsWithoutMainAsync(125);
        Assert.Contains("not in Kubernetes", errors, StringComparison.Ordinal);
        Assert.Contains(
            "linkerd and dapr answer on localhost: to wait for and stop them without an API server, write --no-api --known linkerd --known dapr; or: ",
            errors,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_names_it_too_and_tells_what_each_test_says()
    {
        using var directory = new TemporaryDirectory();
        await using (var proa = Start(directory, ["GET:4191/ready=ready"], ["--check"]))
            Assert.Contains("write --no-api --known linkerd; or: ", (await proa.ResultAsync()).Output, StringComparison.Ordinal);
        using var another = new TemporaryDirectory();
        await using (var proa = Start(another, ["GET:4191/ready=ready"], "--check", "--no-api", "--known=linkerd"))
        {
            var (exitCode, output, _) = await proa.ResultAsync();
            Assert.Equal(124, exitCode);
            Assert.Contains("\nwait for     linkerd (http://localhost:4191/ready): answers 503\n", output, StringComparison.Ordinal);
        }
    }

    /// <summary>Starts proa where the stand-in serves; a file "ready" in the directory makes it ready.</summary>
    private static RunningProcess Start(TemporaryDirectory directory, string[] rules, params string[] options)
    {
        Executables.RequireRoot("make a network of one's own");
        Executables.Require("ip", "iproute2");
        // Proa is started when the stand-in serves. What that says on stderr is there before its answer is, however soon proa then ends.
        const string script = """
            ip link set lo up
            mkfifo "$1/said"
            python3 -c "$0" "$1/ready" "$1/said" $2 &
            read -r line <"$1/said"
            shift 2
            exec "$@"
            """;
        string[] command = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-ec", script, StandIn];
        return RunningProcess.Start(
            [
                .. command, directory.Path, string.Join(' ', rules), Executables.Proa, .. options,
                .. options.Contains("--check") ? Array.Empty<string>() : ["--", "echo", "main runs"],
            ],
            new Dictionary<string, string?>(Waiting.AsText) { ["KUBECONFIG"] = null, ["KUBERNETES_SERVICE_HOST"] = null, ["HOME"] = "/nonexistent" });
    }
}
