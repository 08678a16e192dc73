using Proa.Sidecars;

namespace Proa.Checking.Manifests;

/// <summary>How the sidecars' ends go wrong: their exit codes, and the time that they take.</summary>
internal static class EndingProblems
{
    private const string AskInstead = "ask it over HTTP, make it a native sidecar, or make it exit with 0 on this signal";

    public static IEnumerable<Problem> Of(ManifestLife life) => [.. Codes(life), .. Drains(life), .. FailurePolicy(life)];

    /// <summary>What a signal makes of a sidecar's exit code, by the restart rules and policies.</summary>
    private static IEnumerable<Problem> Codes(ManifestLife life)
    {
        foreach (var (sidecar, _) in life.Sidecars)
        {
            if (life.Signalled(sidecar) is not (var number, not 0 and var code, var isKnown)) continue;
            var (name, line) = (sidecar.Name, life.LineOf(sidecar.Name));
            var signal = Signals.Of(number);
            if (Array.Find(sidecar.Container.RestartPolicyRules, r => Restart.Matches(r, code)) is { } rule)
            {
                var what = rule.Action == "RestartAllContainers" ? "restart all containers of the Pod, including main" : $"restart {name}";
                yield return new(
                    line,
                    $"--kill may make {name} exit with {code}, and its restart rule then makes the kubelet {what}",
                    $"leave {code} out of the rule, or ask {name} over HTTP");
            }
            else if (isKnown && Restart.After(life.Pod, sidecar.Container, code) is (true, var why) && !Restart.After(life.Pod, sidecar.Container, 0).Will)
                yield return new(line, $"{signal} makes {name} exit with {code}, and the kubelet restarts it ({why})", AskInstead);
            else if (isKnown && !Restart.After(life.Pod, sidecar.Container, code).Will)
                yield return new(line, $"{signal} makes {name} exit with {code}, so the Pod fails", AskInstead);
        }
    }

    private static IEnumerable<Problem> Drains(ManifestLife life)
    {
        foreach (var (sidecar, report) in life.Sidecars)
        {
            if (life.Template.Container(sidecar.Name) is not { } container || Drain.Of(life, sidecar, container) is not var (takes, why, isOnRequest)) continue;
            var isAsked = isOnRequest && report.Asked.Does is true;
            var limit = isAsked ? life.Budget : Ending.ShutdownBudget.Of(life.Pod, null);
            // What is neither asked nor ended by the kubelet after main drains only where the Pod is deleted, and that is its own affair.
            if (takes < limit || (!isAsked && sidecar.Kind == SidecarKind.Regular)) continue;
            var whose = isAsked && life.Options.ShutdownTimeout is not null ? "--shutdown-timeout" : "terminationGracePeriodSeconds";
            yield return new(
                (life.Template.Spec["terminationGracePeriodSeconds"] ?? container).Line,
                $"{sidecar.Name} needs {Duration.Format(takes)} to end ({why}), but has only {Duration.Format(limit)}",
                $"raise {whose} above {Duration.Format(takes)}");
        }
    }

    /// <summary>A rule without containerName judges the sidecars' exit codes, too.</summary>
    private static IEnumerable<Problem> FailurePolicy(ManifestLife life)
    {
        foreach (var rule in life.Template.Job?["podFailurePolicy"]?.List("rules") ?? [])
        {
            if (rule["onExitCodes"] is not { } codes || codes.Word("containerName").Length > 0) continue;
            var isNotIn = codes.Word("operator") == "NotIn";
            var values = codes.Words("values");
            foreach (var (sidecar, _) in life.Sidecars)
            {
                int? code = isNotIn ? 1 : sidecar.Kind == SidecarKind.Native
                    ? SignalEnd.Of(life.Pod, sidecar.Container, Signals.Terminate).Code
                    : life.Signalled(sidecar)?.Code;
                if (code is not { } number || number == 0 || values.Contains(FormattableString.Invariant($"{number}")) == isNotIn) continue;
                yield return new(
                    codes.Line,
                    $"the podFailurePolicy's rule with the action {rule.Word("action")} also matches the exit codes of sidecars: "
                        + $"{number} of {sidecar.Name}",
                    $"add containerName: {life.Self}");
                break;
            }
        }
    }
}
