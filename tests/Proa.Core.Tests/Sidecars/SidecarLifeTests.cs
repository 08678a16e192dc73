using Proa.Pods;
using Proa.Sidecars;
using Proa.Tests.Support;

namespace Proa.Tests.Sidecars;

public sealed class SidecarLifeTests
{
    private static readonly ContainerState _running = Given.Running;

    [Fact]
    public void A_sidecar_that_runs_on_is_in_the_same_life() =>
        Assert.Empty(Begun(before: [Status(_running, 1, "x") with { Ready = true }], after: [Status(_running, 1, "x") with { Ready = false }]));

    [Fact]
    public void A_restart_begins_a_life() =>
        Assert.Equal(["a"], Begun(before: [Status(_running, 0, "x")], after: [Status(_running, 1, "y")]));

    [Fact]
    public void A_sidecar_that_was_not_up_begins_one_when_it_is()
    {
        Assert.Equal(["a"], Begun(before: [], after: [Status(_running, 0, "x")]));
        Assert.Equal(["a"], Begun(before: [Status(Given.Waiting("ContainerCreating"), 0, null)], after: [Status(_running, 0, "x")]));
        Assert.Equal(["a"], Begun(before: [Status(Given.Ended(1), 0, "x")], after: [Status(_running, 1, "y")]));
    }

    [Fact]
    public void One_that_waits_or_has_ended_begins_none()
    {
        Assert.Empty(Begun(before: [], after: [Status(Given.Waiting("CrashLoopBackOff"), 1, "x")]));
        Assert.Empty(Begun(before: [], after: [Status(Given.Ended(1), 1, "x")]));
    }

    [Fact]
    public void One_that_is_not_awaited_is_left_out() =>
        Assert.Empty(SidecarLife.Running(Given.Pod().With("a", _running), ["b"]));

    private static string[] Begun(ContainerStatus[] before, ContainerStatus[] after) =>
        [.. SidecarLife.Running(Pod(after), ["a"]).Except(SidecarLife.Running(Pod(before), ["a"])).Select(life => life.Name)];

    private static Pod Pod(ContainerStatus[] statuses) => Given.Pod().With("a") with { Status = new() { ContainerStatuses = statuses } };

    [Fact]
    public void Who_is_asked_before_the_kubelet_shows_its_first_life_is_asked_in_that_life()
    {
        var told = SidecarLife.Told(Given.Pod().With("a", Given.Waiting("ContainerCreating")), ["a"]);
        var seen = SidecarLife.Running(Given.Pod().With("a", _running), ["a"]);
        Assert.True(Assert.Single(told).Is(Assert.Single(seen)));
        Assert.False(told[0].Is(seen[0] with { Restarts = 1 }));
        Assert.False(told[0].Is(seen[0] with { Name = "b" }));
    }

    private static ContainerStatus Status(ContainerState state, int restarts, string? id) =>
        new() { Name = "a", State = state, RestartCount = restarts, ContainerId = id };
}
