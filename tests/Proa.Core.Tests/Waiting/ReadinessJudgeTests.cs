using System.Globalization;
using Proa.Pods;
using Proa.Tests.Support;
using Proa.Waiting;

namespace Proa.Tests.Waiting;

public sealed class ReadinessJudgeTests
{
    private static readonly OwnLife _life = new(DateTimeOffset.Parse("2026-11-26T06:24:46Z", CultureInfo.InvariantCulture));
    private static readonly Pod _former = Shown("2026-11-26T06:24:38Z");
    private static readonly Pod _present = Shown("2026-11-26T06:24:46Z");

    [Theory]
    [InlineData("restart-all", "2026-11-26T06:24:46Z")]
    [InlineData("both-restart", "2026-11-26T06:24:44Z")]
    public void A_recorded_Pod_is_judged_by_the_proa_of_mains_second_life(string recording, string began)
    {
        var judge = new ReadinessJudge(Given.Main, SidecarChoice.Of(new()), new(DateTimeOffset.Parse(began, CultureInfo.InvariantCulture)));
        Snapshot.Matches($"readiness/{recording}.second-life.txt", Recordings.Judged(recording, pod => Words(judge.Judge(pod, TimeSpan.Zero))));
    }

    [Fact]
    public void What_a_former_lifes_status_says_of_ready_sidecars_does_not_start_main()
    {
        var judge = Judge();
        Assert.Equal(
            "Wait (the Pod's status is not current yet: main is shown as running since 2026-11-26T06:24:38Z)",
            Words(judge.Judge(_former.With("a", Given.Running, ready: true), At(0))));
        Assert.Equal("Start", Words(judge.Judge(_present.With("a", Given.Running, ready: true), At(1))));
    }

    [Fact]
    public void What_a_former_lifes_status_says_of_a_sidecar_that_has_ended_does_not_refuse_main()
    {
        var judge = Judge();
        Assert.StartsWith(
            "Wait (the Pod's status is not current yet",
            Words(judge.Judge(_former.With("a", Given.Ended(0)), At(0))),
            StringComparison.Ordinal);
        Assert.Equal(
            "Never (sidecar a exited with 0 and will not be started again (restartPolicy Never))",
            Words(judge.Judge(_present.With("a", Given.Ended(0)), At(1))));
    }

    [Fact]
    public void What_a_former_lifes_status_says_of_a_sidecar_that_is_not_ready_keeps_main_waiting_as_it_is()
    {
        var judge = Judge();
        Assert.Equal("Wait (a: running, not ready)", Words(judge.Judge(_former.With("a", Given.Running), At(0))));
        Assert.Null(judge.DoubtEnds);
    }

    [Fact]
    public void A_Pod_without_sidecars_starts_main_in_whatever_life() => Assert.Equal("Start", Words(Judge().Judge(_former, At(0))));

    [Fact]
    public void A_name_that_no_sidecar_has_is_refused_in_whatever_life() =>
        Assert.StartsWith("Never (--wait-for", Words(Judge(new() { WaitFor = ["b"] }).Judge(_former.With("a"), At(0))), StringComparison.Ordinal);

    [Fact]
    public void The_end_of_the_Pod_counts_in_whatever_life() =>
        Assert.Equal("Wait (the Pod is being deleted)", Words(Judge().Judge(_former.With("a", Given.Running, ready: true).Deleted(), At(0))));

    [Fact]
    public void A_status_that_goes_on_to_be_of_another_life_is_believed_in_the_end()
    {
        var judge = Judge();
        var pod = _former.With("a", Given.Running, ready: true);
        judge.Judge(pod, At(5));
        Assert.Equal(At(35), judge.DoubtEnds);
        Assert.StartsWith("Wait", Words(judge.Judge(pod, At(34.999))), StringComparison.Ordinal);
        Assert.Equal("Start, though main is shown as running since 2026-11-26T06:24:38Z", Words(judge.Judge(pod, At(35))));
        Assert.Null(judge.DoubtEnds);
    }

    [Fact]
    public void With_a_wrong_clock_a_sidecar_that_takes_long_is_not_waited_for_longer()
    {
        var judge = Judge();
        judge.Judge(_former.With("a", Given.Running), At(0));
        Assert.Equal(
            "Start, though main is shown as running since 2026-11-26T06:24:38Z",
            Words(judge.Judge(_former.With("a", Given.Running, ready: true), At(60))));
    }

    [Fact]
    public void A_status_of_this_life_ends_the_doubt_and_another_one_begins_anew()
    {
        var judge = Judge();
        judge.Judge(_former.With("a", Given.Running, ready: true), At(0));
        judge.Judge(_present.With("a", Given.Running), At(20));
        Assert.Null(judge.DoubtEnds);
        judge.Judge(_former.With("a", Given.Running, ready: true), At(40));
        Assert.Equal(At(70), judge.DoubtEnds);
    }

    [Fact]
    public void A_sidecar_that_is_not_ready_is_waited_for_without_a_word_of_lives()
    {
        var judge = Judge();
        judge.Judge(_former.With("a", Given.Running), At(0));
        Assert.Equal("Wait (a: running, not ready)", Words(judge.Judge(_former.With("a", Given.Running), At(60))));
    }

    private static ReadinessJudge Judge(Options? options = null) => new(Given.Main, SidecarChoice.Of(options ?? new()), _life);

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static Pod Shown(string startedAt)
    {
        var pod = Given.Pod();
        var main = pod.Status.ContainerStatuses[0] with { State = new() { Running = new() { StartedAt = startedAt } } };
        return pod with { Status = pod.Status with { ContainerStatuses = [main] } };
    }

    private static string Words((ReadinessVerdict Verdict, string? BelievedThough) judged) =>
        judged.Verdict.Readiness + (
            judged.Verdict.Why.Length > 0 ? $" ({judged.Verdict.Why})" : "") + (judged.BelievedThough is { } doubt ? ", though " + doubt : "");
}
