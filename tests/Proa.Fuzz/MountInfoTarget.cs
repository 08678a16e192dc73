using System.Text;
using Proa.Identity;
using Proa.Pods;

namespace Proa.Fuzz;

/// <summary>The text of /proc/PID/mountinfo, and of /proc/PID/cgroup.</summary>
internal sealed class MountInfoTarget : Target
{
    private const string Uid = "17639905-bb89-4ad7-9c36-a774a667e3f2";

    private readonly Lazy<Pod> _pod = new(() =>
    {
        Require(PodReader.TryReadPod(Recordings.Pods().First(), out var recorded), "a recorded Pod is not read");
        return recorded! with { Metadata = recorded.Metadata with { Uid = Uid } };
    });

    public override string Name => "mountinfo";

    protected override int MemoryPerByte => 50;

    private string ContainerId => _pod.Value.Status.ContainerStatuses[0].ContainerId!.Split("://")[1];

    public override IEnumerable<byte[]> FirstInputs() => ((string[])
    [
        $"189 173 254:0 /var/lib/kubelet/pods/{Uid}/etc-hosts /etc/hosts rw,relatime - ext4 /dev/vda rw\n190 175 254:0 {Log("main")} "
            + "/dev/termination-log rw,relatime - ext4 /dev/vda rw\n",
        $"1 2 254:0 {Log("main")}\n3 4 254:0 {Log("sidecar-1")}\n",
        $"1 2 254:0 /pods/other/containers/node/pods/{Uid}/containers/a/b /x\r\n",
        $"0::/kubepods/besteffort/pod{Uid}/{ContainerId}\n",
    ]).Select(Encoding.UTF8.GetBytes);

    public override IEnumerable<string> Words() =>
        ["/pods/", "/containers/", Uid, ContainerId, "main", "sidecar-1", " ", "/", "\n", "\r", "\u2028", Log("main")];

    public override void Read(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        foreach (var uid in (string[])[Uid, ""])
        {
            if (Bounded(input, _ => MountTable.ContainerName(text, uid)) is { } name)
                Require(
                    name.Length > 0 && !name.Contains('/', StringComparison.Ordinal) && text.Contains($"/containers/{name}/", StringComparison.Ordinal),
                    $"\"{name}\" is no container of a mount");
        }

        var container = Bounded(input, _ => (Found: new ContainerEvidence(null, text, text).Decide(_pod.Value, out var error), Error: error));
        Require(container.Found is null != string.IsNullOrEmpty(container.Error), "neither a container nor a reason, or both");
        Require(container.Found is null || _pod.Value.Spec.Containers.Any(c => c.Name == container.Found.Name), "it is no container of the Pod");
    }

    private static string Log(string container) => $"/var/lib/kubelet/pods/{Uid}/containers/{container}/b979387f";
}
