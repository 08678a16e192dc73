using CsCheck;
using Proa.Ending;
using Proa.Pods;
using Proa.Sidecars;
using Proa.Tests.Support;

namespace Proa.Tests.Ending;

/// <summary>What is sent to sidecars that the user does not name.</summary>
public sealed class KnownEndsTests
{
    private static readonly Options _plain = new();

    [Theory]
    [InlineData("istio-proxy", "", "", "", "POST http://localhost:15020/quitquitquit")]
    [InlineData("istio-proxy", "", "", "status.sidecar.istio.io/port=15099", "POST http://localhost:15099/quitquitquit")]
    [InlineData("istio-proxy", "", "", "status.sidecar.istio.io/port=0", "off: remove the annotation status.sidecar.istio.io/port: \"0\" from the Pod")]
    [InlineData("linkerd-proxy", "", "LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED=true", "", "POST http://localhost:4191/shutdown")]
    [InlineData(
        "linkerd-proxy",
        "",
        "LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED=false",
        "",
        "off: annotate the Pod with config.linkerd.io/proxy-admin-shutdown: enabled")]
    [InlineData("linkerd-proxy", "", "", "", "whether POST http://localhost:4191/shutdown")]
    [InlineData("linkerd-proxy", "", "LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED", "", "whether POST http://localhost:4191/shutdown")]
    [InlineData("cloud-sql-proxy", "--quitquitquit db", "", "", "POST http://localhost:9091/quitquitquit")]
    [InlineData("cloud-sql-proxy", "--quitquitquit --admin-port=9999 db", "", "", "POST http://localhost:9999/quitquitquit")]
    [InlineData("cloud-sql-proxy", "--quitquitquit --admin-port 9998 db", "", "", "POST http://localhost:9998/quitquitquit")]
    [InlineData("csql-db", "", "CSQL_PROXY_QUITQUITQUIT=true CSQL_PROXY_ADMIN_PORT=9092", "", "POST http://localhost:9092/quitquitquit")]
    [InlineData("cloud-sql-proxy", "p:r:i", "", "", "off: start the Cloud SQL Auth Proxy with --quitquitquit")]
    [InlineData("cloud-sql-proxy", "--quitquitquit=false db", "", "", "off: start the Cloud SQL Auth Proxy with --quitquitquit")]
    [InlineData("cloud-sql-proxy", "--quitquitquit=1 db", "", "", "POST http://localhost:9091/quitquitquit")]
    [InlineData("cloud-sql-proxy", "--quitquitquit=T db", "", "", "POST http://localhost:9091/quitquitquit")]
    [InlineData("cloud-sql-proxy", "--quitquitquit --quitquitquit=F db", "", "", "off: start the Cloud SQL Auth Proxy with --quitquitquit")]
    [InlineData("cloud-sql-proxy", "p:r:i", "CSQL_PROXY_QUITQUITQUIT=True", "", "POST http://localhost:9091/quitquitquit")]
    [InlineData("cloud-sql-proxy", "p:r:i", "CSQL_PROXY_QUITQUITQUIT=yes", "", "off: start the Cloud SQL Auth Proxy with --quitquitquit")]
    [InlineData("cloud-sql-proxy", "p:r:i", "CSQL_PROXY_QUITQUITQUIT=", "", "off: start the Cloud SQL Auth Proxy with --quitquitquit")]
    [InlineData("cloud-sql-proxy", "p:r:i", "CSQL_PROXY_QUITQUITQUIT", "", "whether POST http://localhost:9091/quitquitquit")]
    [InlineData("cloud-sql-proxy", "p:r:i", "envFrom", "", "whether POST http://localhost:9091/quitquitquit")]
    [InlineData("cloud-sql-proxy", "p:r:i --config-file /proxy.toml", "", "", "whether POST http://localhost:9091/quitquitquit")]
    [InlineData("cloud-sql-proxy", "--config-file=/proxy.toml", "CSQL_PROXY_QUITQUITQUIT=false", "", "off: start the Cloud SQL Auth Proxy with --quitquitquit")]
    [InlineData("cloud-sql-proxy", "p:r:i -c /key.json", "", "", "off: start the Cloud SQL Auth Proxy with --quitquitquit")]
    [InlineData("cloud-sql-proxy", "sh -c /cloud-sql-proxy", "", "", "whether POST http://localhost:9091/quitquitquit")]
    [InlineData("cloud-sql-proxy", "p:r:i $(FLAG)", "FLAG", "", "whether POST http://localhost:9091/quitquitquit")]
    [InlineData("cloud-sql-proxy", "p:r:i $(FLAG)", "FLAG=--quitquitquit", "", "POST http://localhost:9091/quitquitquit")]
    [InlineData("cloud-sql-proxy", "--quitquitquit --admin-port=$(PORT)", "BASE=90 PORT=$(BASE)93", "", "POST http://localhost:9093/quitquitquit")]
    [InlineData("cloud-sql-proxy", "--quitquitquit --admin-port $(PORT)", "PORT", "", "where POST http://localhost:9091/quitquitquit")]
    [InlineData("cloud-sql-proxy", "--quitquitquit", "PORT=9094 CSQL_PROXY_ADMIN_PORT=$(PORT)", "", "POST http://localhost:9094/quitquitquit")]
    [InlineData("cloud-sql-proxy", "--quitquitquit", "envFrom", "", "where POST http://localhost:9091/quitquitquit")]
    [InlineData("vault-agent", "", "", "vault.hashicorp.com/agent-enable-quit=true", "POST http://localhost:8200/agent/v1/quit")]
    [InlineData(
        "vault-agent",
        "",
        "",
        "vault.hashicorp.com/agent-enable-quit=true vault.hashicorp.com/agent-cache-listener-port=8300",
        "POST http://localhost:8300/agent/v1/quit")]
    [InlineData(
        "vault-agent",
        "",
        "",
        "vault.hashicorp.com/agent-inject-status=injected",
        "off: annotate the Pod with vault.hashicorp.com/agent-enable-quit: \"true\"")]
    [InlineData("vault-agent", "", "", "vault.hashicorp.com/agent-enable-quit=1", "POST http://localhost:8200/agent/v1/quit")]
    [InlineData("vault-agent", "", "", "", "whether POST http://localhost:8200/agent/v1/quit")]
    [InlineData(
        "vault-agent",
        "",
        "",
        "vault.hashicorp.com/agent-inject-status=injected vault.hashicorp.com/agent-configmap=own",
        "whether POST http://localhost:8200/agent/v1/quit")]
    [InlineData("daprd", "--dapr-http-port 3501 --app-port 8080", "", "", "POST http://localhost:3501/v1.0/shutdown")]
    [InlineData("consul-dataplane", "-graceful-port=20601 -graceful-shutdown-path=/end", "", "", "POST http://localhost:20601/end")]
    [InlineData("daprd", "--dapr-http-port $(PORT)", "PORT=3502", "", "POST http://localhost:3502/v1.0/shutdown")]
    [InlineData("daprd", "--dapr-http-port $(PORT)", "", "", "where POST http://localhost:3500/v1.0/shutdown")]
    [InlineData("daprd", "sh -c daprd", "", "", "where POST http://localhost:3500/v1.0/shutdown")]
    [InlineData("consul-dataplane", "-addresses=x", "", "", "whether POST http://localhost:20300/graceful_shutdown")]
    [InlineData("x/statsd-exporter", "--web.enable-lifecycle", "", "", "POST http://localhost:9102/-/quit")]
    [InlineData("x/statsd-exporter", "--web.enable-lifecycle --web.listen-address=:9103", "", "", "POST http://localhost:9103/-/quit")]
    [InlineData("x/statsd-exporter", "--web.enable-lifecycle --web.listen-address=0.0.0.0:9103", "", "", "POST http://localhost:9103/-/quit")]
    [InlineData("x/statsd-exporter", "--web.enable-lifecycle --web.listen-address=10.0.0.1:9103", "", "", "POST http://10.0.0.1:9103/-/quit")]
    [InlineData("x/statsd-exporter", "--web.enable-lifecycle --web.listen-address [fd00::1]:9103", "", "", "POST http://[fd00::1]:9103/-/quit")]
    [InlineData("x/statsd-exporter", "--web.enable-lifecycle --web.listen-address=$(IP):9103", "IP", "", "where POST http://localhost:9102/-/quit")]
    [InlineData("x/statsd-exporter", "", "", "", "off: start statsd_exporter with --web.enable-lifecycle")]
    [InlineData("x/statsd-exporter", "@/etc/options", "", "", "whether POST http://localhost:9102/-/quit")]
    [InlineData("kuma-sidecar", "", "", "", "kuma, by its name: it ends by itself, after main")]
    [InlineData("x/envoy", "", "", "", "whether POST http://localhost:9901/quitquitquit")]
    [InlineData("x/aws-appmesh-envoy", "", "", "", "POST http://localhost:9901/quitquitquit")]
    [InlineData("unknown", "", "", "", "no shutdown request is given")]
    [InlineData("gke-gcsfuse-sidecar", "", "", "", "gcsfuse, by its name: it ends by itself, after main")]
    [InlineData("datadog-agent-injected", "", "", "", "datadog, by its name: it ends by itself, after main")]
    public void A_known_sidecar_is_asked_as_its_spec_says(string name, string args, string env, string annotations, string asked)
    {
        var plan = Plan(Pod(name, args, env, annotations), _plain);
        var end = Assert.Single(plan.Sidecars);
        var doubt = end.Doubt is null ? "" : end.Doubt.Why.Contains("whether", StringComparison.Ordinal) ? "whether " : "where ";
        Assert.Equal(asked, plan.Requests is [var request] ? doubt + request.Describe() : end.Remedy.Length > 0 ? "off: " + end.Remedy : end.Asked.Why);
        Assert.Equal(asked.Contains("POST", StringComparison.Ordinal), plan.Awaited.Contains(end.Name));
    }

