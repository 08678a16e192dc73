using System.Buffers;
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
                IsOn = s => s.Pod.Metadata.Annotations.IstioStatusPort != "0",
                SwitchOn = "remove the annotation status.sidecar.istio.io/port: \"0\" from the Pod",
                Hint = "does Istio's agent listen there? It takes only POST, and only from 127.0.0.1",
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
                // Before 2.16 the injector does not set it, and the endpoint is on.
                IsOn = s => s.Variable("LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED") switch { "true" => true, null or "" => null, _ => false },
                SwitchOn = "annotate the Pod with config.linkerd.io/proxy-admin-shutdown: enabled",
                Hint = "Linkerd's shutdown endpoint is off by default: annotate the Pod with config.linkerd.io/proxy-admin-shutdown: enabled",
            },
        },
        new("cloud-sql")
        {
            TerminateCode = ExitCodes.OfSignal(Signals.Terminate),
            CommonNames = ["csql-*", "cloud-sql-proxy"],
            ShownBy = IsGoogleProxy,
            Shown = "CSQL_PROXY_ variables, --quitquitquit or an instance's name",
            Images = ["cloud-sql-proxy"],
            Ready = GoogleProxyReady("CSQL_PROXY_", null, "start the Cloud SQL Auth Proxy with --health-check"),
            Quit = GoogleProxy("CSQL_PROXY_", "start the Cloud SQL Auth Proxy with --quitquitquit"),
            EndsOnSignal = s => s.Switch("exit-zero-on-sigterm", "CSQL_PROXY_EXIT_ZERO_ON_SIGTERM") == true,
        },
        new("cloud-sql-v1") { Images = ["gce-proxy"], EndsOnSignal = _ => true },
        new("alloydb")
        {
            TerminateCode = ExitCodes.OfSignal(Signals.Terminate),
            Images = ["alloydb-auth-proxy"],
            Ready = GoogleProxyReady("ALLOYDB_PROXY_", 5432, "start the AlloyDB Auth Proxy with --health-check"),
            Quit = GoogleProxy("ALLOYDB_PROXY_", "start the AlloyDB Auth Proxy with --quitquitquit"),
            EndsOnSignal = s => s.Switch("exit-zero-sigterm", "ALLOYDB_PROXY_EXIT_ZERO_SIGTERM") == true,
        },
        new("vault-agent")
        {
            TerminateCode = 0,
            Containers = ["vault-agent", "openbao-agent"],
            Ready = new(new(8200)) { InPod = VaultListener, Hint = "the Vault agent listens only with a cache or with agent-enable-quit" },
            Quit = new(ShutdownMethod.Post, 8200, "/agent/v1/quit")
            {
                Port = VaultPort,
                IsOn = VaultQuits,
                SwitchOn = "annotate the Pod with vault.hashicorp.com/agent-enable-quit: \"true\"",
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
                InPod = s => Test(s.Option("dapr-http-port"), 3500, "/v1.0/healthz/outbound"),
                ProbeWaits = "with an app port the readinessProbe of Dapr succeeds only when main listens at that port",
            },
            Quit = new(ShutdownMethod.Post, 3500, "/v1.0/shutdown")
            {
                Port = s => s.Port("dapr-http-port"),
                TokenVariable = "DAPR_API_TOKEN",
                TokenHeader = "dapr-api-token",
            },
        },
        new("consul")
        {
            TerminateCode = 0,
            Phase = ShutdownPhase.Network,
            Containers = ["consul-dataplane"],
            CommonNames = ["consul-dataplane-*"],
            ShownBy = c => SidecarSpec.HasArgument(c, "proxy-id-path", "proxy-service-id-path", "proxy-service-id", "graceful-port"),
            Shown = "the arguments that the injector gives it",
            Images = ["consul-dataplane"],
            Quit = new(ShutdownMethod.Post, 20600, "/graceful_shutdown")
            {
                // The injector's default is 20600, and it gives the argument; the program's own is another.
                Port = s => s.Port("graceful-port") ?? new(20300, "consul-dataplane"),
                Path = s => s.Option("graceful-shutdown-path"),
                // The injector gave the argument, at first, only where it is on. The program has the endpoint in any case since 1.0.4.
                IsOn = s => s.Argument("graceful-port") is null ? null : true,
                Hint = "annotate the Pod with consul.hashicorp.com/enable-sidecar-proxy-lifecycle: \"true\"",
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
                Port = s => SpecPort.Of(PortOf(s.Option("web.listen-address")), "--web.listen-address"),
                Host = s => HostOf(s.Option("web.listen-address")),
                IsOn = s => s.Switch("web.enable-lifecycle"),
                SwitchOn = StatsdRemedy,
                Hint = StatsdRemedy,
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
        new("argo")
        {
            CommonNames = ["wait", "supervisor"],
            Images = ["argoexec"],
            NeedsBoth = true,
            ShownBy = c => LastPart(c.Image).SequenceEqual("argoexec"),
            EndsAfterMain = true,
        },
        new("envoy")
        {
            Phase = ShutdownPhase.Network,
            CommonNames = ["envoy"],
            ShownBy = c => SidecarSpec.Starts(c, "envoy") || SidecarSpec.HasArgument(c, "config-yaml", "service-cluster", "service-node"),
            Shown = "the program envoy or its arguments",
            Images = ["envoy", "aws-appmesh-envoy"],
            Ready = new(new(9901, "/ready")),
            Quit = new(ShutdownMethod.Post, 9901, "/quitquitquit")
            {
                Port = s => s.PortNamed("admin"),
                // Its configuration says whether and where it has an admin endpoint.
                IsOn = s => s.PortNamed("admin") is not null || LastPart(s.Container.Image).SequenceEqual("aws-appmesh-envoy") ? true : null,
                Hint = "does Envoy's configuration have an admin endpoint? If its port is not 9901, name it admin in the container's ports",
            },
        },
    ];

    private const string MakeNative = "make it a native sidecar: an init container with restartPolicy Always";

    private static readonly SearchValues<char> _ofInstances = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.:");

    private const string StatsdRemedy = "start statsd_exporter with --web.enable-lifecycle";

    private static readonly Rule[] _names = [.. All.SelectMany(known => known.Containers.Select(name => new Rule(name, new(known, "its name"))))];

    private static readonly Rule[] _commonNames =
    [
        .. All.SelectMany(known => known.CommonNames
            .Select(name => new Rule(name, new(known, known.NeedsBoth ? "its name and its image" : "its name and its options")))),
    ];

    private static readonly Rule[] _images =
        [.. All.Where(known => !known.NeedsBoth).SelectMany(known => known.Images.Select(image => new Rule(image, new(known, "its image"))))];

    private static readonly Rule[] _ports =
        [.. All.Where(known => known.PortName is not null).Select(known => new Rule(known.PortName!, new(known, "the name of its port")))];

    /// <summary>What the container is, and what told it; null where it is none that proa knows.</summary>
    public static RecognisedSidecar? Recognise(Container container)
    {
        var byImage = Find(_images, LastPart(container.Image));
        var byName = Find(_names, container.Name)
            ?? (Find(_commonNames, container.Name) is { } common && common.Sidecar.ShownBy(container) ? common : null);
        // Names are given by hand: an image of another kind tells more.
        if (byImage is not null && byImage.Sidecar != byName?.Sidecar) return byImage;
        if (byName is not null) return byName;
        foreach (var port in container.Ports)
        {
            if (Find(_ports, port.Name) is { } byPort) return byPort;
        }

        return null;
    }

    private static RecognisedSidecar? Find(Rule[] rules, ReadOnlySpan<char> name)
    {
        foreach (var rule in rules)
        {
            if (rule.Matches(name)) return rule.Found;
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
        Port = s => s.Port("admin-port", prefix + "ADMIN_PORT"),
        IsOn = s => s.Switch("quitquitquit", prefix + "QUITQUITQUIT"),
        SwitchOn = remedy,
        Hint = remedy,
    };

    /// <summary>Whether variables or arguments are the Cloud SQL Auth Proxy's, an instance's name as <c>PROJECT:REGION:INSTANCE</c> among them.</summary>
    private static bool IsGoogleProxy(Container container) =>
        container.Env.HasAny("CSQL_PROXY_")
        || SidecarSpec.Starts(container, "cloud-sql-proxy")
        || SidecarSpec.HasArgument(container, "quitquitquit", "exit-zero-on-sigterm", "auto-iam-authn")
        || container.Args.Concat(container.Command).Any(IsInstance);

    private static bool IsInstance(string argument)
    {
        // Version 1 writes INSTANCE=tcp:PORT.
        var name = argument.IndexOf('?') is >= 0 and var end ? argument[..end] : argument;
        var parts = name.Split(':');
        return parts.Length is 3 or 4 && name[0] != '-' && name.AsSpan().IndexOfAnyExcept(_ofInstances) < 0
            && Array.TrueForAll(parts, p => p.Length > 0) && char.IsAsciiLetter(parts[^1][0]);
    }

    /// <param name="defaultPort">Where it listens for the database's clients; null where that depends on the database.</param>
    private static KnownReady GoogleProxyReady(string prefix, int? defaultPort, string hint) => new(new(9090, "/readiness"))
    {
        InPod = s =>
        {
            if (s.Switch("health-check", Variable("health-check")) is not { } isChecked) return null;
            if (isChecked) return IsLocal(Given("http-address")) ? Test(Given("http-port"), 9090, "/readiness") : null;
            if (!IsLocal(Given("address", "a")) || Given("unix-socket", "u") is not null || Given("fuse") is not null) return null;
            if (Array.Exists(s.Container.Args, a => a is ['-', 'a' or 'p' or 'u', not '=', ..])) return null;
            if (s.Parameters is not [var first, ..]) return Test(Given("port", "p"), defaultPort, "");
            return first.Contains("unix-socket", StringComparison.Ordinal) || first.Contains("address=", StringComparison.Ordinal) ? null
                : Array.Find(first.Split('&'), p => p.StartsWith("port=", StringComparison.Ordinal)) is { } own ? Test(own["port=".Length..], null, "")
                : Test(Given("port", "p"), defaultPort, "");

            string Variable(string name) => prefix + name.Replace('-', '_').ToUpperInvariant();

            string? Given(string name, string letter = "") => (letter.Length > 0 ? s.Argument(letter) : null) ?? s.Option(name, Variable(name));
        },
        Hint = hint,
    };

    private static SpecPort? VaultPort(SidecarSpec spec) =>
        SpecPort.Of(spec.Pod.Metadata.Annotations.VaultListenerPort, "the annotation vault.hashicorp.com/agent-cache-listener-port")
        ?? SpecPort.Of(spec.Pod.Metadata.Annotations.OpenBaoListenerPort, "the annotation openbao.openbao.org/agent-cache-listener-port");

    /// <summary>The injector's annotations tell it; what a ConfigMap of one's own says, or an agent that nobody injected, is not in the Pod.</summary>
    private static bool? VaultQuits(SidecarSpec spec)
    {
        var annotations = spec.Pod.Metadata.Annotations;
        if (annotations is { VaultConfigMap: not null } or { OpenBaoConfigMap: not null }) return null;
        if (SidecarSpec.GoBool(annotations.VaultEnableQuit) == true || SidecarSpec.GoBool(annotations.OpenBaoEnableQuit) == true) return true;
        return annotations is { VaultStatus: "injected" } or { OpenBaoStatus: "injected" } ? false : null;
    }

    /// <summary>The injector makes it listen for either purpose; what a ConfigMap of one's own says is not in the Pod.</summary>
    private static ReadyTest? VaultListener(SidecarSpec spec)
    {
        var annotations = spec.Pod.Metadata.Annotations;
        if (annotations is { VaultConfigMap: not null } or { OpenBaoConfigMap: not null }) return null;
        string?[] purposes = [annotations.VaultEnableQuit, annotations.VaultCache, annotations.OpenBaoEnableQuit, annotations.OpenBaoCache];
        if (!Array.Exists(purposes, p => SidecarSpec.GoBool(p) == true)) return null;
        return VaultPort(spec) is not { } port ? new(8200) : port.IsKnown ? new(port.Number) : null;
    }

    /// <summary>The port of an address as Go writes it; null where there is none, and empty where it is not known.</summary>
    private static string? PortOf(string? address) => address is null ? null : address.LastIndexOf(':') is >= 0 and var colon ? address[(colon + 1)..] : "";

    /// <summary>The host of such an address, where that is not reached as localhost; else null.</summary>
    private static string? HostOf(string? address) =>
        address?.LastIndexOf(':') is > 0 and { } colon && !IsLocal(address[..colon]) && Uri.CheckHostName(address[..colon]) != UriHostNameType.Unknown
            ? address[..colon]
            : null;

    private static ReadyTest? StatsdTest(SidecarSpec spec) =>
        spec.Option("web.listen-address") is var address && HostOf(address) is null ? Test(PortOf(address), 9102, "/-/ready") : null;

    /// <summary>A test at the port that the text says; null where it says none, or is missing and there is no default.</summary>
    private static ReadyTest? Test(string? text, int? absent, string path) =>
        SpecPort.Of(text, "") is { } given ? given.IsKnown ? new(given.Number, path) : null
        : absent is { } port ? new(port, path)
        : null;

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
