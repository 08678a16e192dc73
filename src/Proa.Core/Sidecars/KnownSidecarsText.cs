using System.Text;

namespace Proa.Sidecars;

/// <summary>The table as <c>--list-known</c> prints it, and as docs/sidecars.md has it: a Markdown table.</summary>
internal static class KnownSidecarsText
{
    public static string Write()
    {
        var text = new StringBuilder("| kind | recognised by | ready test | how proa stops it |\n| --- | --- | --- | --- |\n");
        foreach (var known in KnownSidecars.All)
            text.Append(FormattableString.Invariant($"| {known.Kind} | {RecognisedBy(known)} | {TestedBy(known)} | {EndedBy(known)} |\n"));
        return text.ToString();
    }

    /// <summary>What to do without an API server: first what suits the sidecars that are here, then what else there is.</summary>
    /// <param name="kinds">Those that answer on localhost.</param>
    /// <param name="hint">What else there is, with the advice to do without, which the line for these kinds then says better.</param>
    public static string WithoutApi(IReadOnlyCollection<string> kinds, string hint) => kinds.Count == 0 ? hint :
        $"{string.Join(" and ", kinds)} {(kinds.Count == 1 ? "answers" : "answer")} on localhost: to wait for and stop "
            + $"{(kinds.Count == 1 ? "it" : "them")} without an API server, write --no-api {string.Join(' ', kinds.Select(k => "--known " + k))}; or: "
            + hint.Replace(DoWithout, "", StringComparison.Ordinal).Replace(NeedsNone, "", StringComparison.Ordinal);

    /// <summary>What a hint begins with where the API server can be done without.</summary>
    public const string DoWithout = "use --no-api, or ";

    /// <summary>What it ends with.</summary>
    public const string NeedsNone = "; --no-api needs none";

    /// <summary>Why there is nothing to do for a kind without the API server.</summary>
    public static string WhyIdle(KnownSidecar known) =>
        known.EndsAfterMain ? "it ends by itself, after main"
        : known.WhyEndless.Length > 0 ? $"nothing stops it, because {known.WhyEndless}"
        : $"only {Signals.Of(known.Signal)} stops it";

    /// <summary>What to do in place of naming it.</summary>
    public static string InsteadOf(KnownSidecar known) =>
        known.EndsAfterMain ? "leave it out"
        : known.WhyEndless.Length > 0 ? known.Remedy
        : $"signal it with --kill NAME{(known.Signal == Signals.Terminate ? "" : " --kill-signal " + Signals.Of(known.Signal)["SIG".Length..])}, "
            + "in a shared PID namespace, and wait for it with --wait-tcp or --wait-http; --known acts on "
            + string.Join(", ", KnownSidecars.All.Where(k => k.Quit is not null || k.Ready is not null).Select(k => k.Kind));

    private static string RecognisedBy(KnownSidecar known)
    {
        List<string> ways = [];
        if (known.Containers.Length > 0) ways.Add("container " + Join(known.Containers));
        if (known.CommonNames.Length > 0)
            ways.Add($"container {Join(known.CommonNames)} with {(known.NeedsBoth ? "image " + Join(known.Images) : known.Shown)}");
        if (known.Images.Length > 0 && !known.NeedsBoth) ways.Add("image " + Join(known.Images));
        if (known.PortName is { } port) ways.Add("port " + port);
        return string.Join("; ", ways);
    }

    private static string TestedBy(KnownSidecar known) => known.Ready?.Default switch
    {
        null => "none",
        { Path: "" } test => FormattableString.Invariant($"connect to localhost:{test.Port}"),
        var test => FormattableString.Invariant($"GET localhost:{test.Port}{test.Path}"),
    };

    private static string EndedBy(KnownSidecar known) =>
        known.EndsAfterMain ? "not at all: it ends by itself, after main"
        : known.Quit is not { } quit ? known.WhyEndless.Length > 0 ? $"not at all: {known.WhyEndless}"
            : Signals.Of(known.Signal) + ", in a shared PID namespace"
        : FormattableString.Invariant(
            $"{(quit.Method == ShutdownMethod.Get ? "GET" : "POST")} localhost:{quit.DefaultPort}{quit.DefaultPath}") + (quit.IsOnce ? ", once" : "");

    private static string Join(string[] names) => string.Join(", ", names);
}