    [Fact]
    public void One_that_has_ended_is_not_asked_and_its_end_is_told()
    {
        var pod = Given.Pod().With("istio-proxy", Given.Ended(0));
        var plan = Plan(pod, _plain);
        Assert.Empty(plan.Requests);
        Assert.Empty(plan.Awaited);
        Assert.True(plan.Asks);
    }

    [Fact]
    public void In_a_Pod_that_is_being_deleted_the_kubelet_has_told_it_already_and_proa_asks_only_whom_the_user_names()
    {
        var pod = Pod("x/envoy").Deleted();
        Assert.Empty(Plan(pod, _plain).Requests);
        Assert.Single(Plan(pod, new() { ShutdownRequests = [new(ShutdownMethod.Post, new("http://localhost:9901/quitquitquit"))] }).Requests);
    }

    [Fact]
    public void Known_off_asks_nobody() => Assert.True(Plan(Pod("istio-proxy"), new() { UsesKnown = false }).IsIdle);

    [Fact]
    public void What_the_user_asks_for_wins_at_the_sidecar_that_it_reaches()
    {
        var plan = Plan(Pod("istio-proxy"), new() { ShutdownRequests = [new(ShutdownMethod.Get, new("http://localhost:15020/other"))] });
        Assert.Equal(["GET http://localhost:15020/other"], plan.Requests.Select(r => r.Describe()));
    }

