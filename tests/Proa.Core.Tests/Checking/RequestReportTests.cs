using Proa.Checking;
using Proa.CommandLine;
using Proa.Pods;
using Proa.Sidecars;
using Proa.Tests.Support;

namespace Proa.Tests.Checking;

public sealed class RequestReportTests
{
    [Theory]
    [InlineData("localhost:8080", "declares", "it declares the port")]
    [InlineData("127.0.0.1:8080", "declares", "it declares the port")]
    [InlineData("[::1]:8080", "declares", "it declares the port")]
    [InlineData("localhost:9090", "probed", "its probe uses this port")]
    [InlineData("localhost:9191", "connected", "its probe uses this port")]
    [InlineData("localhost:7070", "named", "it declares the port")]
    [InlineData("localhost:15020", "istio-proxy", "it is its default port")]
    [InlineData("localhost:4191", null, "proa cannot tell which sidecar it reaches: no sidecar declares port 4191")]
    [InlineData("localhost:5555", null, "proa cannot tell which sidecar it reaches: port 5555 may belong to declares or named")]
    [InlineData("example.org:8080", null, "proa cannot tell which sidecar it reaches: example.org is not localhost")]
    public void A_request_is_for_the_sidecar_whose_port_it_goes_to(string authority, string? sidecar, string why)
    {
        var pod = Of(
            new Container { Name = "declares", Ports = [new() { Number = 5555 }, new() { Number = 8080 }] },
            new Container { Name = "probed", ReadinessProbe = new() { HttpGet = new() { Port = "9090" } } },
            new Container { Name = "connected", StartupProbe = new() { TcpSocket = new() { Port = "9191" } } },
            new Container
            {
                Name = "named",
                Ports = [new() { Number = 7070, Name = "admin" }, new() { Number = 5555 }],
                ReadinessProbe = new() { HttpGet = new() { Port = "admin" } },
            },
            new Container { Name = "istio-proxy", ReadinessProbe = new() { HttpGet = new() { Port = "none" } } });
        var request = Assert.Single(Report(pod, "-p", $"http://{authority}/quit").Requests);
        Assert.Equal((sidecar, why), (request.Sidecar, request.Why));
    }

    [Theory]
    [InlineData("http://localhost:1/", "the only sidecar", "only")]
    [InlineData("http://localhost:1/", "the only sidecar that is left", "left", "istio-proxy")]
    [InlineData("http://localhost:1/", "proa cannot tell which sidecar it reaches: no sidecar declares port 1", null, "a", "b")]
    [InlineData("http://example.org/", "proa cannot tell which sidecar it reaches: example.org is not localhost", null)]
    public void What_no_port_tells_the_sidecar_gets_that_is_left_over(string url, string why, string? sidecar, params string[] others)
    {
        var names = sidecar is null && others.Length == 0 ? ["only"] : sidecar is null ? others : [sidecar, .. others];
        var report = Report(Of([.. names.Select(name => new Container { Name = name })]), "-p", "http://localhost:15020/quitquitquit", "-p", url);
        var request = report.Requests.Single(r => r.Request!.Url == new Uri(url));
        Assert.Equal((sidecar, why), (request.Sidecar, request.Why));
    }

    [Fact]
    public void A_Pod_without_regular_sidecars_has_none_to_ask() =>
        Assert.Equal(
            (null, "there is no regular sidecar to reach"),
            Assert.Single(Report(Given.Pod().WithNative("istio-proxy"), "-p", "http://localhost:15020/").Requests) is var r ? (r.Sidecar, r.Why) : default);

    [Fact]
    public void Neither_main_nor_a_native_or_ignored_sidecar_is_asked_by_a_request()
    {
        var pod = Of(new Container { Name = "ignored", Ports = [new() { Number = 1 }] }, new Container { Name = "other" }, new Container { Name = "another" });
        pod = pod with
        {
            Spec = pod.Spec with
            {
                Containers = [pod.Spec.Containers[0] with { Ports = [new() { Number = 1 }] }, .. pod.Spec.Containers[1..]],
                InitContainers = [new() { Name = "native", RestartPolicy = "Always", Ports = [new() { Number = 1 }] }],
            },
        };
        Assert.Null(Assert.Single(Report(pod, "-p", "http://localhost:1/", "--ignore", "ignored").Requests).Sidecar);
    }

    [Theory]
    [InlineData(
        """
        {"name": "a", "ports": [{"containerPort": 1, "name": "x"}],
         "readinessProbe": {"httpGet": {"port": 2}}, "startupProbe": {"tcpSocket": {"port": "x"}}}
        """,
        "1 x 2 x")]
    [InlineData("""{"name": "a", "ports": [null, {}], "readinessProbe": {"httpGet": {"port": [2]}}, "startupProbe": {"tcpSocket": {"port": 1.5}}}""", "0   ")]
    [InlineData(
        """{"name": "a", "ports": null, "readinessProbe": {"httpGet": null, "grpc": {"port": 1}}, "startupProbe": {"tcpSocket": {"port": null}}}""", "  ")]
    public void Ports_are_read_by_number_and_by_name_and_whatever_else_is_there_is_no_port(string container, string read)
    {
        Assert.True(
            PodReader.TryReadPod(
                System.Text.Encoding.UTF8.GetBytes("""{"metadata": {"name": "x"}, "spec": {"containers": [""" + container + "]}}"),
                out var pod));
        var found = pod.Spec.Containers[0];
        var ports = found.Ports is [var port, ..] ? $"{port.Number} {port.Name}" : "";
        Assert.Equal(read, $"{ports} {found.ReadinessProbe?.HttpGet?.Port} {found.StartupProbe?.TcpSocket?.Port}");
    }

    private static CheckReport Report(Pod pod, params string[] arguments) =>
        CheckReport.Of(
            new(Parser.Parse([.. arguments, "--known", "off", "cmd"], _ => null).Options, "here") { Pod = pod, Container = new(Given.Main, "here") });

    private static Pod Of(params Container[] sidecars)
    {
        var pod = Given.Pod();
        return pod with { Spec = pod.Spec with { Containers = [.. pod.Spec.Containers, .. sidecars] } };
    }
}
