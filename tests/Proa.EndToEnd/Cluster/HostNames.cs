using System.Text.Json.Nodes;
using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Cluster;

/// <summary>Nothing tells the Pod's name but the host name.</summary>
public sealed class HostNames
{
    [Theory]
    [InlineData("my.pod", "my.pod")] // a Pod's name may have dots, and another Pod's name may be its beginning
    [InlineData("my", "my")]
    [InlineData("whole.name.lab.svc.cluster.local", "whole")] // setHostnameAsFQDN
    [InlineData("a.name-of-63-characters-which-is-the-longest-that-a-host-may-be", "a.name-of-63-characters-which-is-the-longest-that-a-host-may-be")]
    public async Task The_Pod_is_looked_up_by_the_whole_host_name_first(string hostName, string pod)
    {
        Executables.RequireRoot("set a host name");
        using var directory = new TemporaryDirectory();
        await using var api = await ApiServer.StartAsync();
        api.Rbac.AllowPods("lab", "watcher", "get", "watch");
        foreach (var name in (string[])["my.pod", "my", "whole", hostName]) api.Store.Put(Pod(name));
        if (pod == "whole") api.Store.Delete("lab", hostName);
        api.WriteKubeconfig(directory["kubeconfig"], api.IssueToken("lab", "watcher"), "lab");
        await using var proa = RunningProcess.Start(
            ["unshare", "--uts", "sh", "-c", "hostname \"$0\"; exec \"$@\"", hostName, Executables.Proa, "echo", "main runs"],
            new Dictionary<string, string?> { ["KUBECONFIG"] = directory["kubeconfig"], ["PROA_LOG_FORMAT"] = "text" });
        await proa.RunsMainAsync();
        Assert.Contains($"this is container main of Pod lab/{pod}\n", proa.Errors, StringComparison.Ordinal);
    }

    private static JsonObject Pod(string name) => JsonNode.Parse($$"""
        {
          "metadata": {"namespace": "lab", "name": "{{name}}"},
          "spec": {"restartPolicy": "Never", "containers": [{"name": "main"}]},
          "status": {"phase": "Running", "containerStatuses": [{"name": "main", "ready": true, "restartCount": 0, "state": {"running": {} } } ] }
        }
        """)!.AsObject();
}
