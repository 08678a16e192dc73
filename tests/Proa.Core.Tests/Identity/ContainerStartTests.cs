using Proa.Identity;

namespace Proa.Tests.Identity;

public sealed class ContainerStartTests
{
    private const string Ours = "189 173 254:0 /var/lib/kubelet/pods/U/containers/main/1 /dev/termination-log rw - ext4 /dev/vda rw";
    private const string Others = "289 273 254:0 /var/lib/kubelet/pods/U/containers/proxy/2 /dev/termination-log rw - ext4 /dev/vda rw";
    private const string Pauses = "20 1 254:0 / / rw - overlay overlay rw";

    [Fact]
    public void The_first_process_is() => Assert.True(Of(1, Process(1, 0, 10, Ours)));

    [Fact]
    public void The_first_process_is_where_proc_is_not_mounted_too() => Assert.True(Of(1));

    [Fact]
    public void What_a_shell_that_is_the_first_process_starts_is() =>
        Assert.True(Of(9, Process(1, 0, 10, Ours), Process(8, 1, 11, Ours), Process(9, 8, 12, Ours)));

    [Fact]
    public void What_a_person_runs_in_the_container_is_not() =>
        Assert.False(Of(9, Process(1, 0, 10, Ours), Process(2, 1, 11, Ours), Process(9, 0, 5000, Ours)));

    [Fact]
    public void What_is_run_in_the_container_in_the_hundredth_of_a_second_of_its_start_is_not() =>
        Assert.False(Of(9, Process(1, 0, 10, Ours), Process(9, 0, 10, Ours)));

    [Fact]
    public void What_a_person_runs_from_a_shell_in_the_container_is_not() =>
        Assert.False(Of(10, Process(1, 0, 10, Ours), Process(9, 0, 5000, Ours), Process(10, 9, 6000, Ours)));

    [Fact]
    public void In_a_shared_PID_namespace_the_first_of_its_container_is() =>
        Assert.True(Of(7, Process(1, 0, 10, Pauses), Process(6, 0, 11, Others), Process(7, 0, 12, Ours), Process(8, 7, 13, Ours)));

    [Fact]
    public void In_a_shared_PID_namespace_what_a_person_runs_in_the_container_is_not() =>
        Assert.False(Of(20, Process(1, 0, 10, Pauses), Process(6, 0, 11, Others), Process(7, 0, 12, Ours), Process(20, 0, 5000, Ours)));

    [Fact]
    public void What_cannot_be_told_is_not() => Assert.False(Of(9));

    [Fact]
    public void A_circle_of_parents_ends() => Assert.True(Of(9, Process(8, 9, 13, Ours), Process(9, 8, 12, Ours)));

    private static bool Of(int id, params ProcessFacts[] processes) => ContainerStart.IsBy([.. processes], id);

    private static ProcessFacts Process(int id, int parent, ulong startTime, string mounts) =>
        new(new(id, "p", 'S', parent, 0, startTime), "", ["p"], 0, mounts, "");
}
