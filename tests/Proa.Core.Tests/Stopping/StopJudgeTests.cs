using System.Globalization;
using Proa.Pods;
using Proa.Stopping;
using Proa.Tests.Support;
using Proa.Waiting;

namespace Proa.Tests.Stopping;

public sealed class StopJudgeTests
{
    private static readonly OwnLife _unknownLife = new((DateTimeOffset?)null);
    private static readonly Pod _running = Given.Pod().With("a", Given.Running, ready: true).With("b", Given.Running, ready: true);

    [Theory]
    [InlineData("Never", 0, "a exited with 0")]
    [InlineData("Never", 1, "a exited with 1")]
    [InlineData("OnFailure", 0, "a exited with 0")]
    [InlineData("OnFailure", 1, "")]
    [InlineData("Always", 0, "")]
    public void Main_ends_with_a_sidecar_that_will_not_be_started_again(string policy, int exitCode, string expected) =>
        Assert.Equal(expected, Shown(Judged("a", Given.Pod(policy).With("a", Given.Ended(exitCode)))));

    [Theory]
    [InlineData("Never")]
    [InlineData("OnFailure")]
    [InlineData("Always")]
    public void With_restart_it_ends_too_where_the_sidecar_is_started_again(string policy) =>
        Assert.Equal("a exited with 137 (OOMKilled)", Shown(Judged("a,restart", Given.Pod(policy).With("a", Given.Ended(137, "OOMKilled")))));

    [Fact]
    public void A_restart_is_told_though_the_end_was_not_seen()
    {
        var again = Given.Pod("Always").With("a", Given.Running, ready: true, restarts: 1, last: Given.Ended(3));
        Assert.Equal("a exited with 3", Shown(Judged("a,restart", again)));
        Assert.Equal("", Shown(Judged("a", again)));
        var waiting = Given.Pod("Always").With("a", Given.Waiting("CrashLoopBackOff"), last: Given.Ended(3));
        Assert.Equal("a exited with 3", Shown(Judged("a,restart", waiting)));
        Assert.Equal("", Shown(Judged("a", waiting)));
    }

    [Fact]
    public void A_sidecar_that_flaps_ends_main_only_with_restart()
    {
        var (patient, strict) = (Judge("a"), Judge("a,restart"));
        var causes = new List<string>();
        for (var restarts = 0; restarts < 5; restarts++)
        {
            foreach (var state in (ContainerState[])[Given.Running, Given.Ended(1), Given.Waiting("CrashLoopBackOff")])
            {
                var pod = Given.Pod("Always").With("a", state, restarts: restarts, last: restarts == 0 ? null : Given.Ended(1));
                Assert.Null(patient.Judge(pod, TimeSpan.Zero));
                if (strict.Judge(pod, TimeSpan.Zero) is { } cause) causes.Add(Shown(cause));
            }
        }

        Assert.Equal(14, causes.Count); // all but the first
    }

    [Fact]
    public void A_sidecar_that_has_not_run_since_main_was_started_has_not_ended()
    {
        var judge = new StopJudge(Rule("a,restart"), Given.Main, _unknownLife);
        Assert.Null(judge.Judge(Given.Pod("Always").With("a", Given.Waiting("CrashLoopBackOff"), restarts: 4, last: Given.Ended(1)), TimeSpan.Zero));
        Assert.Null(judge.Judge(Given.Pod("Always").With("a", Given.Running, restarts: 5, last: Given.Ended(1)), TimeSpan.Zero));
        Assert.NotNull(judge.Judge(Given.Pod("Always").With("a", Given.Ended(1), restarts: 5), TimeSpan.Zero));
    }

    [Theory]
    [InlineData("all", "", "a exited with 0")]
    [InlineData("all", "a", "b exited with 1")]
    [InlineData("b", "", "b exited with 1")]
    public void All_is_any_sidecar_but_those_that_are_left_out(string stopOn, string ignore, string expected) => Assert.Equal(
        expected,
        Shown(Judge(stopOn, ignore).Judge(Given.Pod().With("a", Given.Ended(0)).With("b", Given.Ended(1)), TimeSpan.Zero)));

    [Fact]
    public void A_native_sidecar_never_ends_for_good_but_may_be_started_again()
    {
        var ended = Given.Pod().WithNative("n", Given.Ended(1));
        var before = Given.Pod().WithNative("n", Given.Running, ready: true);
        Assert.Null(Judge("n", before: before).Judge(ended, TimeSpan.Zero));
        Assert.Equal("n exited with 1", Shown(Judge("n,restart", before: before).Judge(ended, TimeSpan.Zero)));
    }

