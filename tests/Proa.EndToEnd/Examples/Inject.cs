using System.Text.Json.Nodes;
using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Examples;

/// <summary>The component that puts proa in front of main, rendered by kubectl.</summary>
[Collection(nameof(Examples))]
public sealed class Inject
{
    [Fact]
    [Runs("injected", "inject", "inject-image-volume")]
    public async Task An_ordinary_Job_runs_under_the_proa_that_an_init_container_has_installed()
    {
        Executables.RequireRoot("run containers as another user");
        await RequireKustomizeAsync();
        await using var kubectl = Kubectl("kustomize", Example.PresentPath);
        await using var example = await Example.StartAsync(await kubectl.SucceedsAsync());
        var outcome = await example.SucceedsAsync();
        Assert.Equal(["the sidecar says: hello from the sidecar"], example.Said("app"));
        Assert.Equal(["asked to shut down", "ended"], example.Said("sidecar"));
        Assert.Equal(0, outcome.Container("proa-install").ExitCode);
    }

    [Fact]
    public async Task What_the_Job_has_it_keeps()
    {
        await RequireKustomizeAsync();
        using var directory = new TemporaryDirectory();
        await using var kubectl = Kubectl("kustomize", Overlay(directory, """
            restartPolicy: Never
            initContainers: [{name: own, image: any, command: ["true"]}]
            volumes: [{name: own, emptyDir: {}}]
            containers:
            - {name: anything, image: any, command: [main, argument], args: [more], volumeMounts: [{name: own, mountPath: /own}]}
            - {name: sidecar, image: any, command: [sidecar]}
            """));
        var spec = Manifest.Parse(await kubectl.SucceedsAsync()).Objects.Single(item => item["kind"]!.ToString() == "Job")["spec"]!["template"]!["spec"]!;
        Assert.Equal(["proa-install", "own"], Names(spec["initContainers"]));
        Assert.Equal(["proa", "own"], Names(spec["volumes"]));
        Assert.Equal(["/proa-bin/proa", "--", "main", "argument"], spec["containers"]![0]!["command"]!.AsArray().Select(word => word!.ToString()));
        Assert.Equal(["own", "proa"], Names(spec["containers"]![0]!["volumeMounts"]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"name": "sidecar", "image": "any", "command": ["sidecar"]}"""), spec["containers"]![1]));

        static string[] Names(JsonNode? list) => [.. list!.AsArray().Select(item => item!["name"]!.ToString())];
    }

    [Theory]
    [InlineData("Job", "batch/v1", "template: ", "inject")]
    [InlineData("CronJob", "batch/v1", "jobTemplate: {spec: {template: ", "inject")]
    [InlineData("Deployment", "apps/v1", "template: ", "inject")]
    [InlineData("StatefulSet", "apps/v1", "template: ", "inject")]
    [InlineData("Job", "batch/v1", "template: ", "inject-image-volume")]
    [InlineData("CronJob", "batch/v1", "jobTemplate: {spec: {template: ", "inject-image-volume")]
    [InlineData("StatefulSet", "apps/v1", "template: ", "inject-image-volume")]
    public async Task Every_kind_of_workload_gets_proa(string kind, string version, string way, string component)
    {
        await RequireKustomizeAsync();
        using var directory = new TemporaryDirectory();
        var closing = way.Contains("jobTemplate", StringComparison.Ordinal) ? "}}" : "";
        var overlay = Overlay(directory, "{}", component);
        directory.Write(
            "overlay/job.yaml",
            $"{{apiVersion: {version}, kind: {kind}, metadata: {{name: any}}, "
                + $"spec: {{{way}{{spec: {{containers: [{{name: main, image: any, command: [work]}}]}}}}{closing}}}}}\n");
        await using var kubectl = Kubectl("kustomize", overlay);
        var found = Policies.AdmissionPolicies.Read(await kubectl.SucceedsAsync()).Single(item => item["kind"]!.ToString() == kind);
        var spec = (found["spec"]!["jobTemplate"] is { } job ? job["spec"]! : found["spec"]!)["template"]!["spec"]!;
        Assert.Equal("/proa-bin/proa -- work", string.Join(' ', spec["containers"]![0]!["command"]!.AsArray()));
        Assert.Equal(("proa", "/proa-bin"), (Of("name"), Of("mountPath")));
        Assert.Equal("proa", spec["serviceAccountName"]!.ToString());
        var volume = Assert.Single(spec["volumes"]!.AsArray())!.AsObject();
        Assert.Equal(component == "inject" ? ["emptyDir", "name"] : ["image", "name"], volume.Select(field => field.Key).Order());
        Assert.Equal(component == "inject" ? 1 : 0, spec["initContainers"]?.AsArray().Count ?? 0);

        string Of(string field) => spec["containers"]![0]!["volumeMounts"]![0]![field]!.ToString();
    }

    [Theory]
    [InlineData("containers: [{name: main, image: any}]", "containers/0/command")]
    [InlineData("{serviceAccountName: own, containers: [{name: main, image: any, command: [main]}]}", "serviceAccountName")]
    public async Task A_Job_that_it_cannot_serve_is_refused(string spec, string field)
    {
        await RequireKustomizeAsync();
        using var directory = new TemporaryDirectory();
        await using var kubectl = Kubectl("kustomize", Overlay(directory, spec));
        var (exitCode, output, errors) = await kubectl.ResultAsync();
        Assert.Equal((true, ""), (exitCode != 0, output));
        Assert.Contains(field, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_Role_is_that_of_the_example_for_RBAC_alone() =>
        Assert.Equal(WithoutComments("rbac.yaml"), WithoutComments("inject/rbac.yaml"));

    internal static async Task RequireKustomizeAsync()
    {
        Assert.SkipWhen(Executables.Find("kubectl") is null, "kubectl is not installed");
        await using var kubectl = Kubectl("version", "--client", "--output=json");
        var version = JsonNode.Parse(await kubectl.SucceedsAsync())!["kustomizeVersion"]?.ToString();
        Assert.SkipUnless(version is not null && int.Parse(version.TrimStart('v').Split('.')[0], System.Globalization.CultureInfo.InvariantCulture) >= 5,
            "kubectl's kustomize is older than 5");
    }

    private static RunningProcess Kubectl(params string[] arguments) => RunningProcess.Start(["kubectl", .. arguments]);

    /// <summary>A kustomization with the component and one Job.</summary>
    /// <returns>Its directory.</returns>
    private static string Overlay(TemporaryDirectory directory, string podSpec, string component = "inject")
    {
        foreach (var file in new[] { "inject", "inject-image-volume" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Example.Root, folder))))
            directory.Write(Path.GetRelativePath(Example.Root, file), File.ReadAllText(file));
        directory.Write("overlay/job.yaml", $"""
            apiVersion: batch/v1
            kind: Job
            metadata:
              name: any
            spec:
              template:
                spec:
                  {podSpec.ReplaceLineEndings("\n      ")}
            """);
        directory.Write("overlay/kustomization.yaml", $"""
            resources: [job.yaml]
            components: [../{component}]
            """);
        return directory["overlay"];
    }

    private static IEnumerable<string> WithoutComments(string example) =>
        File.ReadLines(Path.Combine(Example.Root, example)).Where(line => !line.TrimStart().StartsWith('#'));
}
