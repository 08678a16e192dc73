using System.Collections.Immutable;
using Proa.Manifests;

namespace Proa.Checking.Manifests;

/// <summary>What is said of one life: texts alone, as there may be thousands.</summary>
/// <param name="From">How it is known that the container is started through proa, and the options.</param>
/// <param name="Conditions">What is waited for beside the sidecars.</param>
internal sealed record LifeReport(
    string Container, string From, ImmutableArray<string> Conditions, ImmutableArray<SidecarReport> Sidecars, ImmutableArray<ExitReport> Exits, TimeSpan Delay);

/// <summary>What is said of one Pod template.</summary>
/// <param name="Lives">The lives of proa in it; empty where no container is started through proa.</param>
/// <param name="Notes">What may be worth a look, and is no problem.</param>
internal sealed record TemplateReport(
    string File, int Line, string Kind, string Name, ImmutableArray<LifeReport> Lives, ImmutableArray<Problem> Problems, ImmutableArray<string> Notes)
{
    /// <summary>What the lives must be allowed: that is judged when all files have been read.</summary>
    public ImmutableArray<PermissionNeed> Needs { get; init; } = [];

    public TemplateReport With(PodAccess access) => this with
    {
        Problems = [.. Problems.Concat(Needs.Select(n => n.ProblemIn(access)).OfType<Problem>()).OrderBy(p => p.Line)],
        Needs = [],
    };
}

/// <summary>What is said of manifests.</summary>
internal sealed record ManifestReport(ImmutableArray<TemplateReport> Templates)
{
    public int Problems => Templates.Sum(t => t.Problems.Length);

    /// <summary>1 where there are problems.</summary>
    public int ExitCode => Problems > 0 ? CheckReport.Warned : 0;

    /// <summary>How much there is of it, in words.</summary>
    public string Summary => $"{Count(Templates.Length, "Pod template")}, {Count(Problems, "problem")}";

    private static string Count(int number, string what) => FormattableString.Invariant($"{number} {what}{(number == 1 ? "" : "s")}");
}
