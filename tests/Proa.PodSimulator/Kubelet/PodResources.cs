using System.Text;
using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>What a Pod takes from outside: ConfigMaps, Secrets, its token, and the place of its files on the host.</summary>
internal sealed class PodResources(Manifest manifest, ApiServer api, SimulatorOptions options, JsonObject pod, string podDirectory)
{
    private readonly List<(string Directory, JsonObject Volume)> _tokenVolumes = [];

    public ApiServer Api => api;

    public SimulatorOptions Options => options;

    public string PodDirectory => podDirectory;

    public string? Token { get; private set; }

    private JsonObject Metadata => pod.Object("metadata")!;

    private string Namespace => Metadata.Text("namespace")!;

    /// <summary>Makes the Pod's volumes on the host.</summary>
    /// <exception cref="ContainerStartException">A volume is of an unknown kind, or its source is missing.</exception>
    public void MakeVolumes()
    {
        foreach (var volume in pod.Object("spec").Objects("volumes"))
        {
            var directory = VolumeDirectory(volume);
            if (volume.Object("emptyDir") is not null)
            {
                Directory.CreateDirectory(directory);
                File.SetUnixFileMode(directory, (UnixFileMode)0b111_111_111);
            }
            else if (volume["hostPath"] is null && volume["image"] is null)
            {
                AtomicDirectory.Write(directory, Files(volume, Path.GetFileName(directory)));
                if (volume.Object("projected").Objects("sources").Any(source => source["serviceAccountToken"] is not null))
                    _tokenVolumes.Add((directory, volume));
            }
        }
    }

    /// <summary>Issues another token and puts it into the Pod's volumes in one step.</summary>
    public string RotateToken()
    {
        Token = null;
        foreach (var (directory, volume) in _tokenVolumes) AtomicDirectory.Write(directory, Files(volume, ""));
        return Token ?? throw new InvalidOperationException("The Pod has no service account token.");
    }

    /// <summary>The bind mounts of a container's volumeMounts.</summary>
    public IEnumerable<ContainerSetup.BindMount> Mounts(JsonObject container)
    {
        foreach (var mount in container.Objects("volumeMounts"))
        {
            var volume = pod.Object("spec").Objects("volumes").First(volume => volume.Text("name") == mount.Text("name"));
            var source = VolumeDirectory(volume);
            var writable = volume["emptyDir"] is not null || volume["hostPath"] is not null;
            if (mount.Text("subPath") is { Length: > 0 } subPath)
            {
                source = Path.Combine(source, subPath);
                if (writable && !Path.Exists(source)) Directory.CreateDirectory(source);
            }

            yield return new ContainerSetup.BindMount(source, mount.Text("mountPath")!, !writable || mount.Flag("readOnly") == true);
        }
    }

    /// <summary>The data of a ConfigMap or Secret that a reference names; empty if it is optional and not there.</summary>
    public IReadOnlyDictionary<string, byte[]> Data(string kind, JsonObject? reference)
    {
        var name = reference.Text("name") ?? reference.Text("secretName") ?? "";
        if (kind == "ConfigMap" && name == "kube-root-ca.crt")
            return new Dictionary<string, byte[]> { ["ca.crt"] = Encoding.UTF8.GetBytes(api.CertificateAuthorityPem) };
        if (manifest.Find(kind, Namespace, name) is not { } found)
        {
            return reference.Flag("optional") == true
                ? new Dictionary<string, byte[]>()
                : throw new ContainerStartException($"{kind.ToLowerInvariant()} \"{name}\" not found");
        }

        var plain = (kind == "Secret" ? found.Object("stringData") : found.Object("data")) ?? [];
        var encoded = (kind == "Secret" ? found.Object("data") : found.Object("binaryData")) ?? [];
        var data = encoded.ToDictionary(pair => pair.Key, pair => Convert.FromBase64String(pair.Value?.ToString() ?? ""));
        foreach (var (key, value) in plain) data[key] = Encoding.UTF8.GetBytes(value?.ToString() ?? "");
        return data;
    }

    private string VolumeDirectory(JsonObject volume)
    {
        if (volume.Object("hostPath").Text("path") is { } hostPath) return hostPath;
        if (volume.Object("image").Text("reference") is { } image)
        {
            return Options.Images.TryGetValue(image, out var content)
                ? content
                : throw new ContainerStartException($"volume {volume.Text("name")}: there is no image {image} here to mount");
        }

        var kind = volume.Select(field => field.Key).FirstOrDefault(field => field != "name") ?? "emptyDir";
        var plugin = kind switch
        {
            "emptyDir" => "empty-dir",
            "configMap" => "configmap",
            "downwardAPI" => "downward-api",
            "secret" or "projected" => kind,
            _ => throw new ContainerStartException($"volume {volume.Text("name")}: {kind} is not known to the simulator"),
        };
        return Path.Combine(podDirectory, "volumes", $"kubernetes.io~{plugin}", volume.Text("name")!);
    }

    private Dictionary<string, AtomicDirectory.Content> Files(JsonObject volume, string of)
    {
        var files = new Dictionary<string, AtomicDirectory.Content>();
        var source = volume.First(field => field.Key != "name").Value!.AsObject();
        var mode = source.Number("defaultMode");
        foreach (var part in volume["projected"] is null ? [volume] : source.Objects("sources"))
        {
            foreach (var (kind, reference) in part.Where(field => field.Key != "name"))
            {
                Add(files, kind, reference!.AsObject(), mode, of);
            }
        }

        return files;
    }

    private void Add(Dictionary<string, AtomicDirectory.Content> files, string kind, JsonObject reference, int? mode, string of)
    {
        switch (kind)
        {
            case "serviceAccountToken":
                Token = api.IssueToken(Namespace, pod.Object("spec").Text("serviceAccountName") ?? "default", Metadata.Text("name"), Metadata.Text("uid"));
                files[reference.Text("path") ?? "token"] = AtomicDirectory.Content.Of(Token, mode);
                break;
            case "downwardAPI":
                foreach (var item in reference.Objects("items"))
                {
                    files[item.Text("path")!] = AtomicDirectory.Content.Of(
                        ContainerEnvironment.Field(pod, item.Object("fieldRef").Text("fieldPath") ?? ""),
                        item.Number("mode") ?? mode);
                }

                break;
            case "configMap" or "secret":
                var data = Data(kind == "secret" ? "Secret" : "ConfigMap", reference);
                var items = reference.Objects("items").ToList();
                foreach (var (key, value) in data.Where(_ => items.Count == 0)) files[key] = AtomicDirectory.Content.Of(value, mode);
                foreach (var item in items)
                {
                    if (!data.TryGetValue(item.Text("key")!, out var value))
                        throw new ContainerStartException($"volume {of}: references non-existent key: {item.Text("key")}");
                    files[item.Text("path")!] = AtomicDirectory.Content.Of(value, item.Number("mode") ?? mode);
                }

                break;
            default:
                throw new ContainerStartException($"volume source {kind} is not known to the simulator");
        }
    }
}
