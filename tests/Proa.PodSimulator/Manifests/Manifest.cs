using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>The objects of a manifest file, checked as far as the simulator uses them.</summary>
public sealed class Manifest
{
    private readonly List<JsonObject> _objects = [];
    private readonly List<string> _warnings = [];

    private Manifest()
    {
    }

    /// <summary>Every object of a kind the simulator knows, in the order of the file.</summary>
    public IReadOnlyList<JsonObject> Objects => _objects;

    /// <summary>What was ignored, one line each.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ManifestException">It cannot be used.</exception>
    public static Manifest Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (IOException error)
        {
            throw new ManifestException(path, null, null, error.Message);
        }
    }

    /// <summary>Reads YAML text of one or several documents (a List counts as its items).</summary>
    /// <exception cref="ManifestException">It cannot be used.</exception>
    public static Manifest Parse(string yaml, string fileName = "manifest.yaml")
    {
        var manifest = new Manifest();
        foreach (var document in YamlReader.Read(yaml, fileName)) manifest.Add(document, fileName);
        if (!manifest._objects.Any(item => item.Text("kind") is "Job" or "Pod"))
            throw new ManifestException(fileName, null, null, "has neither a Job nor a Pod");
        return manifest;
    }

    internal IEnumerable<JsonObject> OfKind(params string[] kinds) => _objects.Where(item => kinds.Contains(item.Text("kind")));

    internal JsonObject? Find(string kind, string @namespace, string name) => _objects.FirstOrDefault(item =>
        item.Text("kind") == kind && item.Object("metadata").Text("name") == name && (item.Object("metadata").Text("namespace") ?? @namespace) == @namespace);

    private void Add(ManifestDocument document, string fileName)
    {
        document.RequireText(document.Root, "", "apiVersion");
        var kind = document.RequireText(document.Root, "", "kind");
        switch (kind)
        {
            case "Pod":
                document.RequireObject(document.Root, "", "metadata");
                PodValidation.Check(document, document.RequireObject(document.Root, "", "spec"), "spec");
                break;
            case "Job":
                PodValidation.CheckJob(document);
                break;
            case "ConfigMap" or "Secret" or "ServiceAccount" or "Role" or "RoleBinding" or "ClusterRole" or "ClusterRoleBinding":
                break;
            default:
                _warnings.Add($"{fileName}: {kind} {document.Name} is ignored: the simulator does not know this kind");
                return;
        }

        document.RequireText(document.RequireObject(document.Root, "", "metadata"), "metadata", "name");
        _objects.Add(document.Root);
    }
}
