using CsCheck;
using Proa.Ending;
using Proa.Sidecars;

namespace Proa.Tests.Sidecars;

public sealed class KnownSidecarsTests
{
    private static readonly string[] _names = [.. KnownSidecars.All.SelectMany(k => k.Containers.Concat(k.Images)).Select(n => n.TrimEnd('*'))];
    private static readonly string[] _prefixes =
        [.. KnownSidecars.All.SelectMany(k => k.Containers.Concat(k.Images)).Where(n => n.EndsWith('*')).Select(n => n[..^1])];

    [Theory]
    [InlineData("istio-proxy", "registry.example/istio/proxyv2:1.30", "istio by its name")]
    [InlineData("cloud-sql-proxy", "registry.example/gce-proxy:1.33", "cloud-sql-v1 by its image")]
    [InlineData("mesh", "mirror.example:5000/mirror/istio/proxyv2@sha256:0123", "istio by its image")]
    [InlineData("linkerd-proxy", "", "linkerd by its name")]
    [InlineData("csql-default-db", "", "cloud-sql by its name")]
    [InlineData("db", "gcr.example/cloud-sql-connectors/cloud-sql-proxy:2.19.0-alpine", "cloud-sql by its image")]
    [InlineData("db", "alloydb-auth-proxy", "alloydb by its image")]
    [InlineData("vault-agent", "hashicorp/vault:1.20", "vault-agent by its name")]
    [InlineData("daprd", "", "dapr by its name")]
    [InlineData("consul-dataplane-web", "", "consul by its name")]
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
                    new() { Name = name.TrimEnd('*') + (name.EndsWith('*') ? "x" : ""), Image = known.NeedsBoth ? known.Images[0] : "" })?.Sidecar.Kind)));

    [Theory]
    [InlineData("http://localhost:4191/shutdown", "config.linkerd.io/proxy-admin-shutdown: enabled")]
    [InlineData("http://localhost:15020/quitquitquit", "Istio's agent takes only POST")]
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
    [InlineData("Get", "ask it with --shutdown-http-post")]
    [InlineData("Post", "ask it with --shutdown-http-get")]
    public void Where_the_method_is_refused_the_hint_is_the_other_one(string method, string hint) =>
        Assert.Equal(hint, Hint(Enum.Parse<ShutdownMethod>(method), "http://localhost:15020/quitquitquit", 405));

    private static string Hint(ShutdownMethod method, string url, int? status) => ShutdownHint.For(new(method, new(url)), status);
}
