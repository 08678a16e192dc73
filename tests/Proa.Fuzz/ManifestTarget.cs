using System.Text;
using System.Text.Json;
using Proa.Checking.Manifests;
using Proa.Kubernetes;
using Proa.Manifests;

namespace Proa.Fuzz;

/// <summary>A manifest, as <c>proa --check -f</c> reads and judges it.</summary>
internal sealed class ManifestTarget : Target
{
    private const string Spec = """
        restartPolicy: Never
                serviceAccountName: work
                terminationGracePeriodSeconds: 20
                shareProcessNamespace: true
                initContainers:
                - {name: envoy, restartPolicy: Always, lifecycle: {preStop: {exec: {command: [sh, -c, "sleep 25"]}}}, startupProbe: {httpGet: {port: 1}}}
                containers:
                - name: main
                  command: [/proa, --kill, container/log, "-ghttp://localhost:$(PORT)/", --]
                  args: [work, "$$(HOME)"]
                  env: [{name: PORT, value: "8080"}, {name: A, valueFrom: {configMapKeyRef: {name: a, key: b}}}]
                - {name: log, image: "fluent/fluent-bit:3", readinessProbe: {httpGet: {path: /, port: 8080}}}
        """;

    /// <summary>An alias of some bytes may stand for a whole container, and each Pod is written as JSON, read and judged.</summary>
    protected override int MemoryPerByte => 256 * 1024;

    public override string Name => "manifest";

    public override IEnumerable<byte[]> FirstInputs()
    {
        var files = (string[])
        [
            $"apiVersion: batch/v1\nkind: Job\nmetadata: {{name: a}}\nspec:\n  template:\n    spec:\n        {Spec}\n",
            $"apiVersion: batch/v1\nkind: CronJob\nspec:\n jobTemplate:\n  spec:\n   podFailurePolicy: {{rules: [{{action: FailJob, "
                + $"onExitCodes: {{operator: NotIn, values: [42]}}}}]}}\n   template:\n    spec:\n        {Spec}\n",
            "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    metadata:\n      annotations: {proa.dev/inject: \"true\", proa.dev/options: -K}\n"
                + "    spec: {containers: [{name: a, command: [work]}]}\n",
            "{kind: RoleBinding, roleRef: {kind: Role, name: a}, subjects: [{kind: ServiceAccount, name: work}]}\n---\n"
                + "{kind: Role, metadata: {name: a}, rules: [{apiGroups: [\"\"], resources: [pods], verbs: [get, watch]}]}\n",
            "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\"},"
                + " \"spec\": {\"containers\": [{\"name\": \"a\", \"command\": [\"/proa\", \"--no-api\", \"--\", \"a\"]}]}}]}",
            "kind: Pod\napiVersion: v1\nspec: &s {containers: [&c {name: a, command: [proa, a]}, {<<: *c, name: b}], x: 0x1F, y: 0o7, z: -1_0, n: ~}\n...\n",
            "a: {b: c\nd: e\n",
            "!!]",
            "\"\\UFFFFFFFF\"",
            "kind: Pod\nmetadata:\n  name: {{ .Values.name }}\n",
            "kind: Pod\nspec: " + new string('[', 300),
        ];
        return files.Select(Encoding.UTF8.GetBytes);
    }

    public override IEnumerable<string> Words() =>
    [
        .. ((string[])
        [
            "apiVersion", "kind", "metadata", "name", "namespace", "annotations", "labels", "spec", "template", "jobTemplate", "items", "containers",
            "initContainers", "command", "args", "env", "value", "valueFrom", "envFrom", "image", "ports", "containerPort", "readinessProbe", "startupProbe",
            "httpGet", "port", "restartPolicy", "restartPolicyRules", "exitCodes", "operator", "values", "lifecycle", "preStop", "podFailurePolicy", "rules",
            "onExitCodes", "serviceAccountName", "shareProcessNamespace", "subjects", "roleRef", "verbs", "resources", "proa.dev/inject",
            "proa.dev/options", "proa.dev/container",
        ]).Select(key => key + ": "),
        "Pod", "Job", "CronJob", "Deployment", "List", "Role", "RoleBinding", "v1", "batch/v1", "apps/v1", "Always", "OnFailure", "NotIn",
        "RestartAllContainers", "/proa", "tini", "--", "-entrypoint", "--until=a", "--wait-only", "--no-api", "--known=istio", "$(A)", "$$", "true",
        "\n- ", "\n  ", "? ", "[", "]", "{", "}", ", ", "&a ", "*a", "<<: ", "!!str ", "|\n", ">-\n", "'", "\"", "\\", "#", "---\n", "...\n", "\t",
        "\r\n", "\ufeff", "\0", "~", "1e400",
    ];

    public override void Read(byte[] input) => _ = Bounded(input, Check);

    private static int Check(byte[] input)
    {
        var lines = 1 + input.Count(b => b is (byte)'\n' or (byte)'\r');
        var check = new ManifestCheck(report => Promise(report, lines));
        try
        {
            using var text = new BoundedText(new StreamReader(new MemoryStream(input), new UTF8Encoding(false, throwOnInvalidBytes: true)), "m");
            new ManifestReader(text, "m", ManifestCheck.IsWanted, root => check.Add(new("m", root))).Read();
        }
        catch (CannotRunException e)
        {
            Require(e.Message.Length > 0 && e.Hint.Length > 0, "it is refused without a reason or a remedy");
        }

        return check.End().ExitCode;
    }

    /// <summary>What is told has a place and no line break that the input wrote, and is JSON for machines.</summary>
    private static void Promise(TemplateReport report, int lines)
    {
        foreach (var (line, what, _) in report.Problems)
        {
            // YAML has more line breaks than a byte: U+0085, U+2028 and U+2029.
            Require(line >= 1 && line <= lines * 2, $"there is no line {line} of {lines}");
            Require(what.Length > 0, "a problem says nothing");
        }

        using var json = JsonDocument.Parse(ManifestJson.Write(report));
        var text = ManifestText.Write(report);
        Require(!text.Any(c => char.IsControl(c) && c != '\n'), "a control character is printed");
        Require(GitHubAnnotations.Write(report).Split('\n')[..^1].All(l => l.StartsWith("::error ", StringComparison.Ordinal)), "an annotation is cut");
        _ = json.RootElement.GetProperty("problems").GetArrayLength();
    }
}
