using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>Fills in what the API server and its admission fill in when a Pod is created.</summary>
internal static class PodDefaults
{
    public const string ServiceAccountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string TokenVolumePrefix = "kube-api-access-";

    /// <summary>Five characters as in generated names: no vowels, nothing that looks like another.</summary>
    public static string RandomSuffix() => new(Random.Shared.GetItems("bcdfghjklmnpqrstvwxz2456789".AsSpan(), 5));

    /// <summary>Makes the Pod as the API server stores it from a manifest's Pod or a Job's template.</summary>
    public static JsonObject Apply(JsonObject template, bool automountToken)
    {
        var metadata = template.Object("metadata")?.Clone() ?? [];
        metadata.Default("generation", 1);
        var spec = template.Object("spec")!.Clone();
        if (spec["volumes"] is null) spec["volumes"] = new JsonArray();
        spec.Default("restartPolicy", "Always");
        spec.Default("terminationGracePeriodSeconds", 30);
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Default("serviceAccountName", "default");
        spec["serviceAccount"] = spec["serviceAccountName"]!.DeepClone();
        spec.Default("securityContext", new JsonObject());
        spec.Default("schedulerName", "default-scheduler");
        spec.Default("priority", 0);
        spec.Default("enableServiceLinks", true);
        spec.Default("preemptionPolicy", "PreemptLowerPriority");
        var tokenVolume = spec.Flag("automountServiceAccountToken") ?? automountToken ? AddTokenVolume(spec) : null;
        foreach (var container in Containers(spec)) ApplyToContainer(container, tokenVolume);
        return new JsonObject
        {
            ["kind"] = "Pod",
            ["apiVersion"] = "v1",
            ["metadata"] = metadata,
            ["spec"] = spec,
            ["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = QualityOfService(spec) },
        };
    }

    public static IEnumerable<JsonObject> Containers(JsonObject spec) => spec.Objects("initContainers").Concat(spec.Objects("containers"));

    private static string AddTokenVolume(JsonObject spec)
    {
        var name = TokenVolumePrefix + RandomSuffix();
        ((JsonArray)spec["volumes"]!).Add(JsonNode.Parse($$$"""
            {"name":"{{{name}}}","projected":{"sources":[
              {"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},
              {"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}},
              {"downwardAPI":{"items":[{"path":"namespace","fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}
            ],"defaultMode":420}}
            """));
        return name;
    }

    private static void ApplyToContainer(JsonObject container, string? tokenVolume)
    {
        container.Default("resources", new JsonObject());
        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        var image = container.Text("image") ?? "";
        container.Default(
            "imagePullPolicy",
            image.EndsWith(":latest", StringComparison.Ordinal) || !image.Split('/')[^1].Contains(':') ? "Always" : "IfNotPresent");
        foreach (var name in (string[])["startupProbe", "readinessProbe", "livenessProbe"])
        {
            if (container.Object(name) is not { } probe) continue;
            if (probe.Object("httpGet") is { } http)
            {
                http.Default("path", "/");
                http.Default("scheme", "HTTP");
            }

            probe.Default("timeoutSeconds", 1);
            probe.Default("periodSeconds", 10);
            probe.Default("successThreshold", 1);
            probe.Default("failureThreshold", 3);
        }

        if (tokenVolume is null || container.Objects("volumeMounts").Any(mount => mount.Text("mountPath") == ServiceAccountPath)) return;
        if (container["volumeMounts"] is not JsonArray mounts) container["volumeMounts"] = mounts = [];
        mounts.Add(new JsonObject { ["name"] = tokenVolume, ["readOnly"] = true, ["mountPath"] = ServiceAccountPath });
    }

    private static string QualityOfService(JsonObject spec)
    {
        var resources = Containers(spec).Select(container => container.Object("resources")).ToList();
        if (resources.All(item => item.Object("requests") is null && item.Object("limits") is null)) return "BestEffort";
        return resources.All(item => item.Object("limits") is { } limits && limits["cpu"] is not null && limits["memory"] is not null
            && (item.Object("requests") is null || JsonNode.DeepEquals(item.Object("requests"), limits))) ? "Guaranteed" : "Burstable";
    }
}
