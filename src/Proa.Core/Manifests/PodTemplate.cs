using Proa.Pods;

namespace Proa.Manifests;

/// <summary>An object of a manifest.</summary>
internal sealed class ManifestObject(string file, Node root)
{
    public string File => file;

    public Node Root => root;

    public string Kind => root.Word("kind");

    public string Name => root.At("metadata")?.Word("name") ?? "";

    public string Namespace => root.At("metadata")?.Word("namespace") ?? "";
}

/// <summary>What Pods are made from, with the Pod as the API server would first show it.</summary>
/// <param name="Template">The mapping with the Pod's metadata and spec.</param>
/// <param name="Job">The Job's spec, where it is one or a CronJob.</param>
internal sealed record PodTemplate(ManifestObject Of, Node Template, Node? Job)
{
    /// <summary>The kinds that have one, and the group that theirs is of.</summary>
    private static readonly (string Kind, string Group)[] _kinds =
    [
        ("Pod", ""), ("ReplicationController", ""), ("Job", "batch/"), ("CronJob", "batch/"),
        ("Deployment", "apps/"), ("ReplicaSet", "apps/"), ("StatefulSet", "apps/"), ("DaemonSet", "apps/"),
    ];

    public Node Spec => Template["spec"]!;

    public int Line => Of.Root.Line;

    public static bool Has(string kind) => Array.Exists(_kinds, k => k.Kind == kind);

    /// <summary>The template of an object; null where it is of another kind, as of another API group, or has none.</summary>
    public static PodTemplate? In(ManifestObject from)
    {
        var (root, version) = (from.Root, from.Root.Word("apiVersion"));
        if (!Array.Exists(_kinds, k => k.Kind == from.Kind && (k.Group.Length == 0 ? version == "v1" : version.StartsWith(k.Group, StringComparison.Ordinal))))
            return null;
        var job = from.Kind switch { "Job" => root["spec"], "CronJob" => root.At("spec", "jobTemplate", "spec"), _ => null };
        var template = from.Kind == "Pod" ? root : from.Kind == "CronJob" ? job?["template"] : root.At("spec", "template");
        return template?["spec"]?.Entries is null ? null : new(from, template, job);
    }

    /// <summary>Why an object of such a kind has no template, with what to write; null where it has one, or is of another product.</summary>
    public static (int Line, string Problem, string Remedy)? WhyNone(ManifestObject from)
    {
        var version = from.Root["apiVersion"];
        // The group of another product is a domain.
        if (!Has(from.Kind) || version?.Text?.Split('/')[0].Contains('.', StringComparison.Ordinal) is true || In(from) is not null) return null;
        var group = Array.Find(_kinds, k => k.Kind == from.Kind).Group;
        if (version?.Text is not { Length: > 0 } given) return (from.Root.Line, "there is no apiVersion", $"write apiVersion: {group}v1");
        if (group.Length == 0 ? given != "v1" : !given.StartsWith(group, StringComparison.Ordinal))
            return (version.Line, $"there is no {from.Kind} in {given}", $"write apiVersion: {group}v1");
        string[] path = from.Kind switch
        {
            "Pod" => ["spec"],
            "CronJob" => ["spec", "jobTemplate", "spec", "template", "spec"],
            _ => ["spec", "template", "spec"],
        };
        var found = from.Root;
        foreach (var key in path)
        {
            if (found[key] is not { } next) break;
            found = next;
        }

        return (found.Line, "it has no Pod spec", $"write {string.Join('.', path)}; is the indentation right?");
    }

    /// <summary>The Pod, by the model of a life; null where it cannot be read.</summary>
    /// <param name="wrong">What cannot be: a field, as <c>$.spec.containers[0].args[1]</c>, or empty.</param>
    public Pod? Read(out string wrong)
    {
        wrong = "";
        var json = NodeJson.Write(Template, "metadata", "spec");
        if (PodReader.TryReadPod(json, out var pod)) return pod;
        wrong = PodReader.WrongField(json);
        return null;
    }

    /// <summary>The container of this name, of either list; null where there is none.</summary>
    public Node? Container(string name) => Spec.List("containers").Concat(Spec.List("initContainers")).FirstOrDefault(c => c.Word("name") == name);

    /// <summary>The field that <see cref="Read"/> names, or the nearest around it.</summary>
    public Node Field(string path)
    {
        var node = Template;
        foreach (var step in path.TrimStart('$').Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries))
        {
            var next = node.Items is { } items && int.TryParse(step, out var index) && index < items.Count ? items[index] : node[step];
            if (next is null) break;
            node = next;
        }

        return node;
    }
}