    [Fact]
    public void A_signal_to_its_container_wins_too() =>
        Assert.Empty(Plan(Pod("istio-proxy"), new() { Kill = [new(null, "istio-proxy")] }).Requests);

    [Fact]
    public void An_ignored_sidecar_is_not_asked() => Assert.True(Plan(Pod("istio-proxy"), new() { Ignore = ["istio-proxy"] }).IsIdle);

    [Fact]
    public void A_native_sidecar_is_not_asked_even_where_a_URL_points_at_it()
    {
        var pod = Given.Pod().WithNative("istio-proxy", Given.Running, ready: true).With("logger", Given.Running);
        var plan = Plan(
            pod,
            new()
            {
                ShutdownRequests =
                [
                    new(ShutdownMethod.Post, new("http://localhost:15020/quitquitquit")),
                    new(ShutdownMethod.Post, new("http://localhost:1/quit")),
                ],
            });
        Assert.Equal(["POST http://localhost:1/quit"], plan.Requests.Select(r => r.Describe()));
        Assert.Equal("istio-proxy", Assert.Single(plan.Withheld).Sidecar);
    }

    [Fact]
    public void An_unknown_sidecar_beside_a_known_one_is_told_of_as_endless()
    {
        var pod = Pod("istio-proxy").With("logger", Given.Running);
        Assert.Equal(["logger"], EndlessSidecar.Of(pod, Plan(pod, _plain)).Select(s => s.Name));
        Assert.Empty(EndlessSidecar.Of(pod, Plan(pod, new() { Ignore = ["logger"] })));
    }

