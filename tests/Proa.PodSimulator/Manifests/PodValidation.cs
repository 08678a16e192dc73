using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>Refuses what an API server would refuse, and what the simulator cannot do.</summary>
internal static class PodValidation
{
    public static void CheckJob(ManifestDocument document)
    {
        var spec = document.RequireObject(document.Root, "", "spec");
        foreach (var field in (string[])["completions", "parallelism"])
        {
            if (document.Number(spec, "spec", field, 0) is { } number && number != 1)
                throw document.Error($"spec.{field}", $"is {number}; the simulator runs one Pod at a time (1)");
        }

        document.Number(spec, "spec", "backoffLimit", 0);
        document.Number(spec, "spec", "activeDeadlineSeconds", 1);
        var template = document.RequireObject(spec, "spec", "template");
        var podSpec = document.RequireObject(template, "spec.template", "spec");
        if (podSpec.Text("restartPolicy") is not ("Never" or "OnFailure"))
        {
            throw document.Error(
                "spec.template.spec.restartPolicy",
                podSpec["restartPolicy"] is null ? "is required: Never or OnFailure" : "must be Never or OnFailure in a Job");
        }

        Check(document, podSpec, "spec.template.spec");
    }

    public static void Check(ManifestDocument document, JsonObject spec, string path)
    {
        document.OneOf(spec, path, "restartPolicy", "Always", "OnFailure", "Never");
        document.Number(spec, path, "terminationGracePeriodSeconds", 0);
        document.Number(spec, path, "activeDeadlineSeconds", 1);
        var volumes = document.List(spec, path, "volumes").Select((volume, index) => document.RequireText(volume, $"{path}.volumes[{index}]", "name"))
            .ToHashSet();
        if (document.List(spec, path, "containers").Count == 0) throw document.Error($"{path}.containers", "is required: at least one container");
        var names = new HashSet<string>();
        foreach (var list in (string[])["initContainers", "containers"])
        {
            foreach (var (index, container) in document.List(spec, path, list).Index())
            {
                var at = $"{path}.{list}[{index}]";
                if (!names.Add(document.RequireText(container, at, "name"))) throw document.Error($"{at}.name", $"\"{container.Text("name")}\" is there twice");
                CheckContainer(document, container, at, volumes);
            }
        }
    }

    private static void CheckContainer(ManifestDocument document, JsonObject container, string path, HashSet<string> volumes)
    {
        document.RequireText(container, path, "image");
        document.OneOf(container, path, "restartPolicy", "Always", "OnFailure", "Never");
        document.TextList(container, path, "command");
        document.TextList(container, path, "args");
        foreach (var (index, variable) in document.List(container, path, "env").Index())
        {
            document.RequireText(variable, $"{path}.env[{index}]", "name");
            if (variable["value"] is { } value && !(value is JsonValue scalar && scalar.TryGetValue<string>(out _)))
            {
                throw document.Error($"{path}.env[{index}].value", "must be a string; put it in quotes");
            }
        }

        foreach (var (index, mount) in document.List(container, path, "volumeMounts").Index())
        {
            var at = $"{path}.volumeMounts[{index}]";
            if (!document.RequireText(mount, at, "mountPath").StartsWith('/')) throw document.Error($"{at}.mountPath", "must be an absolute path");
            if (!volumes.Contains(document.RequireText(mount, at, "name"))) throw document.Error($"{at}.name", $"there is no volume \"{mount.Text("name")}\"");
        }

        foreach (var name in (string[])["startupProbe", "readinessProbe", "livenessProbe"])
        {
            if (container[name] is not null) CheckProbe(document, document.RequireObject(container, path, name), $"{path}.{name}");
        }
    }

    private static void CheckProbe(ManifestDocument document, JsonObject probe, string path)
    {
        if (!probe.Any(field => field.Key is "httpGet" or "tcpSocket" or "exec"))
        {
            throw document.Error(path, probe["grpc"] is null ? "needs one of httpGet, tcpSocket, exec" : "grpc is not known to the simulator");
        }

        document.Number(probe, path, "initialDelaySeconds", 0);
        foreach (var field in (string[])["periodSeconds", "timeoutSeconds", "successThreshold", "failureThreshold"]) document.Number(probe, path, field, 1);
    }
}
