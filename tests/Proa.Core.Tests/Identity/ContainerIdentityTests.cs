using CsCheck;
using Proa.Identity;
using Proa.Pods;
using Proa.Tests.Support;

namespace Proa.Tests.Identity;

public sealed class ContainerIdentityTests
{
    private const string MainId = "1111111111111111111111111111111111111111111111111111111111111111";
    private const string ProxyId = "2222222222222222222222222222222222222222222222222222222222222222";
    private const string CGroup = $"0::/kubepods/besteffort/pod17639905-bb89-4ad7-9c36-a774a667e3f2/{MainId}\n";
    private const string Mount =
        "190 175 254:0 /var/lib/kubelet/pods/17639905-bb89-4ad7-9c36-a774a667e3f2/containers/main/b979387f /dev/termination-log rw - ext4 /dev/vda rw";
    private const string OtherPodsMount =
        "190 175 254:0 /var/lib/kubelet/pods/00000000-bb89-4ad7-9c36-a774a667e3f2/containers/main/b979387f /dev/termination-log rw - ext4 /dev/vda rw";

    [Fact]
    public void The_option_goes_before_all() =>
        Assert.Equal(new("logger", "--container"), Decide(Pod("main"), option: "logger", mounts: Mount, cgroup: CGroup));

    [Fact]
    public void The_mount_table_goes_before_the_container_ID() =>
        Assert.Equal(
            new("main", "the mount of the termination log"),
            Decide(Pod("logger"), mounts: Mount, cgroup: CGroup.Replace(MainId, ProxyId, StringComparison.Ordinal)));

    [Fact]
    public void The_container_ID_goes_before_the_annotation() => Assert.Equal(new("main", "the container ID"), Decide(Pod("logger"), cgroup: CGroup));

    [Fact]
    public void The_annotation_goes_before_the_first_container() =>
        Assert.Equal(new("main", "the annotation kubectl.kubernetes.io/default-container"), Decide(Pod("main")));

    [Fact]
    public void The_first_container_is_the_last_resort() =>
        Assert.Equal(new("proxy", "the first container, because nothing else identifies it", IsGuess: true), Decide(Pod(null)));

    [Fact]
    public void An_only_container_is_ours() => Assert.Equal(new("main", "the only container"), Decide(Given.Pod()));

    [Fact]
    public void The_container_ID_is_found_in_mountinfo_too() => Assert.Equal(
        new("main", "the container ID"),
        Decide(Pod(null), mounts: $"188 173 254:0 /var/lib/containerd/{MainId}/hostname /etc/hostname rw - ext4 /dev/vda rw"));

    [Fact]
    public void The_container_ID_is_found_in_a_systemd_cgroup() =>
        Assert.Equal("main", Decide(Pod(null), cgroup: $"0::/kubepods.slice/kubepods-besteffort.slice/cri-containerd-{MainId}.scope")?.Name);

    [Fact]
    public void Mounts_of_another_Pod_do_not_tell() => Assert.Equal("the container ID", Decide(Pod(null), mounts: OtherPodsMount, cgroup: CGroup)?.Source);

    [Fact]
    public void The_IDs_of_two_containers_do_not_tell() =>
        Assert.Equal(
            "the annotation kubectl.kubernetes.io/default-container",
            Decide(Pod("main"), cgroup: CGroup + CGroup.Replace(MainId, ProxyId, StringComparison.Ordinal))?.Source);

    [Theory]
    [InlineData("containerd://")]
    [InlineData("containerd://11111111")]
    [InlineData(MainId)]
    [InlineData("")]
    [InlineData(null)]
    public void An_ID_that_is_none_does_not_tell(string? id)
    {
        var pod = Given.Pod().With("logger") with { Status = new() { ContainerStatuses = [new() { Name = "logger", ContainerId = id }] } };
        Assert.Equal("main", Decide(pod, cgroup: CGroup)?.Name);
    }

    [Fact]
    public void An_annotation_that_names_no_container_is_passed_over() => Assert.Equal("proxy", Decide(Pod("gone"))?.Name);

    [Fact]
    public void The_recorded_Pod_whose_proxy_is_first_is_told_by_its_annotation() =>
        Assert.Equal("main", Decide(Recordings.PodAt("proxy-first", 777))?.Name);

    [Fact]
    public void The_recorded_Pod_whose_proxy_is_first_is_told_by_the_container_ID()
    {
        var pod = Recordings.PodAt("proxy-first", 777);
        pod = pod with { Metadata = pod.Metadata with { Annotations = new() } };
        var id = pod.Status.ContainerStatuses.Single(s => s.Name == "main").ContainerId!["containerd://".Length..];
        Assert.Equal(new("main", "the container ID"), Decide(pod, cgroup: $"4:memory:/kubepods/besteffort/pod{pod.Metadata.Uid}/{id}"));
    }

    [Fact]
    public void A_name_that_the_Pod_does_not_have_is_refused_with_those_it_has()
    {
        Assert.Null(new ContainerEvidence("mian", "", "").Decide(Pod(null), out var error));
        Assert.Equal("the Pod has no container \"mian\" (--container): it has proxy, main, logger", error);
    }

    [Fact]
    public void An_init_container_is_refused()
    {
        Assert.Null(new ContainerEvidence("setup", "", "").Decide(Given.Pod().WithInit("setup", null), out var error));
        Assert.Equal("container \"setup\" is an init container: proa belongs in a regular container", error);
    }

    [Fact]
    public void A_Pod_without_containers_is_refused()
    {
        Assert.Null(new ContainerEvidence(null, "", "").Decide(new(), out var error));
        Assert.Equal("the Pod has no containers", error);
    }

    [Fact]
    public void For_any_Pod_there_is_either_a_container_of_it_or_an_error() =>
        Gen.Select(Generate.Pod, Gen.OneOf<string?>(null, "main", "x")).Sample((pod, option) =>
        {
            var identity = new ContainerEvidence(option, Mount, CGroup).Decide(pod, out var error);
            Assert.Equal(identity is null, error is not null);
            if (identity is not null) Assert.Contains(identity.Name, pod.Spec.Containers.Select(c => c.Name));
        });

    private static ContainerIdentity? Decide(Pod pod, string? option = null, string mounts = "", string cgroup = "")
    {
        var identity = new ContainerEvidence(option, mounts, cgroup).Decide(pod, out var error);
        Assert.Null(error);
        return identity;
    }

    /// <summary>Three containers, the proxy first, with IDs for all but the logger.</summary>
    private static Pod Pod(string? annotated) => new()
    {
        Metadata = new() { Uid = "17639905-bb89-4ad7-9c36-a774a667e3f2", Annotations = new() { DefaultContainer = annotated } },
        Spec = new() { Containers = [new() { Name = "proxy" }, new() { Name = "main" }, new() { Name = "logger" }] },
        Status = new()
        {
            ContainerStatuses =
            [
                new() { Name = "proxy", ContainerId = "containerd://" + ProxyId },
                new() { Name = "main", ContainerId = "containerd://" + MainId },
                new() { Name = "logger" },
            ],
        },
    };
}
