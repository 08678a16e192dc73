using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Proa.EndToEnd.Cluster;
using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Commands;

/// <summary><c>proa --check</c> as an ordinary process, with an API server and a Pod that nobody runs.</summary>
public sealed class Check
{
    private const string Quit = "--shutdown-http-get=http://localhost:1/quit";

    private static readonly TcpListener _sidecar = Listen();

    /// <summary>A request where somebody listens.</summary>
    private static readonly string _heard = $"--shutdown-http-get=http://localhost:{((IPEndPoint)_sidecar.LocalEndpoint).Port}/quit";

    [Theory]
    [InlineData(Server.Simulated)]
    [InlineData(Server.Real)]
    public async Task The_exit_code_says_whether_main_could_be_started_not_yet_or_not_at_all(Server server)
    {
        await using var cluster = await TestCluster.StartAsync(server);
        await ChecksAsync(cluster, 124, ["cannot start yet: sidecar-1: no status yet"]);
        await cluster.PushUntilAsync("sidecar-1", "running");
        await ChecksAsync(cluster, 124, ["cannot start yet: sidecar-1: running, not ready"]);
        await cluster.PushUntilAsync("sidecar-1", "ready");
        await ChecksAsync(cluster, 0, ["can start now"], _heard);
        await cluster.PushUntilAsync("sidecar-1", "terminated");
        await ChecksAsync(cluster, 125, ["will not start: sidecar sidecar-1 exited with 0 and will not be started again (restartPolicy Never)"]);
    }

    [Theory]
    [InlineData(Server.Simulated)]
    [InlineData(Server.Real)]
    public async Task The_API_server_is_asked_two_questions_and_nothing_is_changed(Server server)
    {
        await using var cluster = await TestCluster.StartAsync(server);
        await cluster.PushUntilAsync("sidecar-1", "ready");
        await ChecksAsync(cluster, 0, [], _heard);
        Assert.Equal("get, watch", await cluster.AskedAsync());
    }

    [Fact]
    public async Task The_report_tells_a_person_who_proa_takes_itself_for_what_it_may_do_and_what_it_would_do()
    {
        await using var cluster = await Cluster.Cluster.StartAsync("proxy-first");
        cluster.PushUntil("istio-proxy", "ready");
        Assert.Equal(
            $"""
            options      the command line, and PROA_LOG_FORMAT=text
            API server   https://127.0.0.1:{cluster.Port}, from {cluster.Kubeconfig}
            Pod          lab/proxy-first, by the service account token
            container    main, by the annotation kubectl.kubernetes.io/default-container
            get pods     allowed
            watch pods   allowed

            sidecar      istio-proxy (regular)
              known      istio, by its name; port 15020, the default
              state      ready
              probe      readinessProbe
              wait ready yes
              stop       yes, {Sent(_heard)}
              wait ended yes

            request      {Sent(_heard)}, to istio-proxy: the only sidecar; something listens there

            on success   {Sent(_heard)}; waits up to 5s for istio-proxy to end
            on failure   {Sent(_heard)}; waits up to 5s for istio-proxy to end

            main         can start now

            """,
            await ChecksAsync(cluster, 0, [], _heard, "--", "true"));
    }

    [Fact]
    public async Task The_report_for_machines_says_the_same()
    {
        await using var cluster = await Cluster.Cluster.StartAsync("proxy-first");
        cluster.PushUntil("istio-proxy", "ready");
        AssertJson(
            $$$"""
            {
              "exitCode": 0,
              "start": {"yes": true},
              "optionsFrom": "the command line, and PROA_LOG_FORMAT=text",
              "apiServer": {"url": "https://127.0.0.1:{{{cluster.Port}}}", "from": "{{{cluster.Kubeconfig}}}"},
              "pod": {"namespace": "lab", "name": "proxy-first", "uid": "{{{cluster.Recorded.PodUid}}}", "from": "the service account token"},
              "container": {"name": "main", "from": "the annotation kubectl.kubernetes.io/default-container"},
              "permissions": {"get": {"yes": true}, "watch": {"yes": true}},
              "sidecars": [
                {"name": "istio-proxy", "kind": "regular", "known": "istio, by its name; port 15020, the default", "ready": true, "state": "ready",
                    "probe": "readinessProbe",
                "waitedFor": {"yes": true}, "asked": {"yes": true, "why": "{{{Sent(_heard)}}}"}, "awaited": {"yes": true}}
              ],
              "requests": [{"what": "{{{Sent(_heard)}}}", "sidecar": "istio-proxy", "why": "the only sidecar", "listens": true}],
              "exits": [
                {"exitCode": 0, "ask": {"yes": true}, "requests": ["{{{Sent(_heard)}}}"], "awaited": ["istio-proxy"], "budgetSeconds": 5},
                {"exitCode": 1, "ask": {"yes": true}, "requests": ["{{{Sent(_heard)}}}"], "awaited": ["istio-proxy"], "budgetSeconds": 5}
              ],
              "warnings": [],
              "remarks": []
            }
            """,
            await ReportAsync(cluster, _heard));
    }

