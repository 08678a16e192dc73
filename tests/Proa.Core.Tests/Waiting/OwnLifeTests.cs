using System.Globalization;
using CsCheck;
using Proa.Identity;
using Proa.Pods;
using Proa.Tests.Support;
using Proa.Waiting;

namespace Proa.Tests.Waiting;

public sealed class OwnLifeTests
{
    private const int Proa = 20;
    private static readonly DateTimeOffset _now = Time("2026-11-26T06:30:00Z");

    [Theory]
    [InlineData("2026-11-26T06:24:46Z", true)] // the second that it began in
    [InlineData("2026-11-26T06:24:45Z", true)] // rounded down, a moment before
    [InlineData("2026-11-26T06:24:44Z", false)]
    [InlineData("2026-11-26T06:24:38Z", false)]
    [InlineData("2016-11-26T06:24:46Z", false)]
    [InlineData("2026-11-26T06:24:47Z", true)]
    [InlineData("2036-11-26T06:24:46Z", true)] // the clock has been set back
    [InlineData("2026-11-26T07:24:46+01:00", true)]
    [InlineData("2026-11-26T07:24:44+01:00", false)]
    [InlineData(null, true)]
    [InlineData("yesterday", true)]
    public void A_container_that_is_shown_to_run_since_before_this_life_is_of_a_former_one(string? startedAt, bool isPresent) =>
        Assert.Equal(
            isPresent ? null : $"main is shown as running since {startedAt}",
            new OwnLife(Time("2026-11-26T06:24:46.000Z")).WhyNotShown(Started(startedAt), Given.Main));

    [Theory]
    [InlineData("2026-11-26T06:24:45.999Z", true)]
    [InlineData("2026-11-26T06:24:46.000Z", true)]
    [InlineData("2026-11-26T06:24:46.001Z", false)]
    public void A_second_is_what_a_start_time_may_be_rounded_by(string began, bool isPresent) =>
        Assert.Equal(isPresent, new OwnLife(Time(began)).WhyNotShown(Started("2026-11-26T06:24:45Z"), Given.Main) is null);

    [Fact]
    public void Where_this_lifes_beginning_cannot_be_seen_a_running_container_is_ours() =>
        Assert.Null(new OwnLife((DateTimeOffset?)null).WhyNotShown(Started("2016-11-26T06:24:46Z"), Given.Main));

    [Theory]
    [InlineData("waiting", "main is shown as ContainerCreating")]
    [InlineData("nothing", "main is shown as waiting")]
    [InlineData("terminated", "main is shown as exited with 42 (Error)")]
    [InlineData("absent", "main has no status yet")]
    public void A_container_that_is_not_shown_to_run_is_of_a_former_life(string state, string why)
    {
        ContainerState? shown = state switch
        {
            "waiting" => Given.Waiting("ContainerCreating"),
            "nothing" => new(),
            "terminated" => Given.Ended(42, "Error"),
            _ => null,
        };
        Assert.Equal(why, new OwnLife((DateTimeOffset?)null).WhyNotShown(Shown(shown), Given.Main));
    }

    [Theory]
    [InlineData("True", "all containers are being restarted")]
    [InlineData("False", null)]
    public void A_Pod_that_restarts_all_containers_is_of_a_former_life(string status, string? why)
    {
        var pod = Given.Pod().WithCondition("AllContainersRestarting", status);
        Assert.Equal(why, new OwnLife((DateTimeOffset?)null).WhyNotShown(pod, Given.Main));
    }

    [Fact]
    public void A_container_begins_when_its_process_1_does() =>
        // proa was started by a script, later.
        Assert.Equal(_now.AddSeconds(-100), Life(new(), Process(Proa, parent: 1, age: 30), Process(1, parent: 0, age: 100)));

    [Fact]
    public void As_process_1_proa_is_the_first() =>
        Assert.Equal(_now.AddSeconds(-100), OwnLife.Of(new(), [Process(1, parent: 0, age: 100)], 1, _sinceBoot, _now).BeganAt);

    [Fact]
    public void Where_processes_are_shared_the_pause_process_is_not_the_containers() => Assert.Equal(
        _now.AddSeconds(-50),
        Life(_shared, Process(Proa, parent: 15, age: 30), Process(15, parent: 10, age: 40), Process(10, parent: 0, age: 50), Process(1, parent: 0, age: 100)));

    [Fact]
    public void Where_processes_are_shared_an_orphans_adoption_by_the_pause_process_does_not_make_that_the_containers() => Assert.Equal(
        _now.AddSeconds(-40),
        Life(_shared, Process(Proa, parent: 15, age: 30), Process(15, parent: 1, age: 40), Process(1, parent: 0, age: 100)));

    [Fact]
    public void Among_the_nodes_processes_proa_itself_counts() => Assert.Equal(
        _now.AddSeconds(-30),
        Life(new() { HostPid = true }, Process(Proa, parent: 15, age: 30), Process(15, parent: 1, age: 40), Process(1, parent: 0, age: 100)));

    [Fact]
    public void Without_proc_there_is_no_beginning() => Assert.Null(OwnLife.Of(new(), [], Proa, _sinceBoot, _now).BeganAt);

    [Fact]
    public void Any_processes_have_a_beginning_or_none() => Gen.Select(Gen.Int[0, 4].Array[0, 6], Gen.Int[0, 4], Gen.Bool).Sample((parents, proa, shares) =>
    {
        var processes = parents.Select((parent, id) => Process(id, parent, age: id)).ToArray();
        var life = OwnLife.Of(new() { ShareProcessNamespace = shares }, processes, proa, _sinceBoot, _now);
        if (shares) Assert.Equal(proa < parents.Length, life.BeganAt is not null);
    });

    private static readonly PodSpec _shared = new() { ShareProcessNamespace = true };
    private static readonly TimeSpan _sinceBoot = TimeSpan.FromHours(1);

    private static DateTimeOffset? Life(PodSpec spec, params ProcessStat[] processes) => OwnLife.Of(spec, processes, Proa, _sinceBoot, _now).BeganAt;

    private static ProcessStat Process(int id, int parent, int age) => new(id, "p", 'S', parent, 0, (ulong)((_sinceBoot.TotalSeconds - age) * 100));

    private static Pod Started(string? at) => Shown(new() { Running = new() { StartedAt = at } });

    private static Pod Shown(ContainerState? state)
    {
        var pod = Given.Pod();
        return pod with { Status = pod.Status with { ContainerStatuses = state is null ? [] : [new() { Name = Given.Main, State = state }] } };
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
