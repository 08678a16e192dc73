using Proa.Ending;
using Proa.Sidecars;

namespace Proa.Tests.Sidecars;

public sealed class KnownSidecarsTests
{
    [Theory]
    [InlineData("istio-proxy", 15020)]
    [InlineData("linkerd-proxy", 4191)]
    [InlineData("cloud-sql-proxy", 9091)]
    [InlineData("vault-agent", 8200)]
    [InlineData("daprd", 3500)]
    [InlineData("consul-dataplane", 20600)]
    [InlineData("my-istio-proxy-test", null)]
    [InlineData("Istio-Proxy", null)]
    [InlineData("", null)]
    public void A_container_is_known_by_its_whole_name(string container, int? port) => Assert.Equal(port, KnownSidecars.Named(container)?.Port);

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
