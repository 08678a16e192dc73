using Proa.Pods;
using Proa.Sidecars;
using Proa.Waiting;

namespace Proa.Checking.Manifests;

/// <summary>Waits that say little or have no end.</summary>
internal static class WaitingProblems
{
    public static IEnumerable<Problem> Of(ManifestLife life, IReadOnlyList<ManifestLife> all) =>
        [.. Unprobed(life), .. Circles(life), .. all.Where(other => other != life).SelectMany(other => Between(life, other))];

    /// <summary>A sidecar that says nothing of its readiness, where nothing else tells either.</summary>
    private static IEnumerable<Problem> Unprobed(ManifestLife life)
    {
        if (life.Options is { WaitHttp.IsEmpty: false } or { WaitTcp.IsEmpty: false } or { WaitFile.IsEmpty: false }) yield break;
        foreach (var (sidecar, report) in life.Sidecars)
        {
            if (report.WaitedFor.Does is not true || IsTested(report) || IsProbed(sidecar.Container) || IsInjected(sidecar)) continue;
            yield return new(
                life.LineOf(sidecar.Name),
                $"{sidecar.Name} has no readinessProbe: main starts as soon as it runs, even if it does not serve yet",
                $"add a readinessProbe, or if main does not need {sidecar.Name}, name the sidecars that it needs with --wait-for");
        }
    }

    /// <summary>Whose Pod spec its injector writes, without a probe.</summary>
    private static bool IsInjected(Sidecar sidecar) =>
        sidecar.Known is { Sidecar: { EndsAfterMain: true } or { Kind: "vault-agent" } };

    /// <summary>Whether it is waited for by a test on localhost, in place of its probe.</summary>
    private static bool IsTested(SidecarReport report) => report.WaitedFor.Why.Length > 0;

    private static bool IsProbed(Container container) => (container.ReadinessProbe ?? container.StartupProbe) is not null;

    /// <summary>A sidecar that waits for main, for which main waits.</summary>
    private static IEnumerable<Problem> Circles(ManifestLife life)
    {
        var main = Array.Find(life.Pod.Spec.Containers, c => c.Name == life.Self);
        foreach (var (sidecar, report) in life.Sidecars)
        {
            if (report.WaitedFor.Does is not true || IsTested(report) || WaitsForMain.Why(sidecar, main) is not { } circle) continue;
            // Without an app port its probe is like any other.
            if (sidecar.Known is { Sidecar.Kind: "dapr" } && new SidecarSpec(life.Pod, sidecar.Container).Argument("app-port") is null) continue;
            yield return new(life.LineOf(sidecar.Name), $"main waits for {sidecar.Name}, which waits for main: {circle.Why}", circle.Remedy);
        }
    }

    /// <summary>Two containers with proa in them. Each pair is told once.</summary>
    private static IEnumerable<Problem> Between(ManifestLife one, ManifestLife other)
    {
        if (string.CompareOrdinal(one.Self, other.Self) > 0) yield break;
        var remedy = $"leave {other.Self} out of one of them by --ignore, or {one.Self} out of the other";
        if (Waits(one, other) && Waits(other, one))
            yield return new(other.LineOf(other.Self), $"{one.Self} waits until {other.Self} is ready, and {other.Self} until {one.Self} is", remedy);
        else if (Awaits(one, other) && Awaits(other, one))
            yield return new(other.LineOf(other.Self), $"at the end {one.Self} waits for {other.Self} to end, and {other.Self} for {one.Self}", remedy);
    }

    /// <summary>Without a probe the other is ready as soon as proa runs in it.</summary>
    private static bool Waits(ManifestLife one, ManifestLife other) =>
        one.Sidecars.Any(s => s.Sidecar.Name == other.Self && s.Report.WaitedFor.Does is true && IsProbed(s.Sidecar.Container));

    private static bool Awaits(ManifestLife one, ManifestLife other) => one.Sidecars.Any(s => s.Sidecar.Name == other.Self && s.Report.Awaited.Does is true);
}
