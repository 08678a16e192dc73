using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>Whether the kubelet starts a container again.</summary>
internal static class RestartPolicy
{
    /// <summary>The first matching rule of the container decides, then its own policy, then the Pod's.</summary>
    public static bool Restarts(JsonObject podSpec, JsonObject container, bool isInit, int exitCode)
    {
        if (Rule(container, exitCode) is not null) return true;
        var policy = container.Text("restartPolicy") ?? podSpec.Text("restartPolicy");
        // An ordinary init container that has succeeded is done, also where the Pod's policy is Always.
        if (isInit && container.Text("restartPolicy") is null && policy == "Always") policy = "OnFailure";
        return policy switch
        {
            "Always" => true,
            "OnFailure" => exitCode != 0,
            _ => false,
        };
    }

    /// <summary>Whether the exit code makes the kubelet start all containers of the Pod again.</summary>
    public static bool RestartsAll(JsonObject container, int exitCode) => IsForAll(Rule(container, exitCode));

    /// <summary>Whether a rule of the container can.</summary>
    public static bool MayRestartAll(JsonObject container) => container.Objects("restartPolicyRules").Any(IsForAll);

    private static bool IsForAll(JsonObject? rule) => rule.Text("action") == "RestartAllContainers";

    private static JsonObject? Rule(JsonObject container, int exitCode) => container.Objects("restartPolicyRules").FirstOrDefault(rule =>
    {
        if (rule.Object("exitCodes") is not { } codes) return false;
        var listed = codes["values"] is JsonArray values && values.Any(value => value?.ToString() == $"{exitCode}");
        return codes.Text("operator") == "NotIn" ? !listed : listed;
    });

    public static bool IsNativeSidecar(JsonObject initContainer) => initContainer.Text("restartPolicy") == "Always";
}
