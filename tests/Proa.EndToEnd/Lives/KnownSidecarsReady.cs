using System.Text.Json;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Lives;

/// <summary>
/// Sidecars that are waited for by a test on localhost, in Pods as their injectors or their users make them. The stand-ins answer as the real
/// programs do; proa is given no option.
/// </summary>
public sealed class KnownSidecarsReady
{
    /// <summary>
    /// Listens on loopback and, where it has one, at its ready path answers 2xx as soon as /tmp/ready is there. With an app port its /healthz
    /// succeeds only while somebody listens at that. POST to its quit path ends it.
    /// </summary>
    private const string StandIn = """
        import http.server, os, signal, socket, sys, threading
        def listens(port):
            try: socket.create_connection(("127.0.0.1", int(port))).close()
            except OSError: return False
            return True
        class Handler(http.server.BaseHTTPRequestHandler):
            def status(self):
                if self.command == "POST" and self.path == os.environ["QUIT"]: return 204
                if self.command == "GET" and self.path == os.environ["READY"]: return 204 if os.path.exists("/tmp/ready") else 500
                if self.command == "GET" and self.path == "/v1.0/healthz": return 204 if listens(os.environ["APP_PORT"]) else 500
                return 404
            def answer(self):
                status = self.status()
                if self.command == "POST" or self.path == os.environ["READY"]: print(self.command, self.path, status, flush=True)
                self.send_response(status)
                self.end_headers()
                if self.command == "POST" and status == 204: threading.Thread(target=self.server.shutdown).start()
            do_GET = do_POST = answer
            def log_message(self, *arguments): pass
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["LISTEN"])), Handler)
        print("serving", flush=True)
        server.serve_forever()
        """;

    /// <summary>Says that it runs, and serves later.</summary>
    private const string Late = "import os, time\nprint('waits', flush=True)\nwhile not os.path.exists('/tmp/ready'): time.sleep(0.1)\n";

    private const string Dapr = "/v1.0/healthz/outbound";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dapr_whose_probe_waits_for_mains_port_starts_main_which_then_makes_it_ready(bool isNative)
    {
        var port = Workload.FreePort();
        var appPort = Workload.FreePort();
        // Main listens, and ends when Dapr's own probe has succeeded.
        var main = $$"""
            import socket, time, urllib.request
            listener = socket.create_server(("127.0.0.1", {{appPort}}))
            while True:
                try: urllib.request.urlopen("http://127.0.0.1:{{port}}/v1.0/healthz"); break
                except OSError: time.sleep(0.1)
            print("main runs", flush=True)
            """;
        await using var life = await Life.StartAsync(new Pod("daprd", port, Dapr, "/v1.0/shutdown")
        {
            Args = $"--dapr-http-port {port} --app-port {appPort}",
            Env = $"APP_PORT={appPort}",
            Probe = $"readinessProbe: {{periodSeconds: 1, failureThreshold: 1, httpGet: {{host: 127.0.0.1, path: /v1.0/healthz, port: {port}}}}}",
            Main = ["python3", "-c", main],
            IsNative = isNative,
        }.Yaml);
        await life.LogAsync($"; by http://localhost:{port}{Dapr})");
        await life.LogAsync($"daprd (http://localhost:{port}{Dapr}) answers 500");
        await MakeReadyAsync(life, "daprd");
        Assert.True((await life.EndAsync()).Succeeded);
        Assert.Contains("main runs", life.Simulator.Output.Of("main"));
        Assert.Equal(isNative ? 0 : 1, life.Simulator.Output.Of("daprd").Count(line => line == "POST /v1.0/shutdown 204"));
    }

