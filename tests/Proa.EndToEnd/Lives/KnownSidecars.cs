using System.Text.Json;

namespace Proa.EndToEnd.Lives;

/// <summary>Pods as the sidecars' injectors make them, with stand-ins that end as the real programs do; proa is given no option.</summary>
public sealed class KnownSidecars
{
    /// <summary>Answers 405 to another method, 404 to another path, and ends on the right request.</summary>
    private const string StandIn = """
        import http.server, os, sys, threading
        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                print(self.command, self.path, self.headers.get("dapr-api-token", ""), flush=True)
                right = self.path == os.environ["QUIT"]
                self.send_response((200 if self.command == "POST" else 405) if right else 404)
                self.end_headers()
                if right and self.command == "POST": threading.Thread(target=self.server.shutdown).start()
            do_GET = do_POST = answer
            def log_message(self, *arguments): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["LISTEN"])), Handler)
        print("serving", flush=True)
        server.serve_forever()
        """;

    private const string Off = "LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED: 'false'";

    [Theory]
    [InlineData("istio-proxy", "", "", "status.sidecar.istio.io/port: '%PORT%'", "", "/quitquitquit")]
    [InlineData("linkerd-proxy", "", "LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED: 'true'", "", "linkerd-admin", "/shutdown")]
    [InlineData("cloud-sql-proxy", "--quitquitquit --admin-port=%PORT%", "", "", "", "/quitquitquit")]
    [InlineData("csql-default-db", "", "CSQL_PROXY_QUITQUITQUIT: 'true', CSQL_PROXY_ADMIN_PORT: '%PORT%'", "", "", "/quitquitquit")]
    [InlineData(
        "vault-agent", "", "", "vault.hashicorp.com/agent-enable-quit: 'true', vault.hashicorp.com/agent-cache-listener-port: '%PORT%'", "", "/agent/v1/quit")]
    [InlineData("daprd", "--dapr-http-port %PORT% --app-port 8080", "", "", "", "/v1.0/shutdown")]
    [InlineData("consul-dataplane", "-graceful-port=%PORT% -graceful-shutdown-path=/graceful_shutdown", "", "", "", "/graceful_shutdown")]
    [InlineData("envoy", "--service-node=a", "", "", "admin", "/quitquitquit")]
    [InlineData("cloud-sql-proxy", "--quitquitquit --admin-port=$(ADMIN)", "ADMIN: '%PORT%'", "", "", "/quitquitquit")]
    [InlineData("cloud-sql-proxy", "p:r:i --config-file=/proxy.toml --admin-port=%PORT%", "", "", "", "/quitquitquit")]
    public async Task A_Job_with_a_known_sidecar_completes_without_an_option(string name, string args, string env, string annotations, string port, string path)
    {
        await using var life = await Life.StartAsync(Job(name, args, env, annotations, port, path));
        Assert.True((await life.EndAsync()).Succeeded);
        Assert.Equal(["serving", "POST " + path], life.Simulator.Output.Of(name).Select(line => line.TrimEnd()).Where(IsNoTest).Take(2));
        Assert.Contains($"sidecars ended: {name} 0", life.Messages);
    }

