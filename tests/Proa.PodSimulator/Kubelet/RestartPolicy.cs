using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>Whether the kubelet starts a container again.</summary>
internal static class RestartPolicy
{
    /// <summary>The first matching rule of the container decides, then its own policy, then the Pod's.</summary>
    public static bool Restarts(JsonObject podSpec, JsonObject container, bool isInit, int exitCode)
    {
        foreach (var rule in container.Objects("restartPolicyRules"))
        {
            if (rule.Object("exitCodes") is not { } codes) continue;
            var listed = codes["values"] is JsonArray values && values.Any(value => value?.ToString() == $"{exitCode}");
            if (codes.Text("operator") == "NotIn" ? !listed : listed) return true;
        }

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

    public static bool IsNativeSidecar(JsonObject initContainer) => initContainer.Text("restartPolicy") == "Always";
}