    [Theory]
    [InlineData(
        "cloud-sql-proxy", "sidecar", "--quitquitquit --admin-port=%PORT% --health-check --http-port=%PORT% p:r:i", "", "/readiness", "/quitquitquit")]
    [InlineData(
        "db",
        "mirror.example/alloydb-auth-proxy:1",
        "--quitquitquit --health-check i",
        "ALLOYDB_PROXY_HTTP_PORT=%PORT% ALLOYDB_PROXY_ADMIN_PORT=%PORT%",
        "/readiness",
        "/quitquitquit")]
    [InlineData("stats", "prom/statsd-exporter:v0.28.0", "--web.enable-lifecycle --web.listen-address=:%PORT%", "", "/-/ready", "/-/quit")]
    public async Task Without_a_probe_its_own_endpoint_tells(string name, string image, string args, string env, string ready, string quit)
    {
        var port = Workload.FreePort();
        await using var life = await Life.StartAsync(new Pod(name, port, ready, quit) { Image = image, Args = args, Env = env }.Yaml);
        await life.LogAsync($"{name} (http://localhost:{port}{ready}) answers 500");
        Assert.DoesNotContain("main runs", life.Simulator.Output.Of("main"));
        await MakeReadyAsync(life, name);
        Assert.True((await life.EndAsync()).Succeeded);
        Assert.Contains($"POST {quit} 204", life.Simulator.Output.Of(name));
    }

    [Theory]
    [InlineData("vault-agent", "", "vault.hashicorp.com/agent-enable-quit: 'true', vault.hashicorp.com/agent-cache-listener-port: '%PORT%'", "/agent/v1/quit")]
    [InlineData("cloud-sql-proxy", "--quitquitquit --admin-port %PORT% p:r:i?port=%PORT%", "", "/quitquitquit")]
    public async Task Without_an_endpoint_its_port_tells(string name, string args, string annotations, string quit)
    {
        var port = Workload.FreePort();
        await using var life = await Life.StartAsync(new Pod(name, port, "/none", quit) { Args = args, Annotations = annotations, IsLate = true }.Yaml);
        await life.LogAsync($"{name} (localhost:{port}) refuses connections");
        // So it does before the sidecar is started, too.
        await life.OutputAsync(name, "waits");
        await MakeReadyAsync(life, name);
        Assert.True((await life.EndAsync()).Succeeded);
        Assert.Contains($"POST {quit} 204", life.Simulator.Output.Of(name));
    }

