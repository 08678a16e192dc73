using System.Text;
using YamlDotNet.Core;

namespace Proa.Kubernetes;

/// <summary>Reads kubeconfig files ("Organizing Cluster Access Using kubeconfig Files").</summary>
internal static class Kubeconfig
{
    private const long Largest = 4 * 1024 * 1024;

    /// <summary>
    /// Reads the files that exist and merges them as client-go does: the first that has a current-context, a context, a cluster or a user of a
    /// name decides it alone, and relative paths are relative to the file that they are in.
    /// </summary>
    /// <exception cref="CannotRunException">A file cannot be read or used, or none exists; the message names the part.</exception>
    public static ClusterAccess Read(params string[] paths)
    {
        var files = new List<Content>();
        CannotRunException? missing = null;
        foreach (var path in paths)
        {
            try
            {
                if (new FileInfo(path).Length > Largest) throw Bad(path, $"it is larger than {Largest} bytes");
                files.Add(Load(File.ReadAllText(path), path));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                var unreadable = new CannotRunException(
                    $"cannot read the kubeconfig {path}: {(e is UnauthorizedAccessException ? "permission denied" : e.Message)}",
                    "correct or unset KUBECONFIG");
                if (e is not (FileNotFoundException or DirectoryNotFoundException)) throw unreadable;
                missing ??= unreadable;
            }
        }

        return files.Count > 0 ? Merge(files) : throw missing ?? new CannotRunException("KUBECONFIG names no file", "correct or unset it");
    }

    /// <summary>Reads the text of the file <paramref name="path"/>.</summary>
    /// <exception cref="CannotRunException">It cannot be used.</exception>
    public static ClusterAccess Parse(string text, string path) => Merge([Load(text, path)]);

    private static Content Load(string text, string path)
    {
        try
        {
            return new(path, YamlMap.Read(text) ?? throw Bad(path, "it is not a kubeconfig"));
        }
        catch (YamlException e)
        {
            throw Bad(path, $"line {e.Start.Line}: {e.Message}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // What YamlDotNet also throws where a text is no YAML: a bracket that is not closed, a tag without a name.
            throw Bad(path, "it is not YAML");
        }
    }

    private static ClusterAccess Merge(IReadOnlyList<Content> files)
    {
        var path = Paths(files);
        var contextName = files.Select(file => file.Map.Text("current-context")).FirstOrDefault(name => name is not null)
            ?? throw Bad(path, "it has no current-context");
        var context = Named(files, "contexts", "context", contextName);
        var cluster = Named(files, "clusters", "cluster", context.Map.Text("cluster") ?? throw Bad(context.Path, $"context {contextName} names no cluster"));
        var user = context.Map.Text("user") is { } userName ? Named(files, "users", "user", userName) : context with { Map = YamlMap.Empty };

        if (user.Map.Map("exec") is not null || user.Map.Map("auth-provider") is not null)
        {
            throw new CannotRunException(
                $"the kubeconfig {user.Path} gets its credentials from a plugin, which proa does not run",
                "use a service account's token, or a client certificate");
        }

        if (cluster.Map.Text("server") is not { } server || !Uri.TryCreate(server, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http"))
            throw Bad(cluster.Path, "the cluster's server is not an http or https URL");

        var certificate = Either(user, "client-certificate");
        var key = Either(user, "client-key");
        if (certificate is null != key is null) throw Bad(user.Path, "client-certificate and client-key go together");
        return new(
            url,
            Either(cluster, "certificate-authority"),
            user.Map.Text("token") is { } token ? new(null, Encoding.UTF8.GetBytes(token)) : user.Map.Text("tokenFile") is { } file ? user.File(file) : null,
            certificate is not null && key is not null ? (certificate, key) : null,
            cluster.Map.Text("tls-server-name"),
            cluster.Map.Text("insecure-skip-tls-verify") is "true",
            context.Map.Text("namespace"),
            path);
    }

    private static CannotRunException Bad(string path, string why) =>
        new($"cannot use the kubeconfig {path}: {why}", "kubectl config view --minify --raw writes one that can be used");

    private static string Paths(IReadOnlyList<Content> files) => string.Join(':', files.Select(file => file.Path));

    private static Content Named(IReadOnlyList<Content> files, string list, string item, string name)
    {
        foreach (var file in files)
        {
            if (file.Map.Maps(list).FirstOrDefault(e => e.Text("name") == name) is not { } found) continue;
            return file with { Map = found.Map(item) ?? throw Bad(file.Path, $"its {item} \"{name}\" is empty") };
        }

        throw Bad(Paths(files), $"it has no {item} \"{name}\"");
    }

    /// <summary>The inline form NAME-data, in base64, goes before the file NAME, as in client-go.</summary>
    private static Credential? Either(Content node, string name)
    {
        if (node.Map.Text(name + "-data") is { } data)
        {
            var content = new byte[data.Length];
            return Convert.TryFromBase64String(data, content, out var length)
                ? new(null, content[..length])
                : throw Bad(node.Path, $"{name}-data is not base64");
        }

        return node.Map.Text(name) is { } file ? node.File(file) : null;
    }

    /// <summary>A file, or a part of it.</summary>
    private sealed record Content(string Path, YamlMap Map)
    {
        public Credential File(string path) =>
            Credential.File(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path)) ?? "/", path));
    }
}
