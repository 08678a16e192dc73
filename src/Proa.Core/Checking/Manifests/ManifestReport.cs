using System.Collections.Immutable;

namespace Proa.Checking.Manifests;

/// <summary>What is said of one life.</summary>
/// <param name="From">How it is known that the container is started through proa, and the options.</param>
/// <param name="Conditions">What is waited for beside the sidecars.</param>
internal sealed record LifeReport(
    string Container, string From, ImmutableArray<string> Conditions, ImmutableArray<SidecarReport> Sidecars, ImmutableArray<ExitReport> Exits, TimeSpan Delay);

/// <summary>What is said of one Pod template; or, where it has no lives and no notes, of what the files are to permit it.</summary>
/// <param name="Lives">The lives of proa in it; empty where no container is started through proa.</param>
/// <param name="Notes">What may be worth a look, and is no problem.</param>
internal sealed record TemplateReport(
    string File, int Line, string Kind, string Name, ImmutableArray<LifeReport> Lives, ImmutableArray<Problem> Problems, ImmutableArray<string> Notes);

/// <summary>How much was checked and found.</summary>
internal sealed record ManifestSummary(int Templates, int Problems)
{
    /// <summary>1 where there are problems.</summary>
    public int ExitCode => Problems > 0 ? CheckReport.Warned : 0;

    /// <summary>For people.</summary>
    public string Text => $"{Count(Templates, "Pod template")}, {Count(Problems, "problem")}\n";

    private static string Count(int number, string what) => FormattableString.Invariant($"{number} {what}{(number == 1 ? "" : "s")}");
}
