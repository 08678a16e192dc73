using CsCheck;
using Proa.Ending;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Tests.Sidecars;

public sealed class KnownSidecarsTests
{
    private static readonly string[] _names =
        [.. KnownSidecars.All.SelectMany(k => k.Containers.Concat(k.CommonNames).Concat(k.Images)).Select(n => n.TrimEnd('*'))];
    private static readonly string[] _prefixes =
        [.. KnownSidecars.All.SelectMany(k => k.Containers.Concat(k.Images)).Where(n => n.EndsWith('*')).Select(n => n[..^1])];

    [Theory]
    [InlineData("istio-proxy", "registry.example/istio/proxyv2:1.30", "istio by its name")]
    [InlineData("cloud-sql-proxy", "registry.example/gce-proxy:1.33", "cloud-sql-v1 by its image")]
    [InlineData("mesh", "mirror.example:5000/mirror/istio/proxyv2@sha256:0123", "istio by its image")]
    [InlineData("linkerd-proxy", "", "linkerd by its name")]
    [InlineData("csql-default-db", "", "none")]
    [InlineData("csql-default-db", "mirror.example/cloud-sql-proxy:2", "cloud-sql by its image")]
    [InlineData("cloud-sql-proxy", "corp.example/sql:1", "none")]
    [InlineData("envoy", "corp.example/laravel:11", "none")]
    [InlineData("envoy", "public.example/aws-appmesh-envoy:v1.29", "envoy by its image")]
    [InlineData("db", "gcr.example/cloud-sql-connectors/cloud-sql-proxy:2.19.0-alpine", "cloud-sql by its image")]
    [InlineData("db", "alloydb-auth-proxy", "alloydb by its image")]
    [InlineData("vault-agent", "hashicorp/vault:1.20", "vault-agent by its name")]
    [InlineData("daprd", "", "dapr by its name")]
    [InlineData("consul-dataplane", "", "consul by its name")]
    [InlineData("consul-dataplane-web", "", "none")]
    [InlineData("consul-dataplane2", "", "none")]
    [InlineData("kuma-sidecar", "", "kuma by its name")]
    [InlineData("proxy", "envoyproxy/envoy:v1.35.0", "envoy by its image")]
    [InlineData("stats", "prom/statsd-exporter:v0.28.0", "statsd-exporter by its image")]
    [InlineData("gke-gcsfuse-sidecar", "", "gcsfuse by its name")]
    [InlineData("datadog-agent-injected", "", "datadog by its name")]
    [InlineData("wait", "quay.example/argoproj/argoexec:v3.7.3", "argo by its name and its image")]
    [InlineData("supervisor", "argoexec", "argo by its name and its image")]
    [InlineData("wait", "busybox", "none")]
    [InlineData("wait", "example/argoexec-docs:1", "none")]
    [InlineData("step", "quay.example/argoproj/argoexec:v3.7.3", "none")]
    [InlineData("my-istio-proxy-test", "", "none")]
    [InlineData("istio-proxy-2", "", "none")]
    [InlineData("Istio-Proxy", "", "none")]
    [InlineData("docs", "example/envoy-docs:1", "none")]
    [InlineData("docs", "example/envoy/docs", "none")]
    [InlineData("docs", "proxyv2.example/docs:proxyv2", "none")]
    [InlineData("envoys", "", "none")]
    [InlineData("csql", "", "none")]
    [InlineData("", "", "none")]
    [InlineData("a", "::@@//", "none")]
    public void A_sidecar_is_recognised_by_its_whole_name_or_the_last_part_of_its_image(string name, string image, string recognised) =>
        Assert.Equal(recognised, KnownSidecars.Recognise(new() { Name = name, Image = image }) is var (known, by) ? $"{known.Kind} by {by}" : "none");

