using System.Globalization;
using Proa.Pods;

namespace Proa.Sidecars;

/// <summary>
/// The one table of sidecars that proa knows, in the order in which they are tried. The facts are from each project's own source: see
/// docs/sidecars.md.
/// </summary>
internal static class KnownSidecars
{
    public static IReadOnlyList<KnownSidecar> All { get; } =
    [
        new("istio")
        {
            Phase = ShutdownPhase.Network,
            Containers = ["istio-proxy"],
            Images = ["proxyv2"],
            Quit = new(ShutdownMethod.Post, 15020, "/quitquitquit")
            {
                Port = s => Number(s.Pod.Metadata.Annotations.IstioStatusPort),
                WhyOff = s =>
                    s.Pod.Metadata.Annotations.IstioStatusPort == "0" ? "remove the annotation status.sidecar.istio.io/port: \"0\" from the Pod" : null,
                Hint = "Istio's agent takes only POST, and only from 127.0.0.1",
            },
        },
        new("linkerd")
        {
            Phase = ShutdownPhase.Network,
            Containers = ["linkerd-proxy"],
            PortName = "linkerd-admin",
            Quit = new(ShutdownMethod.Post, 4191, "/shutdown")
            {
                Port = s => s.PortNamed("linkerd-admin"),
                WhyOff = s => s.Variable("LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED") == "true" ? null
                    : "annotate the Pod with config.linkerd.io/proxy-admin-shutdown: enabled",
                Hint = "Linkerd's shutdown endpoint is off by default: annotate the Pod with config.linkerd.io/proxy-admin-shutdown: enabled",
            },
        },
        new("cloud-sql")
        {
            Containers = ["csql-*", "cloud-sql-proxy"],
            Images = ["cloud-sql-proxy"],
            Quit = GoogleProxy("CSQL_PROXY_", "start the Cloud SQL Auth Proxy with --quitquitquit"),
            EndsOnTerminate = s => s.Flag("exit-zero-on-sigterm") || s.Variable("CSQL_PROXY_EXIT_ZERO_ON_SIGTERM") == "true",
        },
        new("cloud-sql-v1") { Images = ["gce-proxy"], EndsOnTerminate = _ => true },
        new("alloydb")
        {
            Images = ["alloydb-auth-proxy"],
            Quit = GoogleProxy("ALLOYDB_PROXY_", "start the AlloyDB Auth Proxy with --quitquitquit"),
            EndsOnTerminate = s => s.Flag("exit-zero-sigterm") || s.Variable("ALLOYDB_PROXY_EXIT_ZERO_SIGTERM") == "true",
        },
        new("vault-agent")
        {
            Containers = ["vault-agent", "openbao-agent"],
            Quit = new(ShutdownMethod.Post, 8200, "/agent/v1/quit")
            {
                Port = s => Number(s.Pod.Metadata.Annotations.VaultListenerPort) ?? Number(s.Pod.Metadata.Annotations.OpenBaoListenerPort),
                WhyOff = s => s.Pod.Metadata.Annotations is { VaultEnableQuit: "true" } or { OpenBaoEnableQuit: "true" } ? null
                    : "annotate the Pod with vault.hashicorp.com/agent-enable-quit: \"true\"",
                Hint = "enable it in the Vault agent's listener with agent_api { enable_quit = true }, "
                    + "or with the annotation vault.hashicorp.com/agent-enable-quit: \"true\"",
                IsOnAnyPort = true,
                IsOnce = true,
            },
        },
        new("dapr")
        {
            Containers = ["daprd"],
            Images = ["daprd"],
            Quit = new(
                ShutdownMethod.Post,
                3500,
                "/v1.0/shutdown") { Port = s => Number(s.Argument("dapr-http-port")), TokenVariable = "DAPR_API_TOKEN", TokenHeader = "dapr-api-token" },
        },
        new("consul")
        {
            Phase = ShutdownPhase.Network,
            Containers = ["consul-dataplane*"],
            Images = ["consul-dataplane"],
            Quit = new(ShutdownMethod.Post, 20600, "/graceful_shutdown")
            {
                Port = s => Number(s.Argument("graceful-port")),
                Path = s => s.Argument("graceful-shutdown-path"),
                WhyOff = s => s.Argument("graceful-port") is not null ? null
                    : "annotate the Pod with consul.hashicorp.com/enable-sidecar-proxy-lifecycle: \"true\"",
            },
        },
        new("kuma") { Phase = ShutdownPhase.Network, Containers = ["kuma-sidecar"], Quit = new(ShutdownMethod.Post, 9901, "/quitquitquit") },
        new("statsd-exporter")
        {
            Phase = ShutdownPhase.Shipper,
            Images = ["statsd-exporter"],
            Quit = new(ShutdownMethod.Post, 9102, "/-/quit")
            {
                Port = s => s.Argument("web.listen-address") is { } address ? Number(address[(address.LastIndexOf(':') + 1)..]) : null,
                WhyOff = s => s.Flag("web.enable-lifecycle") ? null : "start statsd_exporter with --web.enable-lifecycle",
            },
        },
        new("otel")
        {
            Phase = ShutdownPhase.Shipper,
            Containers = ["otc-container"],
            Images = ["opentelemetry-collector*", "aws-otel-collector"],
            EndsOnTerminate = _ => true,
        },
        new("fluent-bit") { Phase = ShutdownPhase.Shipper, Images = ["fluent-bit", "aws-for-fluent-bit"], EndsOnTerminate = _ => true },
        new("xray") { Phase = ShutdownPhase.Shipper, Containers = ["xray-daemon"], Images = ["aws-xray-daemon"], EndsOnTerminate = _ => true },
        // SIGTERM, not SIGQUIT, which ends it at once but only since 1.23: main's connections are closed by now.
        new("pgbouncer") { Images = ["pgbouncer"], EndsOnTerminate = _ => true },
        new("cloudflared") { Images = ["cloudflared"], EndsOnTerminate = _ => true },
        new("tailscale") { Phase = ShutdownPhase.Network, Images = ["tailscale"], EndsOnTerminate = _ => true },
        new("git-sync") { Images = ["git-sync"], WhyEndless = "SIGTERM makes it exit with 143", Remedy = MakeNative },
        new("espv2") { Images = ["endpoints-runtime"], WhyEndless = "SIGTERM makes it exit with 1", Remedy = MakeNative },
        new("gcsfuse") { Containers = ["gke-gcsfuse-sidecar", "gke-gcsfuse-metadata-prefetch"], EndsAfterMain = true },
        new("datadog") { Containers = ["datadog-agent-injected"], EndsAfterMain = true },
        new("airflow") { Containers = ["airflow-xcom-sidecar"], EndsAfterMain = true },
        new("katib") { Containers = ["metrics-logger-and-collector"], EndsAfterMain = true },
        new("envoy")
        {
            Phase = ShutdownPhase.Network,
            Containers = ["envoy"],
            Images = ["envoy"],
            Quit = new(ShutdownMethod.Post, 9901, "/quitquitquit") { Port = s => s.PortNamed("admin") },
        },
    ];

