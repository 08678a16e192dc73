using System.Net;
using System.Net.Sockets;

namespace Proa.EndToEnd.Lives;

/// <summary>
/// A Pod's manifest with a main under proa and one sidecar, which serves HTTP, is ready when the file /tmp/ready is there, and ends on
/// /shutdown. /fail answers 500, /missing 404, /hang never, and /life counts main's lives.
/// </summary>
internal sealed record Workload
{
    private const string Sidecar = """
        import http.server, os, signal, sys, threading
        lives = 0
        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                print(self.command, self.path, flush=True)
                global lives
                if self.path == "/life": lives += 1
                if self.path == "/hang": threading.Event().wait()
                self.send_response({"/fail": 500, "/missing": 404}.get(self.path, 200))
                self.end_headers()
                self.wfile.write(str(lives).encode())
                if self.path == "/shutdown": threading.Thread(target=self.server.shutdown).start()
            do_GET = do_POST = answer
            def log_message(self, *arguments): pass
        signal.signal(signal.SIGTERM, signal.SIG_IGN if "IGNORE_TERM" in os.environ else lambda *_: sys.exit(0))
        http.server.ThreadingHTTPServer.daemon_threads = True
        server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
        print("serving", flush=True)
        server.serve_forever()
        sys.exit(int(os.environ.get("EXIT_CODE", "0")))
        """;

    /// <summary>The sidecar's port on loopback, free a moment ago.</summary>
    public int Port { get; } = FreePort();

    /// <summary>proa's options; %PORT% is the sidecar's port.</summary>
    public string[] Options { get; init; } = ["--shutdown-http-get=http://localhost:%PORT%/shutdown"];

    /// <summary>A main that ends when the sidecar serves.</summary>
    public const string WaitUntilTheSidecarServes =
        "until python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", %PORT%))' 2>/dev/null; do sleep 0.1; done";

    /// <summary>The shell script that is main; %PORT% is the sidecar's port.</summary>
    public string Main { get; init; } = "echo main runs";

    public string RestartPolicy { get; init; } = "Never";

    public int GracePeriodSeconds { get; init; } = 30;

    /// <summary>Whether the sidecar is an init container with restartPolicy Always.</summary>
    public bool IsNative { get; init; }

    /// <summary>Whether the sidecar is the first container.</summary>
    public bool SidecarFirst { get; init; }

    public int SidecarExitCode { get; init; }

    /// <summary>Whether the kubelet has to kill the sidecar.</summary>
    public bool SidecarIgnoresTerm { get; init; }

    /// <summary>Whether the sidecar is ready as soon as it serves, or when the test says so.</summary>
    public bool ReadyAtOnce { get; init; } = true;

    public string Yaml => string.Join('\n',
    [
        "apiVersion: batch/v1",
        "kind: Job",
        "metadata: {name: life}",
        "spec:",
        "  backoffLimit: 4",
        "  template:",
        "    spec:",
        $"      restartPolicy: {RestartPolicy}",
        $"      terminationGracePeriodSeconds: {GracePeriodSeconds}",
        .. IsNative ? ["      initContainers:", .. SidecarLines()] : Array.Empty<string>(),
        "      containers:",
        .. SidecarFirst && !IsNative ? SidecarLines() : [],
        .. MainLines(),
        .. SidecarFirst || IsNative ? [] : SidecarLines(),
    ]);

    private const int FirstPort = 20_000;
    private const int Ports = 12_000;

    /// <summary>Two processes of tests beside each other begin at different places.</summary>
    private static int _ports = (int)((long)Environment.ProcessId * 500 % Ports);

    /// <summary>
    /// A port that nothing listens at. The kernel gives those from 32,768 on to any connection, in the moment until the sidecar listens, too; each of these is
    /// given once.
    /// </summary>
    internal static int FreePort()
    {
        while (true)
        {
            var port = FirstPort + (int)((uint)Interlocked.Increment(ref _ports) % Ports);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }
    }

    private string WithPort(string text) => text.Replace("%PORT%", $"{Port}", StringComparison.Ordinal);

    private IEnumerable<string> MainLines() =>
    [
        "      - name: main",
        "        image: main",
        "        command: [/proa]",
        "        args:",
        .. Options.Select(option => "        - " + Quote(WithPort(option))),
        "        - --",
        "        - sh",
        "        - -c",
        "        - " + Quote(WithPort(Main)),
    ];

    private IEnumerable<string> SidecarLines() =>
    [
        "      - name: sidecar",
        "        image: sidecar",
        "        command: [python3, -c]",
        "        args: [" + Quote(Sidecar) + "]",
        .. IsNative ? ["        restartPolicy: Always"] : Array.Empty<string>(),
        "        env:",
        $"        - {{name: PORT, value: \"{Port}\"}}",
        $"        - {{name: EXIT_CODE, value: \"{SidecarExitCode}\"}}",
        .. SidecarIgnoresTerm ? ["        - {name: IGNORE_TERM, value: \"1\"}"] : Array.Empty<string>(),
        "        readinessProbe:",
        "          periodSeconds: 1",
        "          failureThreshold: 1",
        .. ReadyAtOnce ? [$"          tcpSocket: {{port: {Port}}}"] : new[] { "          exec: {command: [test, -f, /tmp/ready]}" },
    ];

    /// <summary>A string as YAML's double-quoted style takes it, which is JSON's.</summary>
    private static string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
