using Proa.Manifests;

namespace Proa.Checking.Manifests;

/// <summary>What is wrong with where proa runs: the kind of container, and the Job.</summary>
internal static class PlaceProblems
{
    public static IEnumerable<Problem> OfJob(PodTemplate template)
    {
        if (template.Job is null) yield break;
        var policy = template.Spec["restartPolicy"];
        if (policy?.Text is "Never" or "OnFailure") yield break;
        yield return new(
            (policy ?? template.Spec).Line,
            policy?.Text is { } given ? $"restartPolicy {given} in a Job" : "there is no restartPolicy, and a Job does not allow Always, the default",
            "set restartPolicy: Never, or OnFailure");
    }

    /// <summary>In an init container there is nobody to wait for yet whom only the API server knows.</summary>
    public static Problem? OfInit(PodTemplate template, ProaContainer proa, Options options) =>
        options.AsksApi && template.Spec.List("initContainers").Any(c => c == proa.Container)
            ? new(
                proa.LineOf(""),
                $"{proa.Name} is an init container, but the containers that proa waits for start only after it",
                "add --no-api, with --wait-http, --wait-tcp or --wait-file for what it must wait for")
            : null;
}
