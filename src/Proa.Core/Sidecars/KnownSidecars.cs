namespace Proa.Sidecars;

/// <param name="Container">The name under which its webhook puts it into the Pod.</param>
/// <param name="Port">Where it takes shutdown requests.</param>
/// <param name="Path">The path that ends it, where <see cref="Hint"/> is for it.</param>
/// <param name="Hint">What to do where it does not follow; may be empty.</param>
internal sealed record KnownSidecar(string Container, int Port, string Path = "", string Hint = "")
{
    /// <summary>Whether the path alone tells that it is this one: its port is often another.</summary>
    public bool IsOnAnyPort { get; init; }
}

/// <summary>The one table of sidecars that proa knows; the README has the same.</summary>
internal static class KnownSidecars
{
    private static readonly KnownSidecar[] _all =
    [
        new("istio-proxy", 15020, "/quitquitquit", "Istio's agent takes only POST, and only from 127.0.0.1"),
        new("linkerd-proxy", 4191, "/shutdown",
            "Linkerd's shutdown endpoint is off by default: annotate the Pod with config.linkerd.io/proxy-admin-shutdown: enabled"),
        new("cloud-sql-proxy", 9091, "/quitquitquit", "start the Cloud SQL Auth Proxy with --quitquitquit"),
        new("vault-agent", 8200, "/agent/v1/quit",
            "enable it in the Vault agent's listener with agent_api { enable_quit = true }, or with the annotation "
                + "vault.hashicorp.com/agent-enable-quit: \"true\"")
        {
            IsOnAnyPort = true,
        },
        new("daprd", 3500),
        new("consul-dataplane", 20600),
    ];

    public static KnownSidecar? Named(string container) => Array.Find(_all, s => s.Container == container);

    public static KnownSidecar? At(Uri url) => Array.Find(_all, s => s.Path == url.AbsolutePath && (s.IsOnAnyPort || s.Port == url.Port));
}
