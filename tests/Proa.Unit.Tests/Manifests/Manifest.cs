using System.Text;
using Proa.Checking.Manifests;
using Proa.Manifests;

namespace Proa.Unit.Tests.Manifests;

/// <summary>Manifests as proa --check -f reads them.</summary>
internal static class Manifest
{
    public const string Access = """
        ---
        {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: proa}, rules: [{apiGroups: [""], resources: [pods], verbs: [get, watch]}]}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: proa}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: proa}
        subjects: [{kind: Group, name: "system:serviceaccounts"}]

        """;

    /// <summary>Judges manifests that are in one file.</summary>
    public static Checked Check(string yaml)
    {
        var reports = new List<TemplateReport>();
        var check = new ManifestCheck(reports.Add);
        foreach (var root in Objects(yaml)) check.Add(new("m.yaml", root));
        return new(reports, check.End());
    }

    /// <summary>The objects that are looked at.</summary>
    public static List<Node> Objects(string yaml, Func<string, bool>? isWanted = null)
    {
        var objects = new List<Node>();
        using var text = new BoundedText(new StringReader(yaml), "m.yaml");
        new ManifestReader(text, "m.yaml", isWanted ?? ManifestCheck.IsWanted, objects.Add).Read();
        return objects;
    }

    /// <summary>A Job with this Pod spec, whose lines begin with 8, and the permissions that it needs.</summary>
    public static string Job(string podSpec, string jobSpec = "backoffLimit: 0", string metadata = "{}") => $$"""
        apiVersion: batch/v1
        kind: Job
        metadata: {name: job}
        spec:
          {{jobSpec.ReplaceLineEndings("\n  ")}}
          template:
            metadata: {{metadata}}
            spec:
              {{podSpec.ReplaceLineEndings("\n      ")}}

        """ + Access;

    /// <summary>The problems, as <c>LINE: WHAT</c>.</summary>
    public static string[] Problems(Checked report) =>
        [.. report.Templates.SelectMany(t => t.Problems).Select(p => FormattableString.Invariant($"{p.Line}: {p.What}"))];

    public static string Json(Node map, params string[] keys) => Encoding.UTF8.GetString(NodeJson.Write(map, keys));
}

/// <summary>What was told.</summary>
internal sealed record Checked(IReadOnlyList<TemplateReport> Templates, ManifestSummary Summary)
{
    public int ExitCode => Summary.ExitCode;
}
