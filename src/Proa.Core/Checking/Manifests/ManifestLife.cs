using Proa.Ending;
using Proa.Manifests;
using Proa.Pods;
using Proa.Sidecars;

namespace Proa.Checking.Manifests;

/// <summary>A life of proa as a manifest foretells it.</summary>
/// <param name="Pod">The Pod with all containers running and ready.</param>
/// <param name="Report">What a check of that Pod says.</param>
internal sealed record ManifestLife(PodTemplate Template, ProaContainer Proa, Options Options, Pod Pod, CheckReport Report)
{
    public string Self => Proa.Name;

    public string Kind => Template.Of.Kind;

    public static ManifestLife Of(PodTemplate template, ProaContainer proa, Pod pod, Options options)
    {
        var life = pod with
        {
            Status = new()
            {
                Phase = "Running",
                ContainerStatuses = [.. pod.Spec.Containers.Select(Ready)],
                InitContainerStatuses = [.. pod.Spec.InitContainers.Select(Ready)],
            },
        };
        var findings = new CheckFindings(AsSeen(options), proa.How) { Pod = life, Container = new(proa.Name, proa.How), IsOnPaper = true };
        return new(template, proa, options, life, CheckReport.Of(findings));

        static ContainerStatus Ready(Container container) => new() { Name = container.Name, Ready = true, State = new() { Running = new() } };
    }

    /// <summary>Who does not see the Pod asks as it is told, and whatever the kubelet will do.</summary>
    private static Options AsSeen(Options options) => options.AsksApi ? options : options with
    {
        UsesKnown = false,
        ShutdownWhen = options.ShutdownWhen == ShutdownWhen.Auto ? ShutdownWhen.Always : options.ShutdownWhen,
    };

    /// <summary>All sidecars, the ignored ones too, with what would be done to them.</summary>
    public IEnumerable<(Sidecar Sidecar, SidecarReport Report)> Sidecars =>
        Sidecar.Of(Pod, Self, []).Select(s => (s, Report.Sidecars.First(r => r.Name == s.Name)));

    public int LineOf(string container) => Template.Container(container)?.Line ?? Template.Line;

    /// <summary>
    /// The signal that a sidecar is sent, and the exit code that it is known to have by it, or has if it does not handle it; null where none is.
    /// </summary>
    public (int Signal, int Code, bool IsKnown)? Signalled(Sidecar sidecar)
    {
        if (Report.Requests.FirstOrDefault(r => r.Signal > 0 && r.Sidecar == sidecar.Name) is not { } sent) return null;
        var (code, isKnown) = SignalEnd.Of(Pod, sidecar.Container, sent.Signal);
        return (sent.Signal, code, isKnown);
    }

    /// <summary>How long asking the sidecars and waiting for them may take.</summary>
    public TimeSpan Budget => ShutdownBudget.Of(Pod, Options.ShutdownTimeout);
}
