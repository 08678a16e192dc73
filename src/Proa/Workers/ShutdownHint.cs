
namespace Proa.Workers;

/// <summary>What to do where a sidecar does not follow, as far as its endpoint tells which sidecar it is.</summary>
internal static class ShutdownHint
{
    private const int Linkerd = 4191;
    private const int Istio = 15020;
    private const int CloudSql = 9091;

    private const int MethodNotAllowed = 405;

    /// <summary>The hint, or empty.</summary>
    /// <param name="request">What it was asked with.</param>
    /// <param name="status">The HTTP status that it answered, or null.</param>
    public static string For(ShutdownRequest request, int? status)
    {
        if (status == MethodNotAllowed)
            return request.Method == ShutdownMethod.Get ? "ask it with --shutdown-http-post" : "ask it with --shutdown-http-get";
        return (request.Url.Port, request.Url.AbsolutePath) switch
        {
            (Linkerd, "/shutdown") => "Linkerd's shutdown endpoint is off by default: annotate the Pod with config.linkerd.io/proxy-admin-shutdown: enabled",
            (Istio, "/quitquitquit") => "Istio's agent takes only POST, and only from 127.0.0.1",
            (CloudSql, "/quitquitquit") => "start the Cloud SQL Auth Proxy with --quitquitquit",
            (_, "/agent/v1/quit") => "enable it in the Vault agent's listener with agent_api { enable_quit = true }, or with the annotation vault.hashicorp.com/agent-enable-quit: \"true\"",
            _ => "",
        };
    }
}