    private const string MakeNative = "make it a native sidecar: an init container with restartPolicy Always";

    /// <summary>What the container is, and what told it; null where it is none that proa knows.</summary>
    public static RecognisedSidecar? Recognise(Container container)
    {
        var image = LastPart(container.Image);
        return First(s => Matches(s.Containers, container.Name), "its name")
            ?? First(s => Matches(s.Images, image), "its image")
            ?? First(s => s.PortName is { } name && Array.Exists(container.Ports, p => p.Name == name), "the name of its port");

        static RecognisedSidecar? First(Func<KnownSidecar, bool> matches, string by) => All.FirstOrDefault(matches) is { } known ? new(known, by) : null;
    }

    /// <summary>Whose endpoint this is, where its path and port alone tell.</summary>
    public static KnownQuit? At(Uri url) =>
        All.Select(s => s.Quit)
            .FirstOrDefault(q => q is { Hint.Length: > 0 } && q.DefaultPath == url.AbsolutePath && (q.IsOnAnyPort || q.DefaultPort == url.Port));

    /// <summary>When the sidecar with this endpoint is asked to stop, where its path and port alone tell which it is.</summary>
    public static ShutdownPhase PhaseAt(Uri url) =>
        All.FirstOrDefault(s => s.Quit is { } quit && url.IsLoopback && quit.DefaultPath == url.AbsolutePath && quit.DefaultPort == url.Port)?.Phase
            ?? ShutdownPhase.Plain;

    private static KnownQuit GoogleProxy(string prefix, string remedy) => new(ShutdownMethod.Post, 9091, "/quitquitquit")
    {
        Port = s => Number(s.Argument("admin-port") ?? s.Variable(prefix + "ADMIN_PORT")),
        WhyOff = s => s.Flag("quitquitquit") || s.Variable(prefix + "QUITQUITQUIT") == "true" ? null : remedy,
        Hint = remedy,
    };

    private static bool Matches(string[] patterns, string name) =>
        name.Length > 0 && Array.Exists(patterns, p => p.EndsWith('*') ? name.StartsWith(p[..^1], StringComparison.Ordinal) : p == name);

    /// <summary>The last part of the image's path, without tag and digest: registries are mirrored.</summary>
    private static string LastPart(string image)
    {
        var path = image.Split('@')[0];
        var name = path[(path.LastIndexOf('/') + 1)..];
        return name.Split(':')[0];
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 65535 ? number : null;
}
