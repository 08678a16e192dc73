using Proa.Identity;
using Proa.Kubernetes;
using Proa.Linux;
using Proa.Pods;
using Proa.Waiting;

namespace Proa.Workers;

/// <summary>What both workers begin with: the API server, our Pod's identity, and what tells our container.</summary>
internal sealed class PodConnection : IDisposable
{
    private readonly TimeProvider _time;

    /// <exception cref="CannotRunException">There is no API server to ask, or its credentials cannot be read.</exception>
    public PodConnection(Options options, TimeProvider time)
    {
        _time = time;
        Access = ClusterAccess.Find(options.Watches);
        Api = new(Access, time);
        Identity = new PodEvidence(
            options.Pod,
            options.Namespace,
            Api.Token is { } token ? ServiceAccountToken.Read(token) : null,
            GivenArguments.Variable("POD_NAME"),
            GivenArguments.Variable("POD_NAMESPACE"),
            Access.Namespace,
            Libc.HostName()).Decide();
        Container = new(options.Container, ProcessTable.Text("/proc/self/mountinfo"), ProcessTable.Text("/proc/self/cgroup"));
    }

    public ClusterAccess Access { get; }

    public ApiClient Api { get; }

    public PodIdentity Identity { get; }

    public ContainerEvidence Container { get; }

    /// <summary>Our container's present life.</summary>
    /// <param name="pod">Our Pod.</param>
    /// <param name="supervisor">The supervisor's process ID.</param>
    public OwnLife Life(Pod pod, int supervisor) => Life(pod, supervisor, _time);

    /// <summary>The same, without a connection.</summary>
    public static OwnLife Life(Pod pod, int supervisor, TimeProvider time) =>
        OwnLife.Of(pod.Spec, ProcessTable.Ancestry(supervisor), supervisor, Libc.TimeSinceBoot(), time.GetUtcNow());

    public void Dispose() => Api.Dispose();
}
