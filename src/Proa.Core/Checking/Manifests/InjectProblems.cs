using Proa.Manifests;

namespace Proa.Checking.Manifests;

/// <summary>What the policy of examples/inject-policy would refuse, or not see.</summary>
internal static class InjectProblems
{
    public static IEnumerable<Problem> Of(PodTemplate template)
    {
        var annotations = template.Template.At("metadata", "annotations");
        if (template.Template != template.Of.Root && template.Of.Root.At("metadata", "annotations", ProaContainer.InjectAnnotation) is { Text: "true" } above
            && annotations?[ProaContainer.InjectAnnotation] is null)
        {
            yield return new(
                above.Line,
                $"{ProaContainer.InjectAnnotation} is set on the {template.Of.Kind}, but the API server looks for it on its Pods",
                "write it in metadata.annotations of the Pod template");
        }

        if (annotations?[ProaContainer.InjectAnnotation] is not { } asked || asked.Text == "false") yield break;
        if (asked.Text != "true")
            yield return new(asked.Line, $"{ProaContainer.InjectAnnotation} is not \"true\", so proa is not added", "write \"true\"");
        else if (ProaContainer.Injected(template.Template) is not { } main)
            yield return new(
                asked.Line,
                $"there is no container {ProaContainer.InjectedName(annotations)} for proa",
                $"correct the annotation {ProaContainer.ContainerAnnotation}, or kubectl.kubernetes.io/default-container");
        else if (main.Container.List("command").Count == 0)
            yield return new(
                main.Container.Line,
                $"{main.Name} has no command, so proa cannot start it",
                "write the image's ENTRYPOINT as command, and its CMD as args");
    }
}