    [Fact]
    public async Task Each_sidecar_is_told_with_its_kind_and_probe_and_with_what_is_done_to_it_and_why()
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        cluster.Api.Store.Update(cluster.Namespace, cluster.Recorded.PodName, pod =>
        {
            pod["spec"]!["containers"] = Json("""
                [
                  {"name": "main"},
                  {"name": "probed", "readinessProbe": {"tcpSocket": {"port": 1}}},
                  {"name": "started", "startupProbe": {"tcpSocket": {"port": 1}}},
                  {"name": "plain"},
                  {"name": "restarted", "restartPolicy": "Always"},
                  {"name": "ended"},
                  {"name": "ignored"}
                ]
                """);
            pod["spec"]!["initContainers"] = Json("""[{"name": "setup"}, {"name": "native", "restartPolicy": "Always", "readinessProbe": {}}]""");
            pod["status"]!["initContainerStatuses"] = Json("""[{"name": "native", "ready": true, "restartCount": 0, "state": {"running": {}}}]""");
            pod["status"]!["containerStatuses"] = Json("""
                [
                  {"name": "main", "ready": true, "restartCount": 0, "state": {"running": {}}},
                  {"name": "probed", "ready": true, "restartCount": 0, "state": {"running": {}}},
                  {"name": "started", "ready": true, "restartCount": 0, "state": {"running": {}}},
                  {"name": "plain", "ready": false, "restartCount": 0, "state": {"waiting": {"reason": "ImagePullBackOff"}}},
                  {"name": "restarted", "ready": true, "restartCount": 2, "state": {"running": {}}},
                  {"name": "ended", "ready": false, "restartCount": 0, "state": {"terminated": {"exitCode": 3, "reason": "Error"}}},
                  {"name": "ignored", "ready": false, "restartCount": 0, "state": {"running": {}}}
                ]
                """);
        });
        var report = await ReportAsync(cluster, Quit, "--ignore=ignored", "--wait-for=probed", "--wait-for=native");
        AssertJson(
            """
            [
              {"name": "probed", "kind": "regular", "ready": true, "state": "ready", "probe": "readinessProbe",
                "waitedFor": {"yes": true}, "asked": PERHAPS, "awaited": {"yes": true}},
              {"name": "started", "kind": "regular", "ready": true, "state": "ready", "probe": "startupProbe only: ready once started",
                "waitedFor": {"yes": false, "why": "not in --wait-for"}, "asked": PERHAPS, "awaited": {"yes": true}},
              {"name": "plain", "kind": "regular", "ready": false, "state": "ImagePullBackOff", "probe": "none: ready as soon as it runs",
                "waitedFor": {"yes": false, "why": "not in --wait-for"}, "asked": PERHAPS, "awaited": {"yes": true}},
              {"name": "restarted", "kind": "regular", "ready": true, "state": "ready", "probe": "none: ready as soon as it runs",
                "waitedFor": {"yes": false, "why": "not in --wait-for"}, "asked": PERHAPS,
                "awaited": {"yes": false, "why": "the kubelet restarts it (the container's restartPolicy Always)"}},
              {"name": "ended", "kind": "regular", "ready": false, "state": "exited with 3 (Error)", "probe": "none: ready as soon as it runs",
                "waitedFor": {"yes": false, "why": "not in --wait-for"}, "asked": PERHAPS, "awaited": {"yes": false, "why": "it has ended"}},
              {"name": "ignored", "kind": "regular", "ready": false, "state": "running, not ready", "probe": "none: ready as soon as it runs",
                "waitedFor": {"yes": false, "why": "--ignore"}, "asked": {"yes": false, "why": "--ignore"}, "awaited": {"yes": false, "why": "--ignore"}},
              {"name": "native", "kind": "native", "ready": true, "state": "ready", "probe": "readinessProbe",
                "waitedFor": {"yes": true}, "asked": {"yes": false, "why": "native: the kubelet stops it"},
                "awaited": {"yes": false, "why": "native: the kubelet stops it"}}
            ]
            """.Replace(
                "PERHAPS",
                """{"why": "proa cannot tell which of probed, started, plain, restarted, ended GET http://localhost:1/quit reaches"}""",
                StringComparison.Ordinal),
            report["sidecars"]!);
        Assert.Equal(
            [
                "when main exits, not all of probed, started, plain are asked to stop, because there are fewer requests than sidecars: "
                    + "the Pod then never completes: ask each one to stop, or if one ends by itself, leave it out with --ignore",
            ],
            report["warnings"]!.AsArray().Select(warning => warning!.ToString()));
        Assert.Equal(1, (int)report["exitCode"]!);
    }

    [Theory]
    [InlineData("main-retried", new[] { Quit }, true, "", false, "the kubelet will restart main (restartPolicy OnFailure)")]
    [InlineData("slow-sidecar", new[] { Quit }, true, "", true, "")]
    [InlineData("slow-sidecar", new[] { Quit, "--shutdown-when=success" }, true, "", false, "--shutdown-when success, and the exit code is 1")]
    [InlineData("main-retried", new[] { Quit, "--shutdown-when=always" }, true, "", true, "")]
    [InlineData("slow-sidecar", new[] { Quit, "--shutdown-when=never" }, false, "--shutdown-when never", false, "--shutdown-when never")]
    [InlineData("slow-sidecar", new string[0], false, "no shutdown request is given", false, "no shutdown request is given")]
    [InlineData("native-sidecar", new[] { Quit }, false, "they are native, and the kubelet stops them", false, "they are native, and the kubelet stops them")]
    public async Task What_happens_when_main_succeeds_and_when_it_fails_is_told(
        string recording,
        string[] options,
        bool asksOnSuccess,
        string whyOnSuccess,
        bool asksOnFailure,
        string whyOnFailure)
    {
        await using var cluster = await Cluster.Cluster.StartAsync(recording);
        var exits = (await ReportAsync(cluster, options))["exits"]!.AsArray();
        Assert.Equal([(0, asksOnSuccess, whyOnSuccess), (1, asksOnFailure, whyOnFailure)],
            exits.Select(exit => ((int)exit!["exitCode"]!, (bool)exit["ask"]!["yes"]!, exit["ask"]!["why"]?.ToString() ?? "")));
        Assert.All(
            exits,
            exit => Assert.Equal(
                (bool)exit!["ask"]!["yes"]! ? ["GET http://localhost:1/quit"] : [],
                exit["requests"]!.AsArray().Select(request => request!.ToString())));
    }

    [Fact]
    public async Task How_long_the_sidecars_ends_are_awaited_is_told()
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        await ChecksAsync(cluster, 124, ["waits up to 5s for sidecar-1 to end"], Quit); // the grace period of the Pod
        await ChecksAsync(cluster, 124, ["waits up to 1m30s for sidecar-1 to end"], Quit, "--shutdown-timeout=90");
        await ChecksAsync(cluster, 124, ["wait ended no, --shutdown-timeout 0", "does not wait for any to end"], Quit, "--shutdown-timeout=0");
        await cluster.DeletePodAsync();
        await ChecksAsync(cluster, 124, ["wait ended no, the Pod is being deleted", "cannot start yet: the Pod is being deleted"], Quit);
    }

    [Theory]
    [InlineData(Server.Simulated)]
    [InlineData(Server.Real)]
    public async Task Without_permission_the_Role_to_apply_is_told(Server server)
    {
        await using var cluster = await TestCluster.StartAsync(server, allow: false);
        var report = await ReportAsync(cluster);
        Assert.Equal(125, (int)report["exitCode"]!);
        foreach (var verb in new[] { "get", "watch" })
        {
            Assert.False((bool)report["permissions"]![verb]!["yes"]!);
            Assert.Contains($"cannot {verb} resource \"pods\"", report["permissions"]![verb]!["why"]!.ToString(), StringComparison.Ordinal);
        }

        Assert.Contains("cannot read the Pod: the API server answered 403", report["start"]!["why"]!.ToString(), StringComparison.Ordinal);
        foreach (var part in new[] { "kind: Role\n", "kind: RoleBinding\n", "verbs: [get, watch]", $"namespace: {cluster.Namespace}\n", "name: watcher\n" })
            Assert.Contains(part, report["hint"]?.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Server.Simulated)]
    [InlineData(Server.Real)]
    public async Task Getting_without_watching_is_enough_and_told(Server server)
    {
        await using var cluster = await TestCluster.StartAsync(server, allow: false);
        await cluster.AllowAsync("get");
        await cluster.PushUntilAsync("sidecar-1", "ready");
        var report = await ReportAsync(cluster, _heard);
        Assert.Equal(
            (0, true, false),
            ((int)report["exitCode"]!, (bool)report["permissions"]!["get"]!["yes"]!, (bool)report["permissions"]!["watch"]!["yes"]!));
        Assert.Contains(
            report["remarks"]!.AsArray(),
            remark => remark!.ToString()
                .StartsWith("watching is not allowed, so proa would poll the Pod every 1.5 s: the API server answered 403", StringComparison.Ordinal));
        Assert.Contains("kind: Role\n", report["hint"]?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Pod_that_is_not_there_is_named_with_where_its_name_is_from()
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        await ChecksAsync(
            cluster,
            125,
            [
                "\nPod          lab/nobody, by --pod\n",
                "the API server answered 404: pods \"nobody\" not found",
                "Pod lab/nobody was looked up, by --pod: if that is wrong, set --pod and --namespace",
            ],
            "--pod=nobody");
        cluster.Api.Store.ReplaceWithNewUid(cluster.Namespace, cluster.Recorded.PodName);
        await ChecksAsync(cluster, 125, ["is another Pod of the same name"]);
    }

    [Fact]
    public async Task A_wrong_name_on_the_command_line_is_told_with_the_right_ones()
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        await ChecksAsync(
            cluster,
            125,
            ["the Pod has no container \"nobody\" (--container): it has main, sidecar-1", "\nhint         correct --container\n"],
            "--container=nobody");
        await ChecksAsync(
            cluster,
            125,
            [
                "--wait-for \"nobody\" names no sidecar of the Pod: it has sidecar-1",
                "\nhint         correct it: kubectl get pod -o yaml shows the containers\n",
            ],
            "--wait-for=nobody");
        await ChecksAsync(cluster, 125, ["--kill \"container/nobody\" names no sidecar of the Pod: it has sidecar-1"], "--kill=container/nobody");
        await ChecksAsync(cluster, 125, ["proa is not certain which container this is: set --container"], "--wait-for=nobody");
    }

    [Fact]
    public async Task A_COMMAND_that_could_not_be_started_is_told_beside_the_sidecars()
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        cluster.PushUntil("sidecar-1", "ready");
        await ChecksAsync(
            cluster,
            125,
            ["will not start: cannot start \"no-such-program\": not found in PATH (", "sidecar      sidecar-1 (regular)"],
            "no-such-program");
        await ChecksAsync(cluster, 125, ["cannot start \"/etc\": it is a directory"], "--", "/etc");
        await ChecksAsync(cluster, 125, ["cannot start \"/etc/passwd\": permission denied"], "/etc/passwd");
        await ChecksAsync(cluster, 0, ["can start now"], _heard, "sh", "-c", "exit 1");
    }

    [Fact]
    public async Task An_API_server_that_cannot_be_reached_is_told_at_once()
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        await cluster.Api.Faults.RefuseConnectionsAsync();
        await ChecksAsync(cluster, 125, [$"cannot read the Pod: cannot reach the API server 127.0.0.1:{cluster.Port}: connection refused"]);
    }

    [Fact]
    public async Task An_API_server_that_never_answers_is_given_up()
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        cluster.Api.Faults.Add(FaultAction.NeverAnswer, times: 2);
        await ChecksAsync(cluster, 125, ["will not start: the API server has not answered within 15s"]);
    }

    [Theory]
    [InlineData(Signal.INT)]
    [InlineData(Signal.TERM)]
    [InlineData(Signal.HUP)]
    [InlineData(Signal.QUIT)]
    public async Task A_signal_ends_it_while_the_API_server_does_not_answer_as_it_ends_any_program(int signal)
    {
        // Who waits for a child is told of a signal that ended it, which no exit code is.
        const string wait = "import subprocess, sys; child = subprocess.Popen(sys.argv[1:]); print(child.pid, flush=True); print(child.wait())";
        await using var cluster = await Cluster.Cluster.StartAsync();
        var silence = cluster.Api.Faults.Add(FaultAction.NeverAnswer);
        await using var parent = RunningProcess.Start(["python3", "-c", wait, Executables.Proa, "--check"], cluster.Variables);
        var proa = int.Parse(await parent.NextLineAsync(), System.Globalization.CultureInfo.InvariantCulture);
        await silence.Hit.WaitAsync(TestContext.Current.CancellationToken);
        Libc.Send(proa, signal);
        Assert.Equal($"{-signal}", await parent.NextLineAsync());
    }

    [Fact]
    public async Task With_no_wait_no_API_server_is_asked()
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        await ChecksAsync(
            cluster,
            0,
            ["can start now", "on success   POST http://localhost:1/quit; does not wait for any to end"],
            "--no-wait",
            "--shutdown-http-post=http://localhost:1/quit");
        Assert.Empty(cluster.Api.Requests);
    }

    [Fact]
    public async Task That_nobody_would_be_signalled_is_told_with_no_wait_too()
    {
        await using var proa = RunningProcess.Start(Init.Init.AsPid1(Executables.Proa, "--check", "--no-wait", "--kill-all"));
        var (exitCode, output, _) = await proa.ResultAsync();
        Assert.Contains(
            "\nwarning      --kill would signal no process: the Pod's containers do not see each other's processes: ",
            output,
            StringComparison.Ordinal);
        Assert.Equal(1, exitCode);
    }

    [Fact]
    public async Task Without_proc_it_reports_what_it_can()
    {
        Executables.RequireRoot("change the root directory");
        using var directory = new TemporaryDirectory();
        await Copy.OfAsync(Executables.Proa, directory["proa"]);
        await using var proa = RunningProcess.Start(["unshare", $"--root={directory.Path}", "/proa", "--check", "--no-wait"]);
        Assert.Contains("\nmain         can start now\n", await proa.SucceedsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outside_of_Kubernetes_it_says_what_was_looked_for()
    {
        await using var proa = RunningProcess.Start(
            [Executables.Proa, "--check"],
            new Dictionary<string, string?> { ["KUBECONFIG"] = null, ["KUBERNETES_SERVICE_HOST"] = null, ["HOME"] = "/nowhere" });
        var (exitCode, output, errors) = await proa.ResultAsync();
        Assert.Equal((125, ""), (exitCode, errors));
        Assert.Contains(
            "main         will not start: not in Kubernetes: neither KUBECONFIG nor KUBERNETES_SERVICE_HOST is set, and there is no "
                + "/nowhere/.kube/config",
            output,
            StringComparison.Ordinal);
        Assert.Contains("hint         run proa in a Pod", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Variables_count_and_the_command_line_wins()
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        var variables = new Dictionary<string, string?>(cluster.Variables) { ["PROA_IGNORE"] = "sidecar-1", ["PROA_LOG_FORMAT"] = "json" };
        await using var proa = RunningProcess.Start([Executables.Proa, "--check"], variables);
        var report = JsonNode.Parse(await proa.SucceedsAsync())!;
        Assert.Equal("--ignore", report["sidecars"]![0]!["waitedFor"]!["why"]!.ToString());
        Assert.Equal("the command line, and PROA_IGNORE=sidecar-1, and PROA_LOG_FORMAT=json", report["optionsFrom"]!.ToString());
        await using var other = RunningProcess.Start([Executables.Proa, "--check", "--log-format=text", "--ignore=nobody"], variables);
        var (exitCode, output, _) = await other.ResultAsync();
        Assert.Equal(124, exitCode);
        Assert.Contains("\n  wait ready yes\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sidecar_that_nobody_ends_is_a_warning_and_the_exit_code_is_1()
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        cluster.PushUntil("sidecar-1", "ready");
        await ChecksAsync(
            cluster,
            1,
            ["can start now", "\nwarning      when main exits, nothing stops sidecar-1 (no shutdown request is given), so the Pod does not complete: "]);
        await ChecksAsync(cluster, 0, ["can start now"], "--ignore=sidecar-1");
    }

    [Theory]
    [InlineData(
        Quit,
        "nothing listens there now",
        "nothing listens for GET http://localhost:1/quit, although sidecar-1 is ready: is the port right, and the endpoint switched on?")]
    [InlineData("-g=http://nowhere.invalid/quit", "there is no ", "")]
    public async Task Whether_anybody_listens_at_a_URL_is_tried_and_told(string option, string met, string warning)
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        cluster.PushUntil("sidecar-1", "ready");
        await ChecksAsync(cluster, 1, ["\nrequest      GET http://", met, "\nwarning      " + warning], option);
    }

    [Fact]
    public async Task Nothing_is_sent_to_a_URL_that_is_tried()
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        using var sidecar = new TcpListener(IPAddress.Loopback, 0);
        sidecar.Start();
        await using var proa = cluster.Proa("--check", $"--shutdown-http-get=http://127.0.0.1:{((IPEndPoint)sidecar.LocalEndpoint).Port}/");
        using var connection = await sidecar.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await connection.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        await proa.ExitCodeAsync();
    }

    [Fact]
    public async Task A_port_that_never_answers_is_given_up()
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        // The queue holds one connection that is not taken, and the kernel answers no other.
        using var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(full.LocalEndPoint!, TestContext.Current.CancellationToken);
        await ChecksAsync(cluster, 124, ["; it does not answer\n"], $"-g=http://127.0.0.1:{((IPEndPoint)full.LocalEndPoint!).Port}/");
    }

    [Theory]
    [InlineData("json")]
    [InlineData("text")]
    public async Task No_secret_is_told(string format)
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        var variables =
            new Dictionary<string, string?>(cluster.Variables)
            {
                ["PROA_SHUTDOWN_HTTP_POST"] = "http://user:s3cret@localhost:1/ http://localhost:2/?token=s3cret",
            };
        await using var proa = RunningProcess.Start(
            [Executables.Proa, "--check", "--log-level=trace", $"--log-format={format}", "-g", "http://user:s3cret@localhost:1/quit?token=s3cret"], variables);
        var (exitCode, output, errors) = await proa.ResultAsync();
        Assert.Equal((124, ""), (exitCode, errors));
        Assert.Contains("GET http://localhost:1/quit", output, StringComparison.Ordinal);
        Assert.Contains("PROA_SHUTDOWN_HTTP_POST=http://***@localhost:1/ http://localhost:2/?***", output, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", output, StringComparison.Ordinal);
        Assert.DoesNotContain(".eyJ", output, StringComparison.Ordinal); // a token's payload begins so
    }

    [Fact]
    public async Task A_wrong_option_is_refused_as_ever()
    {
        await using var proa = RunningProcess.Start([Executables.Proa, "--check", "--ready-timeout=soon"], RunningProcess.TextLog);
        var errors = await proa.FailsAsync(125);
        Assert.StartsWith("proa: error: --ready-timeout \"soon\" is not a duration\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_is_no_success()
    {
        await using var shell = RunningProcess.Start(["sh", "-c", "\"$0\" --check --no-wait > /dev/full", Executables.Proa]);
        Assert.Equal(125, await shell.ExitCodeAsync());
    }

    /// <summary>Runs the check: the report is on stdout, and stderr is empty.</summary>
    /// <returns>The report.</returns>
    private static async Task<string> ChecksAsync(TestCluster cluster, int exitCode, string[] parts, params string[] arguments)
    {
        await using var proa = cluster.Proa(["--check", .. arguments]);
        var (actual, output, errors) = await proa.ResultAsync();
        Assert.Equal("", errors);
        foreach (var part in parts) Assert.Contains(part, output, StringComparison.Ordinal);
        Assert.Equal(exitCode, actual);
        return output;
    }

    /// <summary>Runs the check for a machine: one line on stdout, which has the exit code too.</summary>
    private static async Task<JsonNode> ReportAsync(TestCluster cluster, params string[] options)
    {
        await using var proa = cluster.Proa(["--check", "--log-format=json", .. options]);
        var (exitCode, output, errors) = await proa.ResultAsync();
        Assert.Equal("", errors);
        Assert.Equal(output.Length - 1, output.IndexOf('\n', StringComparison.Ordinal));
        var report = JsonNode.Parse(output)!;
        Assert.Equal(exitCode, (int)report["exitCode"]!);
        return report;
    }

    private static TcpListener Listen()
    {
        var sidecar = new TcpListener(IPAddress.Loopback, 0);
        sidecar.Start();
        return sidecar;
    }

    private static string Sent(string option) => "GET " + option["--shutdown-http-get=".Length..];

    private static JsonNode Json(string text) => JsonNode.Parse(text)!;

    private static void AssertJson(string expected, JsonNode actual) => Assert.True(JsonNode.DeepEquals(Json(expected), actual), actual.ToJsonString());
}