    [Fact]
    public void Several_are_asked_each_in_its_own_way()
    {
        var pod = Pod("istio-proxy").With("daprd", Given.Running).With("kuma-sidecar", Given.Running).With("consul-dataplane", Given.Running);
        Assert.Equal([3500, 15020, 20300], Plan(pod, _plain).Requests.Select(r => r.Url.Port));
    }

    [Fact]
    public void Two_sidecars_with_the_same_endpoint_are_one_request()
    {
        var pod = Pod("daprd").With("b", Given.Running).Changed("b", c => c with { Image = "daprd" });
        Assert.Equal(["POST http://localhost:3500/v1.0/shutdown"], Plan(pod, _plain).Requests.Select(r => r.Describe()));
    }

    [Fact]
    public void Vault_is_asked_once_and_Dapr_with_its_token()
    {
        Assert.True(Plan(Pod("vault-agent", "", "", "vault.hashicorp.com/agent-enable-quit=true"), _plain).Requests[0].IsOnce);
        Assert.Equal(("DAPR_API_TOKEN", "dapr-api-token"), Plan(Pod("daprd"), _plain).Requests[0] is var r ? (r.TokenVariable, r.TokenHeader) : default);
    }

    [Fact]
    public void In_no_Pod_an_unknown_native_or_ignored_sidecar_is_asked() =>
        Gen.Select(Generate.Pod, Generate.Options, Generate.ExitCode).Sample((pod, options, exitCode) =>
        {
            var plan = ShutdownPlan.Decide(pod, Given.Main, exitCode, EndingRule.Of(options));
            var known = plan.Requests.Except(options.ShutdownRequests).ToArray();
            var reachable = Sidecar.Of(pod, Given.Main, options.Ignore)
                .Where(s => s.Kind == SidecarKind.Regular && KnownSidecars.Recognise(s.Container) is not null);
            Assert.True(known.Length <= reachable.Count());
            Assert.True(plan.Asks || plan.Requests.IsEmpty);
        });

    private static ShutdownPlan Plan(Pod pod, Options options) => ShutdownPlan.Decide(pod, Given.Main, 0, EndingRule.Of(options));

    private static Pod Pod(string name, string args = "", string env = "", string annotations = "")
    {
        var annotated = string.Join(", ", Pairs(annotations).Select(p => $"\"{p.Key}\": \"{p.Value}\""));
        var arguments = string.Join(", ", args.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => $"\"{a}\""));
        // One without a value has it from elsewhere, as a Secret's key.
        var variables = string.Join(", ", env.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(e => e != "envFrom").Select(e => e.Contains('=')
            ? $"{{\"name\": \"{Pairs(e).Single().Key}\", \"value\": \"{Pairs(e).Single().Value}\"}}"
            : $"{{\"name\": \"{e}\", \"valueFrom\": {{\"secretKeyRef\": {{\"name\": \"s\", \"key\": \"k\"}} }} }}"));
        var from = env == "envFrom" ? "\"envFrom\": [{\"secretRef\": {\"name\": \"s\"}}]," : "";
        var json = $$"""
            {
              "metadata": {"name": "p", "namespace": "n", "annotations": { {{annotated}} } },
              "spec": {"restartPolicy": "Never", "containers": [{"name": "main"}, {"name": "{{Path.GetFileName(name)}}", {{from}}
                "image": "{{(name.Contains('/') ? name : "")}}", "args": [{{arguments}}], "env": [{{variables}}]}]},
              "status": {"phase": "Running", "containerStatuses": [{"name": "{{Path.GetFileName(name)}}", "state": {"running": { } } } ] }
            }
            """;
        Assert.True(PodReader.TryReadPod(System.Text.Encoding.UTF8.GetBytes(json), out var pod));
        return pod;
    }

    private static IEnumerable<(string Key, string Value)> Pairs(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => (pair.Split('=')[0], pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]));
}
