using System.Text;
using Proa.CommandLine;
using Proa.Identity;
using Proa.Kubernetes;
using Proa.Linux;

namespace Proa.Workers;

/// <summary>What both workers begin with: the API server, our Pod's identity, and what tells our container.</summary>
internal sealed class PodSession : IDisposable
{
    /// <exception cref="CannotRunException">There is no API server to ask, or its credentials cannot be read.</exception>
    public PodSession(Options options, TimeProvider time)
    {
        Access = ClusterAccess.Find();
        Api = new(Access, time);
        Identity = new PodEvidence(
            Api.Token is { } token ? ServiceAccountToken.Read(token) : null,
            GivenArguments.Variable("POD_NAME"),
            GivenArguments.Variable("POD_NAMESPACE"),
            Access.Namespace,
            System.Environment.MachineName).Decide(options);
        Container = new(options.Container, ReadProc("/proc/self/mountinfo"), ReadProc("/proc/self/cgroup"));
    }

    public ClusterAccess Access { get; }

    public ApiClient Api { get; }

    public PodIdentity Identity { get; }

    public ContainerEvidence Container { get; }

    private static string ReadProc(string path)
    {
        try
        {
            return File.ReadAllText(path, Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    public void Dispose() => Api.Dispose();
}
