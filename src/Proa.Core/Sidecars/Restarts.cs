using Proa.Pods;

namespace Proa.Sidecars;

/// <summary>Whether the kubelet starts a container again.</summary>
internal static class Restarts
{
    /// <summary>
    /// What the kubelet does when the regular container ends with this exit code: a Pod that is being deleted, fails or is over restarts
    /// nothing; else the first container restart rule that matches counts (KEP-5307; an action that is not known here is some
    /// kind of restart), else the container's restartPolicy, else the Pod's ("Pod Lifecycle", "Container restarts").
    /// </summary>
    /// <param name="exitCode">0 to 255.</param>
    public static bool WillRestart(Pod pod, Container container, int exitCode)
    {
        if (pod.IsEnding || pod.IsOver) return false;
        if (container.RestartPolicyRules.Any(rule => Matches(rule, exitCode))) return true;
        return EffectivePolicy(pod, container) switch { "Never" => false, "OnFailure" => exitCode != 0, _ => true };
    }

    /// <summary>Why <see cref="WillRestart"/> says so, for people.</summary>
    public static string Why(Pod pod, Container container, int exitCode)
    {
        if (pod.IsBeingDeleted) return "the Pod is being deleted";
        if (pod.IsOver) return "the Pod has " + pod.Status.Phase.ToLowerInvariant();
        if (pod.IsEnding) return "the Pod has failed";
        if (container.RestartPolicyRules.Any(rule => Matches(rule, exitCode))) return $"a restart rule for exit code {exitCode}";
        return (string.IsNullOrEmpty(container.RestartPolicy) ? "restartPolicy " : "the container's restartPolicy ") + EffectivePolicy(pod, container);
    }

    private static string EffectivePolicy(Pod pod, Container container) =>
        !string.IsNullOrEmpty(container.RestartPolicy) ? container.RestartPolicy
        : pod.Spec.RestartPolicy.Length > 0 ? pod.Spec.RestartPolicy
        : "Always";

    private static bool Matches(RestartRule rule, int exitCode) => rule.ExitCodes is { } codes && codes.Operator switch
    {
        "In" => codes.Values.Contains(exitCode),
        "NotIn" => !codes.Values.Contains(exitCode),
        _ => false,
    };
}
