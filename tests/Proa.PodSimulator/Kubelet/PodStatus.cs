using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>Makes a Pod's status from the states of its containers, as the kubelet does.</summary>
internal static class PodStatus
{
    public const string NodeName = "node-1";

    /// <summary>Containers share the host's network, so this is what reaches them all.</summary>
    public const string PodIP = "127.0.0.1";

    public static string ImageId(string image) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(image)))}";

    /// <summary>Writes the status into the Pod.</summary>
    public static void Write(JsonObject pod, PodRunner runner)
    {
        var previous = pod.Object("status");
        var phase = runner.FinalPhase ?? Phase(runner);
        var status = new JsonObject { ["observedGeneration"] = pod.Object("metadata").Number("generation") ?? 1, ["phase"] = phase };
        if (runner.FinalPhase is not null && runner.Reason is { } reason) (status["reason"], status["message"]) = (reason, PodRunner.ReasonMessage);
        status["conditions"] = Conditions(previous, runner, status.Number("observedGeneration")!.Value);
        status["hostIP"] = PodIP;
        status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = PodIP });
        if (runner.HasSandboxStarted) (status["podIP"], status["podIPs"]) = (PodIP, new JsonArray(new JsonObject { ["ip"] = PodIP }));
        status["startTime"] = runner.StartTime.ToApiTime();
        if (runner.InitContainers.Count > 0) status["initContainerStatuses"] = new JsonArray([.. runner.InitContainers.Select(Container)]);
        status["containerStatuses"] = new JsonArray([.. runner.Containers.Select(Container)]);
        status["qosClass"] = previous.Text("qosClass") ?? "BestEffort";
        pod["status"] = status;
    }

    /// <summary>The phase while the Pod runs, and what it will come to.</summary>
    public static string Phase(PodRunner runner)
    {
        var final = FinalPhase(runner);
        if (final is not null) return "Running";
        var ordinary = runner.InitContainers.Where(container => container.Kind == ContainerKind.Init).ToList();
        if (ordinary.Any(container => container.Termination.Number("exitCode") != 0)) return "Pending";
        if (runner.InitContainers.Any(container => container.Kind == ContainerKind.NativeSidecar && !container.Started.IsCompleted)) return "Pending";
        return runner.Containers.Any(container => container.State["waiting"] is not null && container.LastTermination is null) ? "Pending" : "Running";
    }

    /// <summary>Succeeded or Failed when no container will run again, else null.</summary>
    public static string? FinalPhase(PodRunner runner)
    {
        if (runner.Reason is not null) return "Failed";
        if (runner.IsRestartingAll) return null;
        var ended = runner.InitContainers.Concat(runner.Containers).All(container => container.IsFinished || container.State["waiting"] is not null);
        if (runner.InitContainers.Any(
            container => container is { Kind: ContainerKind.Init, IsFinished: true } && container.Termination.Number("exitCode") != 0))
            return ended ? "Failed" : null;
        if (!runner.Containers.All(container => container.IsFinished && container.Termination is not null))
            return runner.IsTerminating && ended ? "Failed" : null;
        return runner.Containers.All(container => container.Termination.Number("exitCode") == 0) ? "Succeeded" : "Failed";
    }

    private static JsonObject Container(Container container)
    {
        var status = new JsonObject
        {
            ["name"] = container.Name,
            ["state"] = container.State.DeepClone(),
            ["lastState"] = container.LastTermination is { } last ? new JsonObject { ["terminated"] = last.DeepClone() } : new JsonObject(),
            ["ready"] = container.IsReady,
            ["restartCount"] = container.RestartCount,
            ["image"] = container.Spec.Text("image"),
            ["imageID"] = container.ImageId ?? "",
        };
        if (container.ContainerId is { } id) status["containerID"] = id;
        status["started"] = container.IsStarted;
        status["resources"] = container.Spec.Object("resources")?.DeepClone() ?? new JsonObject();
        status["volumeMounts"] = new JsonArray([.. container.Spec.Objects("volumeMounts").Select(Mount)]);
        return status;
    }

    private static JsonObject Mount(JsonObject mount)
    {
        var status = new JsonObject { ["name"] = mount.Text("name"), ["mountPath"] = mount.Text("mountPath") };
        if (mount.Flag("readOnly") == true) (status["readOnly"], status["recursiveReadOnly"]) = (true, "Disabled");
        return status;
    }

    private static JsonArray Conditions(JsonObject? previous, PodRunner runner, int generation)
    {
        var final = FinalPhase(runner);
        var uninitialized = runner.InitContainers.Where(container => container.Kind == ContainerKind.Init

                ? container.Termination.Number("exitCode") != 0
                : !container.IsStarted && !container.Started.IsCompleted).Select(container => container.Name).ToList();
        var unready = runner.InitContainers.Where(container => container.Kind == ContainerKind.NativeSidecar).Concat(runner.Containers)
            .Where(container => !container.IsReady).Select(container => container.Name).ToList();
        (string, string?, string?) ready = final switch
        {
            "Succeeded" => ("False", "PodCompleted", null),
            "Failed" => ("False", "PodFailed", null),
            _ => unready.Count > 0 ? ("False", "ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]") : ("True", null, null),
        };
        var conditions = new JsonArray(
            Condition("PodReadyToStartContainers", runner.HasSandbox ? "True" : "False", null, null),
            final == "Succeeded" ? Condition("Initialized", "True", "PodCompleted", null)
                : uninitialized.Count == 0 ? Condition("Initialized", "True", null, null)
                : Condition("Initialized", "False", "ContainersNotInitialized", $"containers with incomplete status: [{string.Join(' ', uninitialized)}]"),
            Condition("Ready", ready.Item1, ready.Item2, ready.Item3),
            Condition("ContainersReady", ready.Item1, ready.Item2, ready.Item3),
            Condition("PodScheduled", "True", null, null));
        if (runner.AllContainers.Any(container => RestartPolicy.MayRestartAll(container.Spec)))
        {
            conditions.Add(runner.IsRestartingAll
                ? Condition("AllContainersRestarting", "True", "RestartAllContainersStarted", "container exited with restart policy rule")
                : Condition("AllContainersRestarting", "False", null, null));
        }

        return conditions;

        JsonObject Condition(string type, string value, string? reason, string? message)
        {
            var before = previous.Objects("conditions").FirstOrDefault(condition => condition.Text("type") == type);
            var condition = new JsonObject
            {
                ["type"] = type,
                ["observedGeneration"] = generation,
                ["status"] = value,
                ["lastProbeTime"] = null,
                ["lastTransitionTime"] = before.Text("status") == value ? before.Text("lastTransitionTime") : DateTimeOffset.UtcNow.ToApiTime(),
            };
            if (reason is not null) condition["reason"] = reason;
            if (message is not null) condition["message"] = message;
            return condition;
        }
    }
}
