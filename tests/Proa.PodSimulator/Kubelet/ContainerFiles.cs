using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>Makes the files of one life of a container on the host, laid out as the kubelet does, and its set-up.</summary>
internal static class ContainerFiles
{
    /// <returns>The set-up, and the path of the termination message on the host.</returns>
    /// <exception cref="ContainerStartException">Something the spec refers to is missing.</exception>
    public static (ContainerSetup Setup, string TerminationLog) Prepare(PodRunner pod, JsonObject spec, string id)
    {
        var resources = pod.Resources;
        var name = spec.Text("name")!;
        var containerDirectory = Path.Combine(resources.PodDirectory, "containers", name);
        Directory.CreateDirectory(containerDirectory);
        var terminationLog = Path.Combine(containerDirectory, id[..8]);
        File.WriteAllText(terminationLog, "");
        // The container's user may be another.
        File.SetUnixFileMode(terminationLog, (UnixFileMode)0b110_110_110);
        var scratch = Path.Combine(resources.PodDirectory, "scratch", id[..12]);
        Directory.CreateDirectory(scratch);

        var environment = ContainerEnvironment.Build(pod.Object, spec, resources, pod.HostName);
        var variables = environment.ToDictionary();
        IReadOnlyList<string> entrypoint = spec.Texts("command");
        IReadOnlyList<string> arguments = spec.Texts("args");
        if (entrypoint.Count == 0)
        {
            entrypoint = resources.Options.ImageEntrypoints.GetValueOrDefault(spec.Text("image")!)
                ?? throw new ContainerStartException(
                    $"the container has no command, and there are no images here to take one from: set command, or an entrypoint for {spec.Text("image")}");
        }

        List<ContainerSetup.BindMount> mounts =
        [
            new(HostFile("hostname", pod.HostName + "\n"), "/etc/hostname", false),
            new(
                HostFile("etc-hosts", $"# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost {pod.HostName}\n::1\tlocalhost ip6-localhost ip6-loopback\n"),
                "/etc/hosts",
                false),
            .. resources.Options.Executables.Select(file => new ContainerSetup.BindMount(Path.GetFullPath(file.Value), file.Key, true)),
            .. resources.Mounts(spec),
            new(terminationLog, spec.Text("terminationMessagePath")!, false),
        ];
        var security = spec.Object("securityContext");
        var podSecurity = pod.Spec.Object("securityContext");
        return (new ContainerSetup
        {
            ScratchDirectory = scratch,
            HostName = pod.HostName,
            Command = [.. entrypoint.Concat(arguments).Select(text => ContainerEnvironment.Expand(text, variables))],
            Environment = environment,
            Mounts = mounts,
            WorkingDirectory = spec.Text("workingDir"),
            RunAsUser = security.Number("runAsUser") ?? podSecurity.Number("runAsUser"),
            RunAsGroup = security.Number("runAsGroup") ?? podSecurity.Number("runAsGroup"),
            SupplementalGroups = [.. podSecurity.Texts("supplementalGroups").Append(podSecurity.Text("fsGroup")).OfType<string>().Select(int.Parse)],
            NoNewPrivileges = security.Flag("allowPrivilegeEscalation") == false,
            Privileged = security.Flag("privileged") == true,
            ReadOnlyRoot = security.Flag("readOnlyRootFilesystem") == true,
            DropCapabilities = security.Object("capabilities").Texts("drop"),
            AddCapabilities = security.Object("capabilities").Texts("add"),
        }, terminationLog);

        string HostFile(string file, string content)
        {
            var path = Path.Combine(resources.PodDirectory, file);
            if (!File.Exists(path)) File.WriteAllText(path, content);
            return path;
        }
    }
}
