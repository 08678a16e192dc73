using Proa.Pods;

namespace Proa.Sidecars;

/// <summary>Whether the kubelet starts a container again.</summary>
/// <param name="Will">Whether it does.</param>
/// <param name="Why">The rule that decides, in words.</param>
internal readonly record struct Restart(bool Will, string Why)
{
    /// <summary>
    /// What the kubelet does when the regular container ends with this exit code: a Pod that is being deleted, fails or is over restarts
    /// nothing; else the first container restart rule that matches counts (KEP-5307; an action that is not known here is some
    /// kind of restart), else the container's restartPolicy, else the Pod's ("Pod Lifecycle", "Container restarts").
    /// </summary>
    /// <param name="exitCode">0 to 255.</param>
    public static Restart After(Pod pod, Container container, int exitCode)
    {
        if (pod.WhyEnds is { } end) return new(false, end);
        if (Array.Exists(container.RestartPolicyRules, rule => Matches(rule, exitCode))) return new(true, $"a restart rule for exit code {exitCode}");
        var (policy, owner) =
            !string.IsNullOrEmpty(container.RestartPolicy) ? (container.RestartPolicy, "the container's ")
            : pod.Spec.RestartPolicy.Length > 0 ? (pod.Spec.RestartPolicy, "")
            : ("Always", "");
        return new(policy switch { "Never" => false, "OnFailure" => exitCode != 0, _ => true }, $"{owner}restartPolicy {policy}");
    }

    public static bool Matches(RestartRule rule, int exitCode) => rule.ExitCodes is { } codes && codes.Operator switch
    {
        "In" => codes.Values.Contains(exitCode),
        "NotIn" => !codes.Values.Contains(exitCode),
        _ => false,
    };
}
