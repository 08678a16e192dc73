using System.Text;
using Proa.Pods;
using Proa.Sidecars;
using Proa.Supervision;
using Proa.Tests.Support;

namespace Proa.Tests.Pods;

public sealed class PodReaderTests
{
    [Fact]
    public void A_recorded_Pod_is_read()
    {
        var pod = Recordings.PodAt("native-sidecar", 837);
        Assert.Equal("native-sidecar", pod.Metadata.Name);
        Assert.Equal("lab", pod.Metadata.Namespace);
        Assert.Equal(36, pod.Metadata.Uid.Length);
        Assert.False(pod.IsBeingDeleted);
        Assert.Equal("Never", pod.Spec.RestartPolicy);
        Assert.Equal(5, pod.Spec.TerminationGracePeriodSeconds);
        Assert.Equal("/dev/termination-log", Assert.Single(pod.Spec.Containers).TerminationMessagePath);
        Assert.Equal(["setup", "proxy"], pod.Spec.InitContainers.Select(c => c.Name));
        Assert.Equal([null, "Always"], pod.Spec.InitContainers.Select(c => c.RestartPolicy));
        Assert.Equal("Running", pod.Status.Phase);
        Assert.Equal(0, pod.Status.InitContainerStatuses[0].State.Terminated?.ExitCode);
        Assert.NotNull(pod.Status.InitContainerStatuses[1].State.Running);
        Assert.Matches("^containerd://[0-9a-f]{64}$", pod.Status.ContainerStatuses[0].ContainerId);
    }

    [Fact]
    public void Recorded_restart_rules_are_read()
    {
        var rule = Assert.Single(Recordings.PodAt("restart-rules", 727).Spec.Containers[1].RestartPolicyRules);
        Assert.Equal("Restart", rule.Action);
        Assert.Equal("In", rule.ExitCodes!.Operator);
        Assert.Equal([42], rule.ExitCodes!.Values);
    }

    [Fact]
    public void The_recorded_annotation_of_the_default_container_is_read() =>
        Assert.Equal("main", Recordings.PodAt("proxy-first", 777).Metadata.Annotations.DefaultContainer);

    [Fact]
    public void A_recorded_shared_PID_namespace_is_read() => Assert.True(Recordings.PodAt("debugged", 694).Spec.ShareProcessNamespace);

    [Fact]
    public void A_recorded_deletion_is_read() => Assert.True(Recordings.PodAt("deleted", 805).IsBeingDeleted);

    [Fact]
    public void A_recorded_readiness_probe_is_read()
    {
        var containers = Recordings.PodAt("slow-sidecar", 721).Spec.Containers;
        Assert.Null(containers[0].ReadinessProbe);
        Assert.NotNull(containers[1].ReadinessProbe);
    }

    [Fact]
    public void The_host_PID_namespace_is_read() => Assert.True(Pod("""{"spec":{"hostPID":true}}""").Spec.HostPid);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"metadata":null,"spec":null,"status":null}""")]
    [InlineData(
        """{"metadata":{"annotations":null,"name":null},"spec":{"containers":null,"initContainers":null,"restartPolicy":null}"""
        + ""","status":{"containerStatuses":null,"phase":null}}""")]
    [InlineData("""{"spec":{"containers":[null],"initContainers":[null,null]},"status":{"containerStatuses":[null],"initContainerStatuses":[null]}}""")]
    public void What_is_absent_or_null_is_empty(string json) => Assert.Equivalent(new Pod(), Pod(json), strict: true);

    [Fact]
    public void Null_inside_a_list_is_passed_over()
    {
        var pod = Pod("""
            {"spec":{"containers":[null,{"name":"a","restartPolicyRules":[null,{"action":"Restart","exitCodes":{"operator":"In","values":null}}]},null]},
             "status":{"containerStatuses":[null,{"name":"a","state":null,"lastState":null}]}}
            """);
        var container = Assert.Single(pod.Spec.Containers);
        Assert.Equal("a", container.Name);
        Assert.Empty(Assert.Single(container.RestartPolicyRules).ExitCodes!.Values);
        Assert.Equal(new ContainerState(), Assert.Single(pod.Status.ContainerStatuses).State);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_a_deletion_timestamp_a_Pod_is_not_being_deleted(string? timestamp) =>
        Assert.False(new Pod { Metadata = new() { DeletionTimestamp = timestamp } }.IsBeingDeleted);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"spec":{"containers":7}}""")]
    [InlineData("{\"metadata\":{\"name\":\"p\"}} x")]
    public void What_is_no_Pod_is_refused(string json) => Assert.False(PodReader.TryReadPod(Encoding.UTF8.GetBytes(json), out _));

    private static Pod Pod(string json)
    {
        Assert.True(PodReader.TryReadPod(Encoding.UTF8.GetBytes(json), out var pod));
        return pod;
    }
}