    [Theory]
    [InlineData("csql-db", "", "CSQL_PROXY_QUITQUITQUIT", "cloud-sql")]
    [InlineData("csql-db", "p:r:i", "", "cloud-sql")]
    [InlineData("csql-db", "domain.example:p:r:i?port=5432", "", "cloud-sql")]
    [InlineData("csql-db", "--quitquitquit=true", "", "cloud-sql")]
    [InlineData("csql-db", "sh -c exec_/bin/cloud-sql-proxy_$A", "", "cloud-sql")]
    [InlineData("csql-migrate", "migrate up --http-port 8080", "", "none")]
    [InlineData("csql-migrate", "--path=p:r:i", "", "none")]
    [InlineData("csql-migrate", "--listen [::1]:80 10:20:30", "", "none")]
    [InlineData("csql-migrate", "", "ALLOYDB_PROXY_QUITQUITQUIT", "none")]
    [InlineData("cloud-sql-proxy", "-instances p:r:i=tcp:5432", "", "none")]
    [InlineData("envoy", "envoy -c /etc/envoy.yaml", "", "envoy")]
    [InlineData("envoy", "sh -ec exec_/usr/local/bin/envoy_-c_/etc/envoy.yaml", "", "envoy")]
    [InlineData("envoy", "serve --service-node=a", "", "envoy")]
    [InlineData("envoy", "php artisan envoy run deploy", "", "none")]
    [InlineData("my-envoy", "envoy -c /etc/envoy.yaml", "", "none")]
    [InlineData("consul-dataplane-web", "-proxy-id-path=/a", "", "consul")]
    [InlineData("consul-dataplane-docs", "serve", "", "none")]
    public void A_name_that_others_have_too_needs_the_image_the_program_arguments_or_variables(string name, string command, string variable, string kind)
    {
        var words = string.Join(", ", command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => $"\"{w.Replace('_', ' ')}\""));
        var env = variable.Length > 0 ? $"{{\"name\": \"{variable}\", \"value\": \"true\"}}" : "";
        var json = $"{{\"spec\": {{\"containers\": [{{\"name\": \"{name}\", \"command\": [{words}], \"env\": [{env}]}}]}}}}";
        Assert.True(PodReader.TryReadPod(System.Text.Encoding.UTF8.GetBytes(json), out var pod), json);
        Assert.Equal(kind, KnownSidecars.Recognise(pod.Spec.Containers[0])?.Sidecar.Kind ?? "none");
    }

    [Fact]
    public void A_port_that_only_it_has_tells_a_renamed_sidecar() =>
        Assert.Equal("linkerd", KnownSidecars.Recognise(new() { Name = "mesh", Ports = [new() { Name = "linkerd-admin", Number = 4191 }] })?.Sidecar.Kind);

    [Fact]
    public void No_name_and_no_image_that_has_a_known_one_in_it_is_taken_for_it() =>
        Gen.Select(Gen.Char["abcxyz019-"].Array[0, 3], Gen.OneOf(_names), Gen.Char["abcxyz019-"].Array[0, 3], Gen.Bool)
            .Sample((before, name, after, isImage) =>
            {
                var text = new string(before) + name + new string(after);
                var isKnown = _names.Contains(text) || _prefixes.Any(p => text.StartsWith(p, StringComparison.Ordinal));
                var found = KnownSidecars.Recognise(isImage ? new() { Name = "x", Image = $"registry.example/{name}/{text}:{name}" } : new() { Name = text });
                Assert.True(isKnown || found is null, text);
            });

    [Fact]
    public void No_name_in_the_table_is_of_two_kinds() => Assert.All(
        KnownSidecars.All,
        known => Assert.All(
            known.Containers,
            name => Assert.Equal(
                known.Kind,
                KnownSidecars.Recognise(
                    new() { Name = name })?.Sidecar.Kind)));

    [Fact]
    public void No_common_name_alone_is_taken_for_a_kind() => Assert.All(
        KnownSidecars.All.SelectMany(k => k.CommonNames),
        name => Assert.Null(KnownSidecars.Recognise(new() { Name = name.Replace("*", "x", StringComparison.Ordinal), Image = "corp.example/app:1" })));

    [Theory]
    [InlineData("http://localhost:4191/shutdown", "config.linkerd.io/proxy-admin-shutdown: enabled")]
    [InlineData("http://localhost:15020/quitquitquit", "does Istio's agent listen there? It takes only POST")]
    [InlineData("http://localhost:9091/quitquitquit", "--quitquitquit")]
    [InlineData("http://localhost:8200/agent/v1/quit", "enable_quit = true")]
    [InlineData("http://localhost:8100/agent/v1/quit?now", "enable_quit = true")]
    public void A_refusing_endpoint_gets_the_hint_of_its_sidecar(string url, string hint) =>
        Assert.Contains(hint, Hint(ShutdownMethod.Post, url, 404), StringComparison.Ordinal);

    [Theory]
    [InlineData("http://localhost:4192/shutdown")]
    [InlineData("http://localhost:4191/shutdown/now")]
    [InlineData("http://localhost:15021/quitquitquit")]
    [InlineData("http://localhost:3500/")]
    public void An_endpoint_of_an_unknown_sidecar_gets_none(string url) => Assert.Equal("", Hint(ShutdownMethod.Post, url, 404));

    [Theory]
    [InlineData("Get", "http://localhost:15020/quitquitquit", "ask it with --shutdown-http-post")]
    [InlineData("Get", "http://localhost:1/quit", "ask it with --shutdown-http-post")]
    [InlineData("Post", "http://localhost:1/quit", "ask it with --shutdown-http-get")]
    [InlineData("Post", "http://localhost:9102/-/quit", "start statsd_exporter with --web.enable-lifecycle")]
    public void Where_the_method_is_refused_the_hint_is_the_other_one_unless_it_is_known_to_be_the_right_one(string method, string url, string hint) =>
        Assert.Equal(hint, Hint(Enum.Parse<ShutdownMethod>(method), url, 405));

    [Theory]
    [InlineData(404, true, false, "start the Cloud SQL Auth Proxy with --quitquitquit")]
    [InlineData(404, true, true, "according to the Pod's spec the endpoint is on: kubectl logs of the sidecar may show why")]
    [InlineData(500, true, true, "kubectl logs of the sidecar may show why")]
    [InlineData(500, true, false, "kubectl logs of the sidecar may show why")]
    [InlineData(429, true, false, "")]
    [InlineData(null, true, false, "")]
    [InlineData(null, false, false, "start the Cloud SQL Auth Proxy with --quitquitquit")]
    public void The_hint_fits_the_answer_and_what_the_spec_says(int? status, bool isConnected, bool isOn, string hint) => Assert.Equal(
        hint,
        ShutdownHint.For(
            Planned(isOn),
            status,
            isConnected));

    private static PlannedRequest Planned(bool isOn)
    {
        var quit = KnownSidecars.Named("cloud-sql")!.Quit!;
        var request = new ShutdownRequest(ShutdownMethod.Post, new("http://localhost:9999/quitquitquit"));
        return new(request, "a") { Quit = quit, Hint = isOn ? ShutdownHint.IsOn : quit.Hint };
    }

    [Fact]
    public void Where_Dapr_does_not_accept_the_token_the_hint_names_its_variable() => Assert.Equal(
        "does main have the token of the sidecar in DAPR_API_TOKEN?",
        ShutdownHint.For(new(KnownSidecars.Named("dapr")!.Quit!.Default, null), 401, isConnected: true));

    private static string Hint(ShutdownMethod method, string url, int? status) => 
        ShutdownHint.For(new(new(method, new(url)), null), status, status is not null);
}
