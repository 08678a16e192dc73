using System.Text.Json;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Lives;

/// <summary>Sidecars of several kinds in one Pod: plain ones end first, shippers after them, and the proxy that carries the network last.</summary>
public sealed class EndInOrder
{
    /// <summary>Ends some time after it is asked, and says so, or not at all.</summary>
    private const string StandIn = """
        import http.server, os, threading, time
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                print("asked", flush=True)
                if os.environ.get("STUBBORN") == "silent": threading.Event().wait()
                self.send_response(200 if self.path == os.environ["QUIT"] else 404)
                self.end_headers()
                if "STUBBORN" not in os.environ: threading.Thread(target=server.shutdown).start()
            def log_message(self, *arguments): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["LISTEN"])), Handler)
        server.serve_forever()
        print("ends", flush=True)
        """;

    /// <summary>Carries the Pod's connections to the API server. When asked it takes no more of them, and ends when none is left, whenever that is.</summary>
    private const string Proxy = """
        import http.server, os, socket, sys, threading
        up, lock, idle = 0, threading.Lock(), threading.Event()
        def pump(a, b):
            try:
                while data := a.recv(65536): b.sendall(data)
            except OSError: pass
            for s in (a, b):
                try: s.shutdown(socket.SHUT_RDWR)
                except OSError: pass
        def carry(client):
            global up
            server = socket.create_connection(("127.0.0.1", int(os.environ["KUBERNETES_SERVICE_PORT"])))
            back = threading.Thread(target=pump, args=(server, client)); back.start(); pump(client, server); back.join()
            client.close(); server.close()
            with lock:
                up -= 1
                if up == 0: idle.set()
        listener = socket.create_server(("127.0.0.1", int(os.environ["CARRY"])))
        def accept():
            global up
            while True:
                try: client = listener.accept()[0]
                except OSError: return
                with lock: up += 1; idle.clear()
                threading.Thread(target=carry, args=(client,)).start()
        threading.Thread(target=accept).start()
        def drain():
            listener.shutdown(socket.SHUT_RDWR); listener.close()
            with lock:
                if up == 0: idle.set()
            idle.wait(); print("drained", flush=True); os._exit(0)
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                print("asked", flush=True)
                self.send_response(200); self.end_headers(); self.wfile.flush()
                threading.Thread(target=drain).start()
            def log_message(self, *arguments): pass
        http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["LISTEN"])), Handler).serve_forever()
        """;

