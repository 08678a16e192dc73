using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Tests.Sidecars;

/// <summary>By what main waits for a sidecar that proa knows.</summary>
public sealed class KnownReadyTests
{
    private const string Status = "the Pod's status";

    [Theory]
    [InlineData("daprd", "--dapr-http-port 3501 --app-port 8080", "", "", "http://localhost:3501/v1.0/healthz/outbound")]
    [InlineData("daprd", "--app-port 8080", "", "", "http://localhost:3500/v1.0/healthz/outbound")]
    [InlineData("daprd", "--dapr-http-port $(PORT)", "", "", Status)]
    [InlineData("vault-agent", "", "", "vault.hashicorp.com/agent-enable-quit=true", "localhost:8200")]
    [InlineData("vault-agent", "", "", "vault.hashicorp.com/agent-cache-enable=true vault.hashicorp.com/agent-cache-listener-port=8300", "localhost:8300")]
    [InlineData("openbao-agent", "", "", "openbao.openbao.org/agent-enable-quit=true", "localhost:8200")]
    [InlineData("vault-agent", "", "", "vault.hashicorp.com/agent-enable-quit=true vault.hashicorp.com/agent-configmap=own", Status)]
    [InlineData("vault-agent", "", "", "", Status)]
    [InlineData("cloud-sql-proxy", "--health-check p:r:i", "", "", "http://localhost:9090/readiness")]
    [InlineData("cloud-sql-proxy", "--health-check --http-port=9801 --http-address 0.0.0.0 p:r:i", "", "", "http://localhost:9801/readiness")]
    [InlineData("cloud-sql-proxy", "p:r:i", "CSQL_PROXY_HEALTH_CHECK=true CSQL_PROXY_HTTP_PORT=9802", "", "http://localhost:9802/readiness")]
    [InlineData("cloud-sql-proxy", "--health-check p:r:i", "CSQL_PROXY_HTTP_PORT", "", Status)]
    [InlineData("cloud-sql-proxy", "--health-check p:r:i", "CSQL_PROXY_HTTP_ADDRESS", "", Status)]
    [InlineData("cloud-sql-proxy", "--health-check --http-address 10.0.0.1 p:r:i", "", "", Status)]
    [InlineData("cloud-sql-proxy", "--health-check --http-port $(PORT) p:r:i", "", "", Status)]
    [InlineData("cloud-sql-proxy", "--health-check --config-file /proxy.yaml", "", "", Status)]
    [InlineData("cloud-sql-proxy", "--port 5432 p:r:i p:r:j", "", "", "localhost:5432")]
    [InlineData("cloud-sql-proxy", "p:r:i?port=5433&private-ip=true --port=5432", "", "", "localhost:5433")]
    [InlineData("cloud-sql-proxy", "p:r:i?private-ip=true --port=5432", "", "", "localhost:5432")]
    [InlineData("cloud-sql-proxy", "p:r:i", "CSQL_PROXY_PORT=5434", "", "localhost:5434")]
    [InlineData("cloud-sql-proxy", "p:r:i", "", "", Status)]
    [InlineData("cloud-sql-proxy", "--port 5432 --address 10.0.0.1 p:r:i", "", "", Status)]
    [InlineData("cloud-sql-proxy", "--port 5432 p:r:i?address=10.0.0.1", "", "", Status)]
    [InlineData("cloud-sql-proxy", "p:r:i?unix-socket-path=/sockets/i --port 5432", "", "", Status)]
    [InlineData("cloud-sql-proxy", "--unix-socket /sockets --port 5432 p:r:i", "", "", Status)]
    [InlineData("cloud-sql-proxy", "sh -c run", "CSQL_PROXY_HEALTH_CHECK=true", "", Status)]
    [InlineData("alloydb-auth-proxy", "projects/p/instances/i", "", "", "localhost:5432")]
    [InlineData("alloydb-auth-proxy", "--health-check projects/p/instances/i", "ALLOYDB_PROXY_HTTP_PORT=9803", "", "http://localhost:9803/readiness")]
    [InlineData("statsd-exporter", "", "", "", "http://localhost:9102/-/ready")]
    [InlineData("statsd-exporter", "--web.listen-address=:9103", "", "", "http://localhost:9103/-/ready")]
    [InlineData("statsd-exporter", "--web.listen-address [::]:9104", "", "", "http://localhost:9104/-/ready")]
    [InlineData("statsd-exporter", "--web.listen-address=10.0.0.1:9103", "", "", Status)]
    [InlineData("istio-proxy", "", "", "", Status)]
    [InlineData("linkerd-proxy", "", "", "", Status)]
    [InlineData("envoy", "", "", "", Status)]
    [InlineData("gke-gcsfuse-sidecar", "", "", "", Status)]
    [InlineData("unknown", "--health-check", "", "", Status)]
    public void Only_where_the_spec_says_for_certain_where_it_is_a_test_takes_the_place_of_the_status(
        string name, string args, string env, string annotations, string test) =>
        Assert.Equal(test, KnownSidecars.TestOf(Pod(name, args, env, annotations, ""), Sidecar(name, args, env, annotations, ""))?.ToString() ?? Status);

    [Theory]
    [InlineData("statsd-exporter", "readinessProbe", Status)]
    [InlineData("statsd-exporter", "startupProbe", Status)]
    [InlineData("daprd", "readinessProbe", "http://localhost:3500/v1.0/healthz/outbound")]
    public void A_probe_of_its_own_is_as_good_unless_it_may_wait_for_main(string name, string probe, string test) =>
        Assert.Equal(test, KnownSidecars.TestOf(Pod(name, "", "", "", probe), Sidecar(name, "", "", "", probe))?.ToString() ?? Status);

    private static Sidecar Sidecar(string name, string args, string env, string annotations, string probe) =>
        new(SidecarKind.Regular, Pod(name, args, env, annotations, probe).Spec.Containers[0], null);

    private static Pod Pod(string name, string args, string env, string annotations, string probe)
    {
        var json = $$"""
            {
              "metadata": {"annotations": { {{string.Join(", ", Words(annotations).Select(w => $"{Quote(w.Split('=')[0])}: {Quote(w.Split('=')[1])}"))}} } },
              "spec": {"containers": [{
                "name": "{{name}}", "image": "{{name}}", "args": [{{string.Join(", ", Words(args).Select(Quote))}}],
                "env": [{{string.Join(", ", Words(env).Select(Variable))}}]{{(probe.Length > 0 ? $", {Quote(probe)}: {{ }}" : "")}}
              }]}
            }
            """;
        Assert.True(PodReader.TryReadPod(System.Text.Encoding.UTF8.GetBytes(json), out var pod), json);
        return pod;
    }

    /// <summary>One without a value has it from elsewhere, as a Secret's key.</summary>
    private static string Variable(string pair) => pair.Split('=') is [var name, var value]
        ? $"{{\"name\": {Quote(name)}, \"value\": {Quote(value)}}}"
        : $"{{\"name\": {Quote(pair)}, \"valueFrom\": {{\"secretKeyRef\": {{\"name\": \"s\", \"key\": \"k\"}}}}}}";

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Quote(string text) => $"\"{text}\"";
}
