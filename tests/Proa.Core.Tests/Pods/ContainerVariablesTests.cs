using System.Text;
using Proa.Identity;
using Proa.Pods;

namespace Proa.Tests.Pods;

/// <summary>What references to variables in a container's command and arguments come to.</summary>
public sealed class ContainerVariablesTests
{
    private const string Secret = """{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}""";

    [Theory]
    [InlineData("--port=$(A)", """{"name": "A", "value": "1"}""", "--port=1")]
    [InlineData("--port=$(A)$(A)", """{"value": "1", "name": "A"}""", "--port=11")]
    [InlineData("--port=$(B)", """{"name": "A", "value": "1"}, {"name": "B", "value": "2$(A)"}""", "--port=21")]
    [InlineData("--port=$(B)", """{"name": "B", "value": "2$(A)"}, {"name": "A", "value": "1"}""", "--port=$(B)")]
    [InlineData("--port=$(A)", Secret, "--port=$(A)")]
    [InlineData("--port=$(A)", """{"name": "A", "value": "1"}, """ + Secret, "--port=$(A)")]
    [InlineData("--port=$(A)", Secret + """, {"name": "A", "value": "1"}""", "--port=1")]
    [InlineData("--port=$(A)", """{"name": "A"}""", "--port=")]
    [InlineData("--port=$(C)", """{"name": "A", "value": "1"}""", "--port=$(C)")]
    [InlineData("$$(A)", """{"name": "A", "value": "1"}""", "$(A)")]
    [InlineData("$(A", """{"name": "A", "value": "1"}""", "$(A")]
    [InlineData("$(A)", """null, 3, [], {"name": 3, "value": [{}]}, {"name": "A", "value": "1", "valueFrom": null}""", "1")]
    public void A_reference_is_expanded_where_the_value_is_in_the_Pod(string argument, string env, string expanded)
    {
        Assert.Equal([expanded], Read($$"""{"name": "b", "env": [{{env}}], "args": ["{{argument}}"]}""").Args);
        Assert.Equal([expanded], Read($$"""{"args": [], "command": ["{{argument}}"], "env": [{{env}}], "name": "b"}""").Command);
    }

    [Fact]
    public void Each_container_has_its_own_variables()
    {
        const string json = """
            {"spec": {
              "containers": [{"name": "a", "args": ["$(A)"], "env": [{"name": "A", "value": "1"}]}, {"name": "b", "args": ["$(A)"]}],
              "initContainers": [null, {"name": "c", "args": ["$(A)"], "env": [{"name": "A", "value": "3"}]}]
            }}
            """;
        Assert.True(PodReader.TryReadPod(Encoding.UTF8.GetBytes(json), out var pod));
        Assert.Equal(["1", "$(A)", "3"], pod.Spec.Containers.Concat(pod.Spec.InitContainers).SelectMany(c => c.Args));
    }

    [Fact]
    public void A_value_too_long_to_be_an_option_is_not_put_in() =>
        Assert.Equal(["$(A)"], Read($$"""{"name": "b", "args": ["$(A)"], "env": [{"name": "A", "value": "{{new string('x', 5000)}}"}]}""").Args);

    [Fact]
    public void Where_a_variable_is_no_text_the_references_stay()
    {
        // A longer value than a known variable may have is not read otherwise.
        var begin = "{\"spec\": {\"containers\": [{\"name\": \"b\", \"args\": [\"$(A)\"], \"env\": [{\"name\": \"A\", \"value\": \"" + new string('a', 99);
        byte[] json = [.. Encoding.UTF8.GetBytes(begin), 0xff, .. "\"}]}]}}"u8];
        Assert.True(PodReader.TryReadPod(json, out var pod));
        Assert.Equal(["$(A)"], pod.Spec.Containers[0].Args);
    }

    [Fact]
    public void The_next_worker_knows_what_is_set_elsewhere()
    {
        const string env = """{"name": "CSQL_PROXY_PORT", "valueFrom": {}}, {"name": "CSQL_PROXY_FUSE", "value": ""}""";
        var container = Read("{\"name\": \"b\", \"env\": [" + env + "], \"envFrom\": [{\"secretRef\": {}}]}");
        var bytes = new Handover(new("n", ["p"], "", "", ""), null, new() { Spec = new() { Containers = [container] } }).ToBytes();
        var handed = Handover.FromBytes(bytes)!.Pod!.Spec.Containers[0];
        Assert.Equal(("", null, 1), (handed.Env["CSQL_PROXY_PORT"], handed.Env["CSQL_PROXY_FUSE"], handed.EnvFrom.Length));
    }

    [Theory]
    [InlineData("$(A)")]
    [InlineData("&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&")] // each is written in six bytes
    public void The_next_worker_knows_a_value_that_has_become_long(string value)
    {
        var known = Read($$"""
            {"name": "b", "env": [{"name": "A", "value": "{{new string('a', 70)}}"}, {"name": "CSQL_PROXY_ADDRESS", "value": "{{value}}"}]}
            """);
        var bytes = new Handover(new("n", ["p"], "", "", ""), null, new() { Spec = new() { Containers = [known] } }).ToBytes();
        var handed = Handover.FromBytes(bytes)!.Pod!.Spec.Containers[0];
        Assert.InRange(handed.Env["CSQL_PROXY_ADDRESS"]!.Length, 48, 70);
        Assert.Equal(known.Env["CSQL_PROXY_ADDRESS"], handed.Env["CSQL_PROXY_ADDRESS"]);
    }

    private static Container Read(string container)
    {
        var json = "{\"spec\": {\"containers\": [" + container + "]}}";
        Assert.True(PodReader.TryReadPod(Encoding.UTF8.GetBytes(json), out var pod), json);
        return Assert.Single(pod.Spec.Containers);
    }
}
