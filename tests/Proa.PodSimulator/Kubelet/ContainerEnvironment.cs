using System.Text;
using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>Makes a container's environment and command from its spec.</summary>
internal static class ContainerEnvironment
{
    /// <summary>The variables in the order the kubelet gives them; a later one of the same name has replaced the earlier.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Build(JsonObject pod, JsonObject container, PodResources resources, string hostName)
    {
        var options = resources.Options;
        var variables = new OrderedDictionary<string, string>
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOSTNAME"] = hostName,
            ["HOME"] = "/root",
            ["KUBERNETES_SERVICE_HOST"] = "127.0.0.1",
            ["KUBERNETES_SERVICE_PORT"] = $"{resources.Api.Port}",
            ["KUBERNETES_SERVICE_PORT_HTTPS"] = $"{resources.Api.Port}",
        };
        foreach (var (name, value) in options.Environment) variables[name] = value;
        foreach (var source in container.Objects("envFrom"))
        {
            var (kind, reference) = source.Object("secretRef") is { } secret ? ("Secret", secret) : ("ConfigMap", source.Object("configMapRef"));
            foreach (var (key, value) in resources.Data(kind, reference)) variables[source.Text("prefix") + key] = Encoding.UTF8.GetString(value);
        }

        foreach (var variable in container.Objects("env"))
        {
            var value = variable.Object("valueFrom") is { } from ? From(from, pod, resources) : Expand(variable.Text("value") ?? "", variables);
            if (value is not null) variables[variable.Text("name")!] = value;
        }

        foreach (var (name, value) in options.EnvironmentOverrides)
        {
            var parts = name.Split(':', 2);
            if (parts.Length == 1) variables[name] = value;
            else if (parts[0] == container.Text("name")) variables[parts[1]] = value;
        }

        return [.. variables];
    }

    /// <summary>Replaces $(NAME) by a variable's value and $$ by $; what names no variable stays.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        var result = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '$' || at + 1 == text.Length)
            {
                result.Append(text[at]);
            }
            else if (text[at + 1] == '$')
            {
                result.Append('$');
                at++;
            }
            else if (text[at + 1] == '(' && text.IndexOf(')', at) is > 0 and var end && variables.TryGetValue(text[(at + 2)..end], out var value))
            {
                result.Append(value);
                at = end;
            }
            else
            {
                result.Append('$');
            }
        }

        return result.ToString();
    }

    /// <summary>A field of the Pod as the downward API gives it.</summary>
    public static string Field(JsonObject pod, string path) => path switch
    {
        "metadata.name" or "metadata.namespace" or "metadata.uid" => pod.Object("metadata").Text(path["metadata.".Length..]) ?? "",
        "spec.nodeName" => PodStatus.NodeName,
        "spec.serviceAccountName" => pod.Object("spec").Text("serviceAccountName") ?? "",
        "status.podIP" or "status.podIPs" or "status.hostIP" or "status.hostIPs" => PodStatus.PodIP,
        "metadata.labels" or "metadata.annotations" =>
            string.Join('\n', (pod.Object("metadata").Object(path["metadata.".Length..]) ?? []).Select(pair => $"{pair.Key}=\"{pair.Value}\"")),
        _ when path.StartsWith("metadata.labels['", StringComparison.Ordinal) =>
            pod.Object("metadata").Object("labels").Text(path["metadata.labels['".Length..^2]) ?? "",
        _ when path.StartsWith("metadata.annotations['", StringComparison.Ordinal) =>
            pod.Object("metadata").Object("annotations").Text(path["metadata.annotations['".Length..^2]) ?? "",
        _ => throw new ContainerStartException($"fieldPath {path} is not known to the simulator"),
    };

    private static string? From(JsonObject from, JsonObject pod, PodResources resources)
    {
        if (from.Object("fieldRef") is { } field) return Field(pod, field.Text("fieldPath") ?? "");
        var (kind, reference) = from.Object("secretKeyRef") is { } secret ? ("Secret", secret) : ("ConfigMap", from.Object("configMapKeyRef"));
        if (reference is null) throw new ContainerStartException($"env.valueFrom {from.FirstOrDefault().Key} is not known to the simulator");
        if (resources.Data(kind, reference).TryGetValue(reference.Text("key") ?? "", out var value)) return Encoding.UTF8.GetString(value);
        return reference.Flag("optional") == true
            ? null
            : throw new ContainerStartException($"couldn't find key {reference.Text("key")} in {kind} {reference.Text("name")}");
    }
}
