using System.Text;
using YamlDotNet.Core;

namespace Proa.Kubernetes;

/// <summary>Reads a kubeconfig file ("Organizing Cluster Access Using kubeconfig Files").</summary>
internal static class Kubeconfig
{
    private const long Largest = 4 * 1024 * 1024;

    /// <exception cref="CannotRunException">The file cannot be read or used; the message names the part.</exception>
    public static ClusterAccess Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > Largest) throw Bad(path, $"it is larger than {Largest} bytes");
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CannotRunException($"cannot read the kubeconfig {path}: {(e is UnauthorizedAccessException ? "permission denied" : e.Message)}", "correct or unset KUBECONFIG");
        }
    }

    /// <summary>Reads the text of the file <paramref name="path"/>, whose directory relative paths are relative to.</summary>
    /// <exception cref="CannotRunException">It cannot be used.</exception>
    public static ClusterAccess Parse(string text, string path)
    {
        YamlMap root;
        try
        {
            root = YamlMap.Read(text) ?? throw Bad(path, "it is no kubeconfig");
        }
        catch (YamlException e)
        {
            throw Bad(path, $"line {e.Start.Line}: {e.Message}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // What YamlDotNet also throws where a text is no YAML: a bracket that is not closed, a tag without a name.
            throw Bad(path, "it is no YAML");
        }

        var contextName = root.Text("current-context") ?? throw Bad(path, "it has no current-context");
        var context = Named(root, "contexts", "context", contextName, path);
        var cluster = Named(root, "clusters", "cluster", context.Text("cluster") ?? throw Bad(path, $"context {contextName} names no cluster"), path);
        var user = context.Text("user") is { } userName ? Named(root, "users", "user", userName, path) : YamlMap.Empty;

        if (user.Map("exec") is not null || user.Map("auth-provider") is not null)
        {
            throw new CannotRunException(
                $"the kubeconfig {path} gets its credentials from a plugin, which proa does not run",
                "use a service account's token, or a client certificate");
        }

        if (cluster.Text("server") is not { } server || !Uri.TryCreate(server, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http"))
            throw Bad(path, "the cluster's server is not an http or https URL");

        var directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        var certificate = Either(user, "client-certificate", directory, path);
        var key = Either(user, "client-key", directory, path);
        if (certificate is null != key is null) throw Bad(path, "client-certificate and client-key go together");
        return new(
            url,
            Either(cluster, "certificate-authority", directory, path),
            user.Text("token") is { } token ? new(null, Encoding.UTF8.GetBytes(token)) : user.Text("tokenFile") is { } file ? Credential.File(Path.Combine(directory, file)) : null,
            certificate is not null && key is not null ? (certificate, key) : null,
            cluster.Text("tls-server-name"),
            cluster.Text("insecure-skip-tls-verify") is "true",
            context.Text("namespace"),
            path);
    }

    private static CannotRunException Bad(string path, string why) => new($"cannot use the kubeconfig {path}: {why}", "kubectl config view --minify --raw writes one that can be used");

    private static YamlMap Named(YamlMap root, string list, string item, string name, string path)
    {
        var found = root.Maps(list).FirstOrDefault(e => e.Text("name") == name);
        if (found?.Map(item) is { } content) return content;
        throw Bad(path, $"it has no {item} \"{name}\"");
    }

    /// <summary>The inline form NAME-data, in base64, goes before the file NAME, as in client-go.</summary>
    private static Credential? Either(YamlMap node, string name, string directory, string path)
    {
        if (node.Text(name + "-data") is { } data)
        {
            var content = new byte[data.Length];
            return Convert.TryFromBase64String(data, content, out var length) ? new(null, content[..length]) : throw Bad(path, $"{name}-data is not base64");
        }

        return node.Text(name) is { } file ? Credential.File(Path.Combine(directory, file)) : null;
    }
}