    [Theory]
    [InlineData("linkerd-proxy", "", Off, "", "linkerd, by its name: its shutdown endpoint is off")]
    [InlineData("cloud-sql-proxy", "p:r:i", "", "", "cloud-sql, by its name and its options: its shutdown endpoint is off")]
    [InlineData("vault-agent", "", "", "vault.hashicorp.com/agent-inject-status: injected", "vault-agent, by its name: its shutdown endpoint is off")]
    [InlineData("envoy", "", "", "", "no shutdown request is given")]
    [InlineData("logger", "", "", "", "no shutdown request is given")]
    public async Task What_nothing_ends_is_a_warning_before_main_starts(string name, string args, string env, string annotations, string why)
    {
        await using var life = await Life.StartAsync(Job(name, args, env, annotations, "", "/quit"));
        await life.LogAsync("main started");
        var messages = life.Messages;
        var warning = Array.FindIndex(messages, m => m.StartsWith($"nothing stops {name} when main exits", StringComparison.Ordinal));
        Assert.EndsWith(why, messages[warning], StringComparison.Ordinal);
        Assert.True(warning < Array.FindIndex(messages, m => m.StartsWith("main started", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Where_the_spec_does_not_tell_whether_it_is_on_proa_asks_and_says_so_before_and_what_to_do_after()
    {
        // The annotation gives the port; what is not injected may have any configuration.
        await using var life = await Life.StartAsync(
            Job("vault-agent", "", "", "vault.hashicorp.com/agent-cache-listener-port: '%PORT%'", "", "/other", "--shutdown-timeout=2s"));
        await life.LogAsync(
            "vault-agent will be asked to stop when main exits, but proa cannot tell from the Pod's spec whether its shutdown endpoint is on");
        await life.LogAsync("/agent/v1/quit: it answered 404");
        await life.Simulator.WaitForPodAsync(pod => AfterMain.ExitCodeOf(pod, "main") == 0, TestContext.Current.CancellationToken);
        Assert.Contains(life.Simulator.Output.Of("main"), line => line.Contains("enable_quit = true", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_off_is_neither_asked_nor_awaited()
    {
        await using var life = await Life.StartAsync(Job("linkerd-proxy", "", Off, "", "linkerd-admin", "/shutdown"));
        await life.Simulator.WaitForPodAsync(pod => AfterMain.ExitCodeOf(pod, "main") == 0, TestContext.Current.CancellationToken);
        Assert.Equal(["serving"], life.Simulator.Output.Of("linkerd-proxy"));
    }

    [Fact]
    public async Task A_sidecar_that_ends_by_itself_after_main_is_not_awaited()
    {
        await using var life = await Life.StartAsync(Job("gke-gcsfuse-sidecar", "", "", "", "", "/quit"));
        await life.Simulator.WaitForPodAsync(pod => AfterMain.ExitCodeOf(pod, "main") == 0, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(life.Messages, m => m.Contains("nothing stops", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Known_off_asks_nobody()
    {
        await using var life = await Life.StartAsync(Job("envoy", "--service-node=a", "", "", "admin", "/quitquitquit", "--known=off"));
        await life.Simulator.WaitForPodAsync(pod => AfterMain.ExitCodeOf(pod, "main") == 0, TestContext.Current.CancellationToken);
        Assert.Equal(["serving"], life.Simulator.Output.Of("envoy"));
    }

    [Theory]
    [InlineData("hunter2\\n", "POST /v1.0/shutdown hunter2", false)]
    [InlineData("hunter2\\nX-Other: 1", "POST /v1.0/shutdown ", true)]
    public async Task A_line_break_in_Daprs_token_does_not_get_into_the_header(string token, string request, bool isRefused)
    {
        var job = Job("daprd", "--dapr-http-port %PORT%", "", "", "", "/v1.0/shutdown")
            .Replace("      - name: main\n", $"      - name: main\n        env: [{{name: DAPR_API_TOKEN, value: \"{token}\"}}]\n", StringComparison.Ordinal);
        await using var life = await Life.StartAsync(job);
        Assert.True((await life.EndAsync()).Succeeded);
        Assert.Contains(request, life.Simulator.Output.Of("daprd"));
        Assert.Equal(isRefused, life.Messages.Any(m => m.StartsWith("DAPR_API_TOKEN is not sent", StringComparison.Ordinal)));
        Assert.DoesNotContain(life.Simulator.Output.Of("main"), line => line.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Dapr_is_sent_the_token_that_main_has_and_no_log_shows_it()
    {
        var job = Job("daprd", "--dapr-http-port %PORT%", "", "", "", "/v1.0/shutdown", "--log-level=trace")
            .Replace("      - name: main\n", "      - name: main\n        env: [{name: DAPR_API_TOKEN, value: hunter2}]\n", StringComparison.Ordinal);
        await using var life = await Life.StartAsync(job);
        Assert.True((await life.EndAsync()).Succeeded);
        Assert.Contains("POST /v1.0/shutdown hunter2", life.Simulator.Output.Of("daprd"));
        Assert.DoesNotContain(life.Simulator.Output.Of("main"), line => line.Contains("hunter2", StringComparison.Ordinal));
    }

    /// <summary>Dapr is also asked whether it is ready.</summary>
    private static bool IsNoTest(string line) => !line.StartsWith("GET", StringComparison.Ordinal);

    private static string Job(string name, string args, string env, string annotations, string portName, string path, params string[] options)
    {
        var port = Workload.FreePort();
        var variables = env.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(e => e.Split(": "))
            .Select(e => $"        - {{name: {e[0].Trim()}, value: {e[1]}}}");
        string[] lines =
        [
            "apiVersion: batch/v1",
            "kind: Job",
            "metadata: {name: known}",
            "spec:",
            "  backoffLimit: 0",
            "  template:",
            $"    metadata: {{annotations: {{{annotations}}}}}",
            "    spec:",
            "      restartPolicy: Never",
            "      containers:",
            "      - name: main",
            "        image: main",
            $"        command: {JsonSerializer.Serialize((string[])["/proa", .. options, "--", "sh", "-c", "echo main runs"])}",
            $"      - name: {name}",
            "        image: sidecar",
            $"        command: {JsonSerializer.Serialize((string[])["python3", "-c", StandIn])}",
            $"        args: {JsonSerializer.Serialize(args.Split(' ', StringSplitOptions.RemoveEmptyEntries))}",
            "        env:",
            "        - {name: LISTEN, value: '%PORT%'}",
            $"        - {{name: QUIT, value: {path}}}",
            .. variables,
            .. portName.Length > 0 ? [$"        ports: [{{containerPort: %PORT%, name: {portName}}}]"] : Array.Empty<string>(),
            "        readinessProbe: {periodSeconds: 1, tcpSocket: {port: %PORT%}}",
        ];
        return (string.Join('\n', lines) + "\n").Replace("%PORT%", $"{port}", StringComparison.Ordinal);
    }
}