    [Fact]
    public void In_a_Pod_that_the_kubelet_ends_main_is_not_ended_for_its_sidecars()
    {
        var ended = Given.Pod().With("a", Given.Ended(143));
        foreach (var pod in (Pod[])[ended.Deleted(), ended.Failing(), ended.InPhase("Failed")]) Assert.Null(Judge("a,restart").Judge(pod, TimeSpan.Zero));
    }

    [Fact]
    public void Where_all_containers_are_being_restarted_nothing_is_ended()
    {
        var pod = Given.Pod().With("a", Given.Ended(1)).WithCondition("AllContainersRestarting", "True");
        Assert.Null(Judge("a,restart").Judge(pod, TimeSpan.Zero));
        Assert.Null(Judge("", until: "a").Judge(pod, TimeSpan.Zero));
    }

    [Fact]
    public void A_state_of_a_former_life_is_believed_only_when_it_lasts()
    {
        var began = DateTimeOffset.Parse("2026-11-26T06:24:46Z", CultureInfo.InvariantCulture);
        var judge = new StopJudge(Rule("a"), Given.Main, new OwnLife(began));
        var former = Given.Pod() with
        {
            Status = new() { ContainerStatuses = [new() { Name = Given.Main, State = new() { Running = new() { StartedAt = "2026-11-26T06:24:38Z" } } }] },
        };
        var ended = former.With("a", Given.Ended(1));
        Assert.Null(judge.Judge(former.With("a", Given.Running), At(5)));
        Assert.Null(judge.Judge(ended, At(20)));
        Assert.Equal(At(35), judge.DoubtEnds);
        Assert.NotNull(judge.Judge(ended, At(35)));
        Assert.Null(judge.DoubtEnds);
    }

    [Theory]
    [InlineData("Never", 0, "a exited with 0")]
    [InlineData("Never", 1, "a exited with 1")]
    [InlineData("OnFailure", 1, "")]
    [InlineData("OnFailure", 0, "a exited with 0")]
    [InlineData("Always", 0, "")]
    public void A_sidecar_ends_with_the_container_that_it_runs_for(string policy, int exitCode, string expected)
    {
        var cause = Judge("", until: "a").Judge(Given.Pod(policy).With("a", Given.Ended(exitCode)), TimeSpan.Zero);
        Assert.Equal(expected, Shown(cause));
        if (cause is not null) Assert.Equal(ExitCodes.NoLongerNeeded, cause.ExitCode);
    }

    [Fact]
    public void In_a_Pod_that_the_kubelet_ends_nothing_is_started_again_and_the_sidecar_is_not_needed_any_more() =>
        Assert.NotNull(Judge("", until: "a").Judge(Given.Pod("Always").With("a", Given.Ended(143)).Deleted(), TimeSpan.Zero));

    [Fact]
    public void What_a_sidecar_runs_for_goes_before_what_it_cannot_do_without() => Assert.Equal(
        (ExitCodes.NoLongerNeeded, ExitCodes.SidecarEnded),
        (
            Judge("b", until: "a").Judge(Given.Pod().With("a", Given.Ended(0)).With("b", Given.Ended(1)), TimeSpan.Zero)!.ExitCode,
            Judge("b", until: "a").Judge(Given.Pod().With("a", Given.Running).With("b", Given.Ended(1)), TimeSpan.Zero)!.ExitCode));

    [Theory]
    [InlineData("a", null)]
    [InlineData("main", "--until \"main\" names no other container of the Pod: it has a, b")]
    [InlineData("mian", "--until \"mian\" names no other container of the Pod: it has a, b")]
    public void A_name_that_no_other_container_has_is_told(string until, string? problem) =>
        Assert.Equal(problem, Rule("", until: until).WrongName(_running, Given.Main));

    private static StopCause? Judged(string stopOn, Pod pod) => Judge(stopOn).Judge(pod, TimeSpan.Zero);

    private static StopJudge Judge(string stopOn, string ignore = "", string? until = null, Pod? before = null)
    {
        var judge = new StopJudge(Rule(stopOn, ignore, until), Given.Main, _unknownLife);
        judge.See(before ?? _running);
        return judge;
    }

    private static StopRule Rule(string stopOn, string ignore = "", string? until = null) =>
        StopRule.Of(CommandLine.Parsing.Parse(
        [
            .. stopOn.Length > 0 ? (string[])["--stop-on", stopOn] : [],
            .. ignore.Length > 0 ? (string[])["--ignore", ignore] : [],
            .. until is not null ? (string[])["--until", until] : [],
            "cmd",
        ]).Options);

    private static string Shown(StopCause? cause) => cause is null ? "" : $"{cause.Container} {cause.How}";

    private static TimeSpan At(int seconds) => TimeSpan.FromSeconds(seconds);
}
