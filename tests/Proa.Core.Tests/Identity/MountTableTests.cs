using Proa.Identity;

namespace Proa.Tests.Identity;

public sealed class MountTableTests
{
    private const string Uid = "17639905-bb89-4ad7-9c36-a774a667e3f2";
    private const string OtherUid = "00000000-bb89-4ad7-9c36-a774a667e3f2";

    /// <summary>Recorded: see the fixtures' README.</summary>
    private const string Recorded = $"""
        173 95 0:56 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/containerd/1/fs
        189 173 254:0 /var/lib/kubelet/pods/{Uid}/etc-hosts /etc/hosts rw,relatime - ext4 /dev/vda rw
        190 175 254:0 /var/lib/kubelet/pods/{Uid}/containers/the-main/b979387f /dev/termination-log rw,relatime - ext4 /dev/vda rw
        """;

    [Fact]
    public void The_recorded_mounts_name_the_container() => Assert.Equal("the-main", MountTable.ContainerName(Recorded, Uid));

    [Fact]
    public void Without_a_uid_any_Pods_mount_counts() => Assert.Equal("the-main", MountTable.ContainerName(Recorded, ""));

    [Fact]
    public void Mounts_of_another_Pod_do_not_count() => Assert.Null(MountTable.ContainerName(Recorded, OtherUid));

    [Fact]
    public void Mounts_of_another_Pod_beside_ours_are_passed_over() =>
        Assert.Equal("the-main", MountTable.ContainerName(Line($"/var/lib/kubelet/pods/{OtherUid}/containers/agent/0123abcd") + "\n" + Recorded, Uid));

    [Theory]
    [InlineData("/var/lib/kubelet/pods/UID/containers/c/0123abcd")]
    [InlineData("/pods/UID/containers/c/0123abcd")]
    [InlineData("/var/lib/k0s/kubelet/pods/UID/containers/c/0123abcd")]
    [InlineData("/data/pods/of/mine/pods/UID/containers/c/0123abcd")]
    [InlineData("/data/containers/kubelet/pods/UID/containers/c/0123abcd")]
    public void The_kubelets_root_may_be_anywhere(string root) =>
        Assert.Equal("c", MountTable.ContainerName(Line(root.Replace("UID", Uid, StringComparison.Ordinal)), Uid));

    [Theory]
    [InlineData("/var/lib/kubelet/pods/UID/etc-hosts")]
    [InlineData("/var/lib/kubelet/pods/UID/containers/c")]
    [InlineData("/var/lib/kubelet/pods/UID/containers//0123abcd")]
    [InlineData("/var/lib/kubelet/pods/UID/containers/c/d/0123abcd")]
    [InlineData("/var/lib/kubelet/pods/UID/volumes/kubernetes.io~empty-dir/v/containers/c/0123abcd")]
    [InlineData("/var/lib/kubelet/pods/UID/volume-subpaths/v/containers/0")]
    [InlineData("/var/lib/kubelet/pods//containers/c/0123abcd")]
    [InlineData("/var/lib/docker/containers/0123abcd/resolv.conf")]
    [InlineData("/")]
    public void Other_mounts_do_not_count(string root) => Assert.Null(MountTable.ContainerName(Line(root.Replace("UID", Uid, StringComparison.Ordinal)), ""));

    [Fact]
    public void What_is_mounted_counts_and_not_where() =>
        Assert.Null(MountTable.ContainerName($"190 175 254:0 / /var/lib/kubelet/pods/{Uid}/containers/c/0123abcd rw - ext4 /dev/vda rw", Uid));

    [Fact]
    public void Mounts_of_several_containers_name_none() => Assert.Null(MountTable.ContainerName(
        Line($"/var/lib/kubelet/pods/{Uid}/containers/a/0123abcd") + "\n" + Line($"/var/lib/kubelet/pods/{Uid}/containers/b/0123abcd"), Uid));

    [Fact]
    public void Several_mounts_of_one_container_name_it() => Assert.Equal("a", MountTable.ContainerName(
        Line($"/var/lib/kubelet/pods/{Uid}/containers/a/0123abcd") + "\n" + Line($"/var/lib/kubelet/pods/{Uid}/containers/a/4567cdef"), Uid));

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("190 175")]
    [InlineData("190 175 254:0")]
    public void A_short_line_does_no_harm(string mountInfo) => Assert.Null(MountTable.ContainerName(mountInfo, Uid));

    private static string Line(string root) => $"190 175 254:0 {root} /dev/termination-log rw,relatime - ext4 /dev/vda rw";
}
