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
            TerminateCode = 0,
            Phase = ShutdownPhase.Network,
            Containers = ["istio-proxy"],
            Images = ["proxyv2"],
            Ready = new(new(15021, "/healthz/ready")),
            Quit = new(ShutdownMethod.Post, 15020, "/quitquitquit")
            {
                Port = s => SpecPort.Of(s.Pod.Metadata.Annotations.IstioStatusPort, "the annotation status.sidecar.istio.io/port"),
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
            Ready = new(new(4191, "/ready")),
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
            TerminateCode = ExitCodes.OfSignal(Signals.Terminate),
            Containers = ["csql-*", "cloud-sql-proxy"],
            Images = ["cloud-sql-proxy"],
            Ready = GoogleProxyReady("CSQL_PROXY_", null, "start the Cloud SQL Auth Proxy with --health-check"),
            Quit = GoogleProxy("CSQL_PROXY_", "start the Cloud SQL Auth Proxy with --quitquitquit"),
            EndsOnSignal = s => s.Flag("exit-zero-on-sigterm") || s.Variable("CSQL_PROXY_EXIT_ZERO_ON_SIGTERM") == "true",
        },
        new("cloud-sql-v1") { Images = ["gce-proxy"], EndsOnSignal = _ => true },
        new("alloydb")
        {
            TerminateCode = ExitCodes.OfSignal(Signals.Terminate),
            Images = ["alloydb-auth-proxy"],
            Ready = GoogleProxyReady("ALLOYDB_PROXY_", 5432, "start the AlloyDB Auth Proxy with --health-check"),
            Quit = GoogleProxy("ALLOYDB_PROXY_", "start the AlloyDB Auth Proxy with --quitquitquit"),
            EndsOnSignal = s => s.Flag("exit-zero-sigterm") || s.Variable("ALLOYDB_PROXY_EXIT_ZERO_SIGTERM") == "true",
        },
        new("vault-agent")
        {
            TerminateCode = 0,
            Containers = ["vault-agent", "openbao-agent"],
            Ready = new(new(8200)) { InPod = VaultListener, Hint = "the Vault agent listens only with a cache or with agent-enable-quit" },
            Quit = new(ShutdownMethod.Post, 8200, "/agent/v1/quit")
            {
                Port = VaultPort,
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
            Ready = new(new(3500, "/v1.0/healthz/outbound"))
            {
                InPod = s => s.IsByShell ? null : Test(s.Argument("dapr-http-port"), 3500, "/v1.0/healthz/outbound"),
                ProbeWaits = "with an app port the readinessProbe of Dapr succeeds only when main listens at that port",
            },
            Quit = new(ShutdownMethod.Post, 3500, "/v1.0/shutdown")
            {
                Port = s => s.ArgumentPort("dapr-http-port"),
                TokenVariable = "DAPR_API_TOKEN",
                TokenHeader = "dapr-api-token",
            },
        },
        new("consul")
        {
            TerminateCode = 0,
            Phase = ShutdownPhase.Network,
            Containers = ["consul-dataplane*"],
            Images = ["consul-dataplane"],
            Quit = new(ShutdownMethod.Post, 20600, "/graceful_shutdown")
            {
                Port = s => s.ArgumentPort("graceful-port"),
                Path = s => s.Argument("graceful-shutdown-path"),
                WhyOff = s => s.Argument("graceful-port") is not null ? null
                    : "annotate the Pod with consul.hashicorp.com/enable-sidecar-proxy-lifecycle: \"true\"",
            },
        },
        new("kuma") { Containers = ["kuma-sidecar"], Ready = new(new(9902, "/ready")), EndsAfterMain = true },
        new("statsd-exporter")
        {
            TerminateCode = 0,
            Phase = ShutdownPhase.Shipper,
            Images = ["statsd-exporter"],
            Ready = new(new(9102, "/-/ready")) { InPod = StatsdTest },
            Quit = new(ShutdownMethod.Post, 9102, "/-/quit")
            {
                Port = StatsdPort,
                WhyOff = s => s.Flag("web.enable-lifecycle") ? null : "start statsd_exporter with --web.enable-lifecycle",
            },
        },
        new("otel")
        {
            Phase = ShutdownPhase.Shipper,
            Containers = ["otc-container"],
            Images = ["opentelemetry-collector*", "aws-otel-collector"],
            EndsOnSignal = _ => true,
        },
        new("fluent-bit") { Phase = ShutdownPhase.Shipper, Images = ["fluent-bit", "aws-for-fluent-bit"], EndsOnSignal = _ => true },
        new("xray") { Phase = ShutdownPhase.Shipper, Containers = ["xray-daemon"], Images = ["aws-xray-daemon"], EndsOnSignal = _ => true },
        // By SIGTERM it exits with 1 before 1.23, and waits for all clients since.
        new("pgbouncer") { Images = ["pgbouncer"], Signal = Signals.Interrupt, EndsOnSignal = _ => true },
        new("cloudflared") { Images = ["cloudflared"], EndsOnSignal = _ => true },
        new("tailscale") { Phase = ShutdownPhase.Network, Images = ["tailscale"], EndsOnSignal = _ => true },
        new("git-sync")
        {
            Images = ["git-sync"],
            TerminateCode = ExitCodes.OfSignal(Signals.Terminate),
            WhyEndless = "SIGTERM makes it exit with 143",
            Remedy = MakeNative,
        },
        new("espv2") { Images = ["endpoints-runtime"], TerminateCode = 1, WhyEndless = "SIGTERM makes it exit with 1", Remedy = MakeNative },
        new("gcsfuse") { TerminateCode = 0, Containers = ["gke-gcsfuse-sidecar", "gke-gcsfuse-metadata-prefetch"], EndsAfterMain = true },
        new("datadog") { Containers = ["datadog-agent-injected"], EndsAfterMain = true },
        new("airflow") { Containers = ["airflow-xcom-sidecar"], EndsAfterMain = true },
        new("katib") { Containers = ["metrics-logger-and-collector"], EndsAfterMain = true },
        new("argo") { Containers = ["wait", "supervisor"], Images = ["argoexec"], NeedsBoth = true, EndsAfterMain = true },
        new("envoy")
        {
            Phase = ShutdownPhase.Network,
            Containers = ["envoy"],
            Images = ["envoy"],
            Ready = new(new(9901, "/ready")),
            Quit = new(ShutdownMethod.Post, 9901, "/quitquitquit") { Port = s => s.PortNamed("admin") },
        },
    ];

    private const string MakeNative = "make it a native sidecar: an init container with restartPolicy Always";

    private static readonly Rule[] _names =
        [.. All.SelectMany(known => known.Containers.Select(name => new Rule(name, new(known, known.NeedsBoth ? "its name and its image" : "its name"))))];

    private static readonly Rule[] _images =
        [.. All.Where(known => !known.NeedsBoth).SelectMany(known => known.Images.Select(image => new Rule(image, new(known, "its image"))))];

    private static readonly Rule[] _ports =
        [.. All.Where(known => known.PortName is not null).Select(known => new Rule(known.PortName!, new(known, "the name of its port")))];

    /// <summary>What the container is, and what told it; null where it is none that proa knows.</summary>
    public static RecognisedSidecar? Recognise(Container container)
    {
        var image = LastPart(container.Image);
        RecognisedSidecar? byImage = null;
        foreach (var rule in _images)
        {
            if (!rule.Matches(image)) continue;
            byImage = rule.Found;
            break;
        }

        foreach (var rule in _names)
        {
            if (!rule.Matches(container.Name) || (rule.Found.Sidecar.NeedsBoth && !rule.Found.Sidecar.Images.Contains(image.ToString()))) continue;
            // Names are given by hand: an image of another kind tells more.
            return byImage is null || byImage.Sidecar == rule.Found.Sidecar ? rule.Found : byImage;
        }

        if (byImage is not null) return byImage;
        foreach (var port in container.Ports)
        {
            foreach (var rule in _ports)
            {
                if (rule.Matches(port.Name)) return rule.Found;
            }
        }

        return null;
    }

    /// <summary>The kind of this name, or null.</summary>
    public static KnownSidecar? Named(string kind) => All.FirstOrDefault(known => known.Kind == kind);

    /// <summary>The test by which main waits for this sidecar, in place of the Pod's status; null where that says as much.</summary>
    public static ReadyTest? TestOf(Pod pod, Sidecar sidecar) =>
        sidecar.Known is { Sidecar.Ready: { } ready }
        && (ready.ProbeWaits.Length > 0 || sidecar.Container is { ReadinessProbe: null, StartupProbe: null })
            ? ready.InPod(new(pod, sidecar.Container))
            : null;

    /// <summary>Whose endpoint this is, where its path and port alone tell.</summary>
    public static KnownQuit? At(Uri url) => AllAt(url).Select(s => s.Quit).FirstOrDefault(q => q is { Hint.Length: > 0 });

    /// <summary>When the sidecar with this endpoint is asked to stop, where its path and port alone tell which it is.</summary>
    public static ShutdownPhase PhaseAt(Uri url) => url.IsLoopback && AllAt(url).FirstOrDefault() is { } known ? known.Phase : ShutdownPhase.Plain;

    private static IEnumerable<KnownSidecar> AllAt(Uri url) =>
        All.Where(s => s.Quit is { } quit && quit.DefaultPath == url.AbsolutePath && (quit.IsOnAnyPort || quit.DefaultPort == url.Port));

    private static KnownQuit GoogleProxy(string prefix, string remedy) => new(ShutdownMethod.Post, 9091, "/quitquitquit")
    {
        Port = s => s.ArgumentPort("admin-port") ?? s.VariablePort(prefix + "ADMIN_PORT"),
        WhyOff = s => s.Flag("quitquitquit") || s.Variable(prefix + "QUITQUITQUIT") == "true" ? null : remedy,
        Hint = remedy,
    };

    /// <param name="defaultPort">Where it listens for the database's clients; null where that depends on the database.</param>
    private static KnownReady GoogleProxyReady(string prefix, int? defaultPort, string hint) => new(new(9090, "/readiness"))
    {
        InPod = s =>
        {
            if (s.IsByShell || Given("config-file") is not null) return null;
            if (s.Flag("health-check") || Given("health-check") == "true")
                return IsLocal(Given("http-address")) ? Test(Given("http-port"), 9090, "/readiness") : null;
            if (!IsLocal(Given("address")) || Given("unix-socket") is not null || Given("fuse") is not null) return null;
            if (s.Parameters is not [var first, ..]) return Test(Given("port"), defaultPort, "");
            return first.Contains("unix-socket", StringComparison.Ordinal) || first.Contains("address=", StringComparison.Ordinal) ? null
                : Array.Find(first.Split('&'), p => p.StartsWith("port=", StringComparison.Ordinal)) is { } own ? Test(own["port=".Length..], null, "")
                : Test(Given("port"), defaultPort, "");

            string? Given(string name) => s.Argument(name) ?? s.Variable(prefix + name.Replace('-', '_').ToUpperInvariant());
        },
        Hint = hint,
    };

    private static SpecPort? VaultPort(SidecarSpec spec) =>
        SpecPort.Of(spec.Pod.Metadata.Annotations.VaultListenerPort, "the annotation vault.hashicorp.com/agent-cache-listener-port")
        ?? SpecPort.Of(spec.Pod.Metadata.Annotations.OpenBaoListenerPort, "the annotation openbao.openbao.org/agent-cache-listener-port");

    /// <summary>The injector makes it listen for either purpose; what a ConfigMap of one's own says is not in the Pod.</summary>
    private static ReadyTest? VaultListener(SidecarSpec spec) => spec.Pod.Metadata.Annotations switch
    {
        { VaultConfigMap: not null } or { OpenBaoConfigMap: not null } => null,
        { VaultEnableQuit: "true" } or { VaultCache: "true" } or { OpenBaoEnableQuit: "true" } or { OpenBaoCache: "true" } =>
            new(VaultPort(spec)?.Number ?? 8200),
        _ => null,
    };

    private static SpecPort? StatsdPort(SidecarSpec spec) =>
        spec.Argument("web.listen-address") is { } address ? SpecPort.Of(address[(address.LastIndexOf(':') + 1)..], "--web.listen-address") : null;

    private static ReadyTest? StatsdTest(SidecarSpec spec) =>
        spec.IsByShell ? null
        : spec.Argument("web.listen-address") is not { } address ? new(9102, "/-/ready")
        : address.LastIndexOf(':') is >= 0 and var colon && (colon == 0 || IsLocal(address[..colon])) ? Test(address[(colon + 1)..], null, "/-/ready")
        : null;

    /// <summary>A test at the port that the text says; null where it says none, or is missing and there is no default.</summary>
    private static ReadyTest? Test(string? text, int? absent, string path) =>
        (text is null ? absent : SpecPort.Of(text, "")?.Number) is { } port ? new(port, path) : null;

    /// <summary>Whether who listens at this address is reached at 127.0.0.1.</summary>
    private static bool IsLocal(string? address) => address is null or "localhost" or "127.0.0.1" or "0.0.0.0" or "::" or "[::]";

    /// <summary>The last part of the image's path, without tag and digest: registries are mirrored.</summary>
    public static ReadOnlySpan<char> LastPart(string image)
    {
        var path = image.AsSpan();
        if (path.IndexOf('@') is >= 0 and var digest) path = path[..digest];
        path = path[(path.LastIndexOf('/') + 1)..];
        return path.IndexOf(':') is >= 0 and var tag ? path[..tag] : path;
    }

    /// <param name="pattern">A name; a trailing * stands for any end.</param>
    private sealed class Rule(string pattern, RecognisedSidecar found)
    {
        public RecognisedSidecar Found { get; } = found;

        public bool Matches(ReadOnlySpan<char> name) =>
            pattern[^1] == '*' ? name.StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal) : name.SequenceEqual(pattern);
    }
}
