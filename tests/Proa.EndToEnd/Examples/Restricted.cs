using System.Text.Json.Nodes;
using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Examples;

/// <summary>
/// What the examples ask of a cluster: images that were brought to the node are not pulled, and the restricted Pod Security Standard
/// (kubernetes.io/docs, "Pod Security Standards") admits them.
/// </summary>
public sealed class Restricted
{
    private static readonly string[] _volumes = ["configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret"];

    /// <summary>Its image has a user of its own, by number.</summary>
    private const string CloudSql = "cloud-sql-connectors/cloud-sql-proxy:2.18.2";

    public static TheoryData<string> Manifests =>
        new(Directory.GetFiles(Example.Root, "*.yaml")
            .Select(path => Path.GetFileName(path)!).Where(name => name != "rbac.yaml").Append("injected").Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Manifests))]
    public async Task An_image_has_a_tag_and_one_that_is_built_here_is_not_pulled(string name)
    {
        foreach (var container in Containers(await PodSpecAsync(name)))
        {
            var image = container["image"]!.ToString();
            Assert.Matches("^[a-z0-9./-]+:[a-z0-9.-]+$", image);
            if (image.EndsWith(":local", StringComparison.Ordinal)) Assert.Equal("IfNotPresent", container["imagePullPolicy"]?.ToString());
            else Assert.DoesNotContain("proa", image, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public async Task The_restricted_Pod_Security_Standard_admits_it(string name)
    {
        var spec = await PodSpecAsync(name);
        foreach (var field in (string[])["hostNetwork", "hostPID", "hostIPC"]) Assert.Null(spec[field]);
        foreach (var volume in spec["volumes"]?.AsArray() ?? [])
            Assert.All(volume!.AsObject().Where(field => field.Key != "name"), field => Assert.Contains(field.Key, _volumes));
        var pod = spec["securityContext"];
        foreach (var container in Containers(spec))
        {
            var own = container["securityContext"];
            Assert.Equal("true", (own?["runAsNonRoot"] ?? pod?["runAsNonRoot"])?.ToString());
            Assert.NotEqual("0", (own?["runAsUser"] ?? pod?["runAsUser"])?.ToString());
            Assert.Equal("RuntimeDefault", (own?["seccompProfile"] ?? pod?["seccompProfile"])?["type"]?.ToString());
            Assert.Equal("false", own?["allowPrivilegeEscalation"]?.ToString());
            Assert.Equal("""["ALL"]""", own?["capabilities"]?["drop"]?.ToJsonString());
            Assert.Null(own?["capabilities"]?["add"]);
            Assert.Null(own?["privileged"]);
        }
    }

    /// <summary>An image that leaves its user open, as python's does, would have the kubelet refuse to run it: runAsNonRoot.</summary>
    [Theory]
    [MemberData(nameof(Manifests))]
    public async Task Who_runs_a_container_is_said_by_its_image_or_by_the_manifest(string name)
    {
        Assert.Contains("USER 65532:65532", await File.ReadAllLinesAsync(Path.Combine(Example.Root, "Dockerfile"), TestContext.Current.CancellationToken));
        var spec = await PodSpecAsync(name);
        foreach (var container in Containers(spec).Where(c => c["image"]!.ToString() is not ("proa-example:local" or CloudSql)))
            Assert.NotNull(container["securityContext"]?["runAsUser"] ?? spec["securityContext"]?["runAsUser"]);
    }

    private static IEnumerable<JsonNode> Containers(JsonNode spec) =>
        [.. spec["initContainers"]?.AsArray().Select(c => c!) ?? [], .. spec["containers"]!.AsArray().Select(c => c!)];

    private static async Task<JsonNode> PodSpecAsync(string name)
    {
        string yaml;
        if (name == "injected")
        {
            await Inject.RequireKustomizeAsync();
            await using var kubectl = RunningProcess.Start(["kubectl", "kustomize", Path.Combine(Example.Root, name)]);
            yaml = await kubectl.SucceedsAsync();
        }
        else
        {
            yaml = await File.ReadAllTextAsync(Path.Combine(Example.Root, name), TestContext.Current.CancellationToken);
        }

        return Manifest.Parse(yaml).Objects.Single(item => item["kind"]!.ToString() == "Job")["spec"]!["template"]!["spec"]!;
    }
}