    [Fact]
    public async Task Five_kinds_end_in_order_and_the_API_server_is_only_to_be_reached_through_the_last()
    {
        await using var life = await Life.StartAsync(Job(mainsExitCode: 3, stubborn: ""));
        var outcome = await life.EndAsync();
        Assert.Equal(3, outcome.Pods[^1].Containers.Single(c => c.Name == "main").ExitCode);
        string[] said =
            [.. life.Simulator.Output.Where(line => line.Text is "asked" or "ends" or "drained").Select(line => $"{line.Container} {line.Text}")];
        string[] plain = ["cloud-sql-proxy", "daprd", "vault-agent"];
        var first = plain.SelectMany(name => new[] { $"{name} asked", $"{name} ends" });
        Assert.Equal(first.Order(StringComparer.Ordinal), said[..6].Order(StringComparer.Ordinal));
        Assert.Equal(["statsd asked", "statsd ends", "istio-proxy asked", "istio-proxy drained"], said[6..]);
        Assert.DoesNotContain(life.Messages, message => message.Contains("not waiting for", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_plain_sidecar_that_does_not_end_has_its_share_of_the_budget_and_the_others_have_theirs()
    {
        await using var life = await Life.StartAsync(Job(mainsExitCode: 0, stubborn: "daprd", "--shutdown-timeout=6s"));
        await life.LogAsync("not waiting for daprd any longer than 2s: asking the next sidecars to stop");
        await life.OutputAsync("statsd", "ends");
        await life.OutputAsync("istio-proxy", "drained");
        await life.Simulator.WaitForPodAsync(pod => AfterMain.ExitCodeOf(pod, "main") == 0, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_endpoint_that_takes_the_request_and_never_answers_has_no_more_than_its_share_either()
    {
        // The whole budget is less than the time that an answer may take.
        await using var life = await Life.StartAsync(Job(mainsExitCode: 0, stubborn: "daprd", silent: true, "--shutdown-timeout=4.5s"));
        await life.LogAsync("not waiting for daprd any longer than 1.5s: asking the next sidecars to stop");
        await life.OutputAsync("statsd", "ends");
        await life.OutputAsync("istio-proxy", "drained");
        await life.Simulator.WaitForPodAsync(pod => AfterMain.ExitCodeOf(pod, "main") == 0, TestContext.Current.CancellationToken);
        // Had the first request had all the budget, nothing would be left for another.
        Assert.True(life.Simulator.Output.Of("daprd").Count(line => line == "asked") > 1);
    }

    [Fact]
    public async Task A_sidecar_that_nothing_ends_has_no_share()
    {
        // Were it waited for, the first step would never be over.
        var job = Job(mainsExitCode: 0, stubborn: "", silent: false, "--shutdown-timeout=10m")
            + "      - {name: logger, image: logger, command: [sleep, infinity]}\n";
        await using var life = await Life.StartAsync(job);
        await life.OutputAsync("statsd", "ends");
        await life.OutputAsync("istio-proxy", "drained");
        Assert.DoesNotContain(life.Messages, message => message.Contains("not waiting for", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_SIGTERM_ends_the_order_too_and_all_hear_of_the_end()
    {
        await using var life = await Life.StartAsync(Job(mainsExitCode: 0, stubborn: "daprd", "--shutdown-timeout=10m"));
        await life.OutputAsync("daprd", "asked");
        // From outside: proa's end would end a process in its container that sends the signal.
        Assert.True(life.Simulator.SignalContainer("main", Signal.TERM));
        await life.OutputAsync("statsd", "asked");
        await life.OutputAsync("istio-proxy", "asked");
        await life.Simulator.WaitForPodAsync(pod => AfterMain.ExitCodeOf(pod, "main") == 0, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_real_PgBouncer_ends_by_its_own_signal_in_a_shared_PID_namespace_with_no_option()
    {
        await Executables.RequireContainersAsync();
        await using var life = await new SharedPod
        {
            Companions =
            [
                Companion.Shell(
                    "pgbouncer",
                    $"printf '[databases]\\n[pgbouncer]\\nlisten_addr=127.0.0.1\\nlisten_port={Workload.FreePort()}\\nunix_socket_dir=\\n' "
                        + "> /tmp/pgbouncer.ini; exec /usr/sbin/pgbouncer -u nobody /tmp/pgbouncer.ini"),
            ],
        }.StartAsync();
        await life.Simulator.WaitForOutputAsync(
            "pgbouncer", line => line.Contains("process up", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await life.MainRunsAsync();
        await life.EndMainAsync();
        await life.LogAsync("sidecars ended: pgbouncer 0");
        Assert.True((await life.EndAsync()).Succeeded);
    }

    private const string Nginx = "daemon off; pid /tmp/nginx.pid; events {} http { access_log off; server { listen 127.0.0.1:PORT; } }";

    private const string Haproxy = """
        listen a
          mode tcp
          timeout client 1m
          timeout server 1m
          timeout connect 1m
          bind 127.0.0.1:PORT

        """;

    /// <summary>Neither is in the table: each gets the signal by which it ends in order, as its manual page says.</summary>
    [Theory]
    [InlineData("nginx", "QUIT", Nginx, "nginx -e stderr -c /tmp/configuration")]
    [InlineData("haproxy", "USR1", Haproxy, "haproxy -f /tmp/configuration")]
    public async Task A_real_proxy_ends_in_order_by_the_signal_that_you_name(string name, string signal, string configuration, string command)
    {
        await Executables.RequireContainersAsync();
        var port = $"{Workload.FreePort()}";
        var script = $"cat > /tmp/configuration <<'END'\n{configuration.Replace("PORT", port, StringComparison.Ordinal)}\nEND\nexec {command}";
        await using var life = await new SharedPod
        {
            Options = [$"--kill=container/{name}", $"--kill-signal={signal}", $"--wait-tcp=127.0.0.1:{port}"],
            Companions = [Companion.Shell(name, script)],
        }.StartAsync();
        await life.MainRunsAsync();
        await life.EndMainAsync();
        await life.LogAsync($"sent SIG{signal} to {name} ");
        await life.LogAsync($"sidecars ended: {name} 0");
        Assert.True((await life.EndAsync()).Succeeded);
    }

    private static string Job(int mainsExitCode, string stubborn, params string[] options) => Job(mainsExitCode, stubborn, silent: false, options);

    private static string Job(int mainsExitCode, string stubborn, bool silent, params string[] options)
    {
        var carry = Workload.FreePort();
        var status = Workload.FreePort();
        var (dapr, vault, sql, statsd) = (Workload.FreePort(), Workload.FreePort(), Workload.FreePort(), Workload.FreePort());
        return string.Join('\n',
        [
            "apiVersion: batch/v1",
            "kind: Job",
            "metadata: {name: five}",
            "spec:",
            "  backoffLimit: 0",
            "  template:",
            "    metadata:",
            "      annotations:",
            $"        status.sidecar.istio.io/port: '{status}'",
            "        vault.hashicorp.com/agent-enable-quit: 'true'",
            $"        vault.hashicorp.com/agent-cache-listener-port: '{vault}'",
            "    spec:",
            "      restartPolicy: Never",
            "      containers:",
            .. Container("istio-proxy", "proxyv2", Proxy, "", status, "", $"{{name: CARRY, value: '{carry}'}}"),
            "      - name: main",
            "        image: main",
            $"        command: {JsonSerializer.Serialize((string[])["/proa", .. options, "--", "sh", "-c", $"exit {mainsExitCode}"])}",
            $"        env: [{{name: KUBERNETES_SERVICE_PORT, value: '{carry}'}}]",
            .. Container("statsd", "prom/statsd-exporter:1", StandIn, $"--web.enable-lifecycle --web.listen-address=:{statsd}", statsd, "/-/quit"),
            .. Container(
                "daprd", "daprd", StandIn, $"--dapr-http-port {dapr}", dapr, "/v1.0/shutdown",
                stubborn == "daprd" ? $"{{name: STUBBORN, value: '{(silent ? "silent" : "1")}'}}" : ""),
            .. Container("vault-agent", "vault", StandIn, "", vault, "/agent/v1/quit"),
            .. Container("cloud-sql-proxy", "cloud-sql-proxy", StandIn, $"--quitquitquit --admin-port={sql}", sql, "/quitquitquit"),
            "",
        ]);
    }

    private static IEnumerable<string> Container(string name, string image, string program, string args, int port, string path, string more = "") =>
    [
        $"      - name: {name}",
        $"        image: {image}",
        $"        command: {JsonSerializer.Serialize((string[])["python3", "-c", program])}",
        $"        args: {JsonSerializer.Serialize(args.Split(' ', StringSplitOptions.RemoveEmptyEntries))}",
        $"        env: [{{name: LISTEN, value: '{port}'}}, {{name: QUIT, value: {JsonSerializer.Serialize(path)}}}{(more.Length > 0 ? ", " + more : "")}]",
        $"        readinessProbe: {{periodSeconds: 1, tcpSocket: {{port: {port}}}}}",
    ];
}
