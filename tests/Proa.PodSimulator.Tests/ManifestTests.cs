namespace Proa.PodSimulator.Tests;

public sealed class ManifestTests
{
    private const string Pod = """
        apiVersion: v1
        kind: Pod
        metadata:
          name: p
        spec:
          containers:
          - name: main
            image: i
            command: ["true"]
        """;

    [Theory]
    [InlineData("a: b: c", "m.yaml:1: invalid YAML", "")]
    [InlineData("- 1", "m.yaml:1: a document must be a mapping", "")]
    [InlineData("kind: Pod", "m.yaml:1: apiVersion: is required", "apiVersion")]
    [InlineData("apiVersion: v1\nkind: Service\nmetadata: {name: s}", "m.yaml: has neither a Job nor a Pod", "")]
    public void What_is_no_manifest_is_refused(string yaml, string message, string field) => Refused(yaml, message, field);

    [Theory]
    [InlineData("  name: p", "  nam: p", "m.yaml:3: metadata.name: is required", "metadata.name")]
    [InlineData("image: i", "imag: i", "m.yaml:7: spec.containers[0].image: is required", "spec.containers[0].image")]
    [InlineData("[\"true\"]", "[true]", "m.yaml:9: spec.containers[0].command[0]: must be a string", "spec.containers[0].command[0]")]
    [InlineData(
        "command: [\"true\"]", "env: [{name: A, value: 1}]", "m.yaml:9: spec.containers[0].env[0].value: must be a string", "spec.containers[0].env[0].value")]
    [InlineData(
        "command: [\"true\"]",
        "volumeMounts: [{name: v, mountPath: /v}]",
        "m.yaml:9: spec.containers[0].volumeMounts[0].name: there is no volume \"v\"",
        "spec.containers[0].volumeMounts[0].name")]
    [InlineData("command: [\"true\"]", "readinessProbe: {}", "m.yaml:9: spec.containers[0].readinessProbe: needs one of", "spec.containers[0].readinessProbe")]
    [InlineData("spec:", "spec:\n  restartPolicy: Sometimes", "m.yaml:6: spec.restartPolicy: is \"Sometimes\", must be one of", "spec.restartPolicy")]
    public void An_error_names_file_line_and_field(string part, string replacement, string message, string field) =>
        Refused(Pod.Replace(part, replacement, StringComparison.Ordinal), message, field);

    [Theory]
    [InlineData("completions: 2", "spec.completions: is 2")]
    [InlineData("parallelism: 3", "spec.parallelism: is 3")]
    public void A_Job_that_needs_more_than_one_Pod_is_refused(string line, string message)
    {
        var error = Assert.Throws<ManifestException>(() => Manifest.Parse($"apiVersion: batch/v1\nkind: Job\nmetadata: {{name: j}}\nspec:\n  {line}\n"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(5, error.Line);
    }

    [Fact]
    public void An_unknown_kind_is_ignored_with_a_warning()
    {
        var manifest = Manifest.Parse(Pod + "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\n", "m.yaml");
        Assert.Contains("Service s is ignored", Assert.Single(manifest.Warnings), StringComparison.Ordinal);
        Assert.Single(manifest.Objects);
    }

    [Theory]
    [InlineData("$(A)", "1")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$(B) $C $", "$(B) $C $")]
    [InlineData("x$(A)y", "x1y")]
    public void Variables_are_expanded_as_Kubernetes_does(string text, string expanded) =>
        Assert.Equal(expanded, ContainerEnvironment.Expand(text, new Dictionary<string, string> { ["A"] = "1" }));

    [Theory]
    [InlineData("90", 90)]
    [InlineData("1m30s", 90)]
    [InlineData("500ms", 0.5)]
    public void Durations_are_read(string text, double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), CommandLine.Duration(text));

    private static void Refused(string yaml, string message, string field)
    {
        var error = Assert.Throws<ManifestException>(() => Manifest.Parse(yaml, "m.yaml"));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(field.Length == 0 ? null : field, error.Field);
    }
}
