using Proa.Manifests;

namespace Proa.Checking.Manifests;

/// <summary>Fields that are of another type than kubectl takes, such as a number where a text is to be.</summary>
internal static class TypeProblems
{
    /// <summary>Those that a Pod can be read without.</summary>
    public static IEnumerable<Problem> Of(PodTemplate template)
    {
        foreach (var map in new[] { "annotations", "labels" })
        {
            foreach (var (key, value) in template.Template.At("metadata", map)?.Entries ?? [])
                if (IsNoText(value)) yield return OfText(value, $"metadata.{map}.{key}");
        }

        foreach (var list in new[] { "initContainers", "containers" })
        {
            foreach (var (container, i) in template.Spec.List(list).Select((c, i) => (c, i)))
            {
                foreach (var (variable, j) in container.List("env").Select((v, j) => (v, j)))
                    if (variable["value"] is { } value && IsNoText(value))
                        yield return OfText(value, FormattableString.Invariant($"spec.{list}[{i}].env[{j}].value"));
            }
        }
    }

    /// <summary>That which the Pod cannot be read with.</summary>
    /// <param name="field">As <c>$.spec.containers[0].args[1]</c>; empty where the Pod is too large.</param>
    public static Problem Of(PodTemplate template, string field)
    {
        if (field.Length == 0) return new(template.Line, "the Pod is too large for proa to read", "remove what it has besides its containers");
        var (found, path) = (template.Field(field), field.TrimStart('$', '.'));
        return IsNoText(found) ? OfText(found, path) : new(found.Line, Wrong(path), Explain(path));
    }

    private static bool IsNoText(Node value) => value.Text is not null && !NodeJson.IsText(value);

    private static Problem OfText(Node value, string path) => new(value.Line, Wrong(path), "if it should be a string, put it in quotes");

    private static string Wrong(string path) => path + " is of the wrong type";

    private static string Explain(string path)
    {
        var steps = path.Split('.').Select(step => step.Split('[')[0]);
        return $"kubectl explain pod.{string.Join('.', steps)} says what it should be";
    }
}