    [Theory]
    [InlineData("kuma-sidecar", "kuma/kuma-dp")]
    [InlineData("wait", "quay.example/argoproj/argoexec:v3.7.3")]
    public async Task What_ends_by_itself_after_main_is_neither_asked_nor_awaited(string name, string image)
    {
        await using var life = await Life.StartAsync(new Pod(name, Workload.FreePort(), "/ready", "/quitquitquit") { Image = image }.Yaml);
        await life.Simulator.WaitForPodAsync(pod => AfterMain.ExitCodeOf(pod, "main") == 0, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(life.Messages, m => m.Contains("nothing stops", StringComparison.Ordinal));
        await life.OutputAsync(name, "serving");
        Assert.Equal(["serving"], life.Simulator.Output.Of(name));
    }

    [Fact]
    public async Task One_that_has_ended_for_good_is_an_error_whatever_its_test_says()
    {
        await using var life = await Life.StartAsync(new Pod("daprd", Workload.FreePort(), Dapr, "/v1.0/shutdown") { IsBroken = true }.Yaml);
        await life.LogAsync("cannot start main: sidecar daprd exited with 3 (Error) and will not be started again");
        Assert.False((await life.EndAsync()).Succeeded);
    }

    [Fact]
    public async Task No_more_requests_go_to_the_API_server_than_with_flags()
    {
        Assert.Equal(await AskedAsync("--known=off", "--shutdown-http-post=http://localhost:%PORT%/v1.0/shutdown"), await AskedAsync());

        static async Task<string> AskedAsync(params string[] options)
        {
            var port = Workload.FreePort();
            await using var life = await Life.StartAsync(new Pod("daprd", port, Dapr, "/v1.0/shutdown")
            {
                Args = "--dapr-http-port %PORT%",
                Probe = $"readinessProbe: {{periodSeconds: 1, failureThreshold: 1, httpGet: {{host: 127.0.0.1, path: {Dapr}, port: {port}}}}}",
                Options = options,
            }.Yaml);
            await life.OutputAsync("daprd", "serving");
            await life.LogAsync("waiting for daprd");
            await MakeReadyAsync(life, "daprd");
            Assert.True((await life.EndAsync()).Succeeded);
            return string.Join(", ", life.Simulator.Api.Requests.Select(r => r.Verb));
        }
    }

    [Fact]
    public async Task An_ignored_name_that_is_not_in_the_Pod_is_one_warning()
    {
        await using var life = await Life.StartAsync(
            new Pod("stats", Workload.FreePort(), "/-/ready", "/-/quit") { Options = ["--ignore=stat", "--ignore=stats"] }.Yaml);
        await life.LogAsync("main started");
        Assert.Equal(
            ["--ignore stat: the Pod has no container of this name; it has main, stats"],
            life.Messages.Where(m => m.StartsWith("--ignore", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_URLs_of_the_Cloud_SQL_operator_are_asked_where_the_Pod_is_not_seen()
    {
        var port = Workload.FreePort();
        await using var life = await Life.StartAsync(new Pod("own", port, "/readiness", "/quitquitquit")
        {
            MainEnv = $"CSQL_PROXY_QUIT_URLS=http://localhost:{port}/quitquitquit",
            Options = ["--no-api"],
        }.Yaml);
        Assert.True((await life.EndAsync()).Succeeded);
        Assert.Contains("POST /quitquitquit 204", life.Simulator.Output.Of("own"));
        Assert.Empty(life.Simulator.Api.Requests);
    }

    private static async Task MakeReadyAsync(Life life, string container) =>
        Assert.Equal(0, (await life.Simulator.ExecAsync(container, ["touch", "/tmp/ready"], TestContext.Current.CancellationToken)).ExitCode);

    private sealed record Pod(string Name, int Port, string Ready, string Quit)
    {
        public string Image { get; init; } = "sidecar";
        public string Args { get; init; } = "";
        public string Env { get; init; } = "";
        public string MainEnv { get; init; } = "";
        public string Annotations { get; init; } = "";
        public string Probe { get; init; } = "";
        public string[] Options { get; init; } = [];
        public string[] Main { get; init; } = ["sh", "-c", "echo main runs"];
        public bool IsNative { get; init; }

        /// <summary>Whether it listens only when /tmp/ready is there.</summary>
        public bool IsLate { get; init; }
        public bool IsBroken { get; init; }

        public string Yaml => string.Join('\n',
        [
            "apiVersion: batch/v1",
            "kind: Job",
            "metadata: {name: known}",
            "spec:",
            "  backoffLimit: 0",
            "  template:",
            $"    metadata: {{annotations: {{{Annotations}}}}}",
            "    spec:",
            "      restartPolicy: Never",
            .. IsNative ? ["      initContainers:", .. Sidecar(), "        restartPolicy: Always"] : Array.Empty<string>(),
            "      containers:",
            "      - name: main",
            "        image: main",
            $"        command: {JsonSerializer.Serialize((string[])["/proa", .. Options, "--", .. Main])}",
            "        env:",
            .. Variables("NONE=none " + MainEnv),
            .. IsNative ? [] : Sidecar(),
            "",
        ]).Replace("%PORT%", $"{Port}", StringComparison.Ordinal);

        private IEnumerable<string> Sidecar() =>
        [
            $"      - name: {Name}",
            $"        image: {Image}",
            $"        command: {JsonSerializer.Serialize(Command)}",
            $"        args: {JsonSerializer.Serialize(Args.Split(' ', StringSplitOptions.RemoveEmptyEntries))}",
            "        env:",
            .. Variables($"LISTEN={Port} READY={Ready} QUIT={Quit} {Env}"),
            .. Probe.Length > 0 ? ["        " + Probe] : Array.Empty<string>(),
        ];

        private string[] Command => IsBroken ? ["python3", "-c", "raise SystemExit(3)"]
            : ["python3", "-c", (IsLate ? Late : "") + StandIn];

        private static IEnumerable<string> Variables(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => $"        - {{name: {pair.Split('=')[0]}, value: '{pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]}'}}");
    }
}
