using System.Collections.Immutable;
using Proa.CommandLine;
using Proa.Manifests;
using Proa.Pods;

namespace Proa.Checking.Manifests;

/// <summary>
/// <c>proa --check -f</c>: judges the Pod templates of manifests by the same decisions that a life goes by. Each is told of at once and forgotten, as the
/// files may be many times what fits into memory; what is not permitted is told of when all have been read, once for each service account.
/// </summary>
/// <param name="tell">Takes each report.</param>
internal sealed class ManifestCheck(Action<TemplateReport> tell)
{
    /// <summary>How much of Roles, and how many service accounts, are kept.</summary>
    private const long MostAccess = 1024 * 1024;
    private const int MostNeeds = 2000;

    private readonly List<ManifestObject> _access = [];
    private readonly Dictionary<PermissionNeed, TemplateReport> _needs = [];
    private long _accessWeight;
    private int _templates;
    private int _problems;

    /// <summary>Whether more can be kept in mind.</summary>
    public bool IsFull => _accessWeight > MostAccess || _needs.Count > MostNeeds;

    /// <summary>Whether objects of this kind are looked at.</summary>
    public static bool IsWanted(string kind) => PodTemplate.Has(kind) || PodAccess.Has(kind);

    public void Add(ManifestObject found)
    {
        if (PodTemplate.In(found) is { } template)
        {
            _templates++;
            Tell(Judge(template));
        }
        else if (PodTemplate.WhyNone(found) is var (line, what, remedy))
        {
            Tell(new(found.File, found.Root.Line, found.Kind, found.Name, [], [new(line, what, remedy)], []));
        }
        else if (PodAccess.Has(found.Kind))
        {
            _access.Add(found);
            _accessWeight += found.Root.Weight;
        }
    }

    /// <summary>Tells of the permissions, when all has been added.</summary>
    public ManifestSummary End()
    {
        var access = new PodAccess([.. _access]);
        foreach (var (need, of) in _needs)
            if (need.ProblemIn(access, of.Line) is { } problem) Tell(of with { Problems = [problem] });
        return new(_templates, _problems);
    }

    private void Tell(TemplateReport report)
    {
        _problems += report.Problems.Length;
        tell(report);
    }

    private TemplateReport Judge(PodTemplate template)
    {
        var (problems, notes, lives) = (new List<Problem>(PlaceProblems.OfJob(template)), new List<string>(), new List<ManifestLife>());
        problems.AddRange(TypeProblems.Of(template));
        problems.AddRange(InjectProblems.Of(template));
        if (template.Read(out var wrong) is { } pod) Live(template, pod, problems, notes, lives);
        else problems.Add(TypeProblems.Of(template, wrong));
        foreach (var life in lives)
        {
            problems.AddRange(OfReport(life));
            problems.AddRange(WaitingProblems.Of(life, lives));
            problems.AddRange(EndingProblems.Of(life));
        }

        var (of, line) = (template.Of, template.Line);
        foreach (var life in lives)
            if (PermissionNeed.Of(life) is { } need) _needs.TryAdd(need, new(of.File, PermissionNeed.LineIn(life), of.Kind, of.Name, [], [], []));
        return new(of.File, line, of.Kind, of.Name, [.. lives.Select(Told)], [.. problems.Distinct().OrderBy(p => p.Line)], [.. notes]);
    }

    private static LifeReport Told(ManifestLife life) => new(
        life.Self,
        life.Proa.How,
        [
            .. life.Options.WaitHttp.Select(url => url.Loggable()),
            .. life.Options.WaitTcp.Select(endpoint => endpoint.ToString()),
            .. life.Options.WaitFile,
            .. life.Options.WaitKinds,
        ],
        life.Report.Sidecars,
        life.Report.Exits,
        life.Options.ShutdownDelay);

    /// <summary>Finds the containers with proa in them.</summary>
    private static void Live(PodTemplate template, Pod pod, List<Problem> problems, List<string> notes, List<ManifestLife> lives)
    {
        var containers = template.Spec.List("containers").Concat(template.Spec.List("initContainers"));
        ImmutableArray<ProaContainer> all = [.. containers.Select(ProaContainer.In).OfType<ProaContainer>()];
        if (ProaContainer.Injected(template.Template) is { } injected && all.All(p => p.Container != injected.Container)) all = [.. all, injected];
        foreach (var proa in all)
        {
            if (proa.Given is not { } given) notes.Add($"{proa.Name}: options of proa come from variables whose values are not in the manifest");
            else if (given.Error is { } error) problems.Add(new(proa.LineOf(error.Message), $"{proa.Name}: {error.Message}", error.Hint));
            else if (given.Options.Until is { } until)
            {
                if (pod.Spec.Containers.All(c => c.Name != until))
                    problems.Add(new(
                        proa.LineOf("--until"), $"{proa.Name}: --until names {until}, but the Pod has no such container", "name one of the Pod's containers"));
                else notes.Add($"{proa.Name}: proa stops it when {until} has ended for good");
            }
            else if (given.Wanted is Request.Run or Request.Wait)
            {
                if (PlaceProblems.OfInit(template, proa, given.Options) is { } early) problems.Add(early);
                else if (given.Wanted == Request.Run && template.Spec.List("containers").Any(c => c == proa.Container))
                    lives.Add(ManifestLife.Of(template, proa, pod, given.Options));
            }
        }

        foreach (var other in containers.Where(c => all.All(p => p.Container != c)))
        {
            if (HiddenProa.ProblemIn(other) is { } oneWord) problems.Add(oneWord);
            else if (HiddenProa.NoteOn(other) is { } note) notes.Add(note);
        }

        if (all.IsEmpty) notes.Add(Unwrapped(template, pod));
        else notes.AddRange(Announced.In(template.Template));
    }

    private static string Unwrapped(PodTemplate template, Pod pod)
    {
        const string skipped = "no container is started through proa";
        if (template.Job is null || pod.Spec.Containers.Length < 2) return skipped;
        return $"{skipped}: the Job completes only when {string.Join(" and ", pod.Spec.Containers.Select(c => c.Name))} have ended";
    }

    /// <summary>What the report of a check in a running Pod says, too.</summary>
    private static IEnumerable<Problem> OfReport(ManifestLife life)
    {
        var report = life.Report;
        if (report.Start.Does is false) yield return new(life.Proa.LineOf(report.Start.Why), report.Start.Why, report.Hint);
        foreach (var (what, remedy, sidecar) in report.Problems)
            yield return new(sidecar is null ? life.Proa.LineOf(what) : life.LineOf(sidecar), what, remedy);
    }
}
