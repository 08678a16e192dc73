using System.Text.Json.Nodes;

namespace Proa.EndToEnd.Examples;

/// <summary>A program that answers as a real sidecar is documented to, in the place of its image.</summary>
/// <param name="Name">The container's name.</param>
/// <param name="Image">The image's name.</param>
/// <param name="Program">The program.</param>
internal sealed record StandIn(string Name, string Image, string Program)
{
    /// <summary>It is ready when it has this file.</summary>
    public const string ReadyFile = "/tmp/ready";

    // Prints each request with the answer's status.
    private const string Common = $$"""
        #!/usr/bin/env python3
        import argparse, http.server, os, signal, socket, threading

        over = threading.Event()

        def ready(method):
            return (200, "ready\n") if os.path.exists("{{ReadyFile}}") else (503, "not ready\n")

        def serve(port, paths, ends_on=None):
            class Handler(http.server.BaseHTTPRequestHandler):
                def answer(self):
                    status, body = paths[self.path](self.command) if self.path in paths else (404, "")
                    print(self.command, self.path, status, flush=True)
                    self.send_response(status)
                    self.end_headers()
                    self.wfile.write(body.encode())
                    if self.path == ends_on and status == 200:
                        over.set()

                do_GET = do_POST = do_PUT = answer

                def log_message(self, *arguments):
                    pass

            server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
            threading.Thread(target=server.serve_forever, daemon=True).start()

        def run():
            def end(number, frame):
                print("TERM", flush=True)
                over.set()

            signal.signal(signal.SIGTERM, end)
            over.wait()


        """;

    /// <summary>Istio's pilot-agent: its endpoint takes POST only.</summary>
    public static StandIn Istio { get; } = new("istio-proxy", "istio/proxyv2:1.27.0", Common + """
        serve(15021, {"/healthz/ready": ready})
        serve(15020, {"/quitquitquit": lambda method: (200, "OK") if method == "POST" else (405, "Method Not Allowed")}, ends_on="/quitquitquit")
        run()
        """);

    /// <summary>Linkerd's proxy: its endpoint takes POST only, and is off unless the environment switches it on.</summary>
    public static StandIn Linkerd { get; } = new("linkerd-proxy", "linkerd/proxy:edge-25.9.1", Common + """
        def shutdown(method):
            if method != "POST":
                return 405, ""
            if os.environ.get("LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED") != "true":
                return 404, "shutdown endpoint is not enabled\n"
            return 200, "shutdown\n"

        serve(4191, {"/ready": ready, "/live": lambda method: (200, "live\n"), "/shutdown": shutdown}, ends_on="/shutdown")
        run()
        """);

    /// <summary>The Cloud SQL Auth Proxy: its endpoints are there if the flags are, and the database's port when it is ready.</summary>
    public static StandIn CloudSql { get; } = new("cloud-sql-proxy", "cloud-sql-connectors/cloud-sql-proxy:2.18.2", Common + """
        flags = argparse.ArgumentParser()
        flags.add_argument("instance")
        flags.add_argument("--port", type=int, required=True)
        flags.add_argument("--health-check", action="store_true")
        flags.add_argument("--http-address", default="localhost")
        flags.add_argument("--http-port", type=int, default=9090)
        flags.add_argument("--quitquitquit", action="store_true")
        flags.add_argument("--admin-port", type=int, default=9091)
        given = flags.parse_args()
        database = []

        def readiness(method):
            status, body = ready(method)
            if status == 200 and not database:
                database.append(socket.create_server(("127.0.0.1", given.port)))
            return status, body

        # The kubelet asks at the Pod's address, which is not localhost.
        if given.health_check and given.http_address == "0.0.0.0":
            serve(given.http_port, {"/readiness": readiness})
        if given.quitquitquit:
            serve(given.admin_port, {"/quitquitquit": lambda method: (200, "") if method in ("GET", "POST") else (400, "")}, ends_on="/quitquitquit")
        run()
        """);

    /// <summary>Injects Istio's proxy as its webhook does: into Pods with the label, as the first container or a native sidecar.</summary>
    public static void InjectIstio(JsonObject pod, bool native)
    {
        if (pod["metadata"]!["labels"]!["sidecar.istio.io/inject"]?.ToString() != "true") return;
        Istio.InjectInto(pod, native, """
            {
              "args": ["proxy", "sidecar"],
              "startupProbe": {"httpGet": {"path": "/healthz/ready", "port": 15021}, "periodSeconds": 1, "timeoutSeconds": 3, "failureThreshold": 600},
              "readinessProbe": {"httpGet": {"path": "/healthz/ready", "port": 15021}, "periodSeconds": 15, "timeoutSeconds": 3, "failureThreshold": 4}
            }
            """);
    }

    /// <summary>Injects Linkerd's proxy as its webhook does: into Pods with the annotation, as the first container or a native sidecar.</summary>
    public static void InjectLinkerd(JsonObject pod, bool native)
    {
        var annotations = pod["metadata"]!["annotations"]!;
        if (annotations["linkerd.io/inject"]?.ToString() != "enabled") return;
        var enabled = annotations["config.linkerd.io/proxy-admin-shutdown"]?.ToString() == "enabled";
        var startup = native ? """ "startupProbe": {"httpGet": {"path": "/ready", "port": 4191}, "periodSeconds": 1, "failureThreshold": 120},""" : "";
        Linkerd.InjectInto(pod, native, $$"""
            {{{startup}}
              "env": [{"name": "LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED", "value": "{{(enabled ? "true" : "false")}}"}],
              "readinessProbe": {"httpGet": {"path": "/ready", "port": 4191}, "initialDelaySeconds": 2}
            }
            """);
    }

    private void InjectInto(JsonObject pod, bool native, string container)
    {
        var injected = JsonNode.Parse(container)!.AsObject();
        (injected["name"], injected["image"]) = (Name, Image);
        if (native) injected["restartPolicy"] = "Always";
        var spec = pod["spec"]!.AsObject();
        var list = native ? "initContainers" : "containers";
        if (spec[list] is not JsonArray containers) spec[list] = containers = [];
        containers.Insert(0, injected);
    }
}
