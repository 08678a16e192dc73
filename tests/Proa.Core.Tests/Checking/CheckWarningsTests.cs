using Proa.Checking;
using Proa.CommandLine;
using Proa.Pods;
using Proa.Tests.Support;

namespace Proa.Tests.Checking;

/// <summary>What goes wrong only later, when main could be started.</summary>
public sealed class CheckWarningsTests
{
    private const string Remedy = "stop it with --shutdown-http-post or --kill, or make it a native sidecar; if it ends by itself, leave it out with --ignore";

    [Theory]
    [InlineData("", "Never", "when main exits, nothing stops a (no shutdown request is given), so the Pod does not complete: ")]
    [InlineData("--shutdown-timeout 5", "Never", "when main exits, nothing stops a (no shutdown request is given), so the Pod does not complete: ")]
    [InlineData(
        "-p http://example.org/ --shutdown-when never", "Never", "when main exits, nothing stops a (--shutdown-when never), so the Pod does not complete: ")]
    [InlineData(
        "-p http://localhost:1/ --shutdown-when success",
        "Never",
        "when main fails, nothing stops a (--shutdown-when success, and the exit code is 1), so the Pod does not complete: ")]
    [InlineData("", "OnFailure", "when main exits, nothing stops a (no shutdown request is given), so the Pod does not complete: ")]
    public void A_sidecar_that_nobody_ends_is_a_warning_and_the_exit_code_is_1(string arguments, string policy, string warning)
    {
        var report = Report(Given.Pod(policy).With("a", Given.Running, ready: true), arguments);
        Assert.Equal([warning + Remedy], report.Warnings);
        Assert.Equal(1, report.ExitCode);
    }

    [Theory]
    [InlineData("-p http://localhost:1/", "Never")]
    [InlineData("-p http://localhost:1/", "OnFailure")] // on failure it is kept for the retry
    [InlineData("--ignore a", "Never")]
    [InlineData("", "Always")]
    public void A_sidecar_that_is_asked_or_kept_or_ignored_is_none(string arguments, string policy)
    {
        var report = Report(Given.Pod(policy).With("a", Given.Running, ready: true), arguments);
        Assert.Empty(report.Warnings);
        Assert.Equal(0, report.ExitCode);
    }

    [Fact]
    public void Nor_is_one_that_is_native_or_has_ended_or_is_started_again() => Assert.Empty(Report(
        Given.Pod()
            .WithNative("native", Given.Running, ready: true)
            .With("ended", Given.Ended(0))
            .With("again", Given.Running, ready: true, policy: "Always"), "").Warnings);

    [Theory]
    [InlineData(
        "-p http://localhost:1/",
        "when main exits, not all of a, b are asked to stop, because there are fewer requests than sidecars: "
            + "the Pod then never completes: ask each one to stop, or if one ends by itself, leave it out with --ignore")]
    [InlineData("-p http://localhost:1/ -p http://localhost:2/", null)]
    [InlineData(
        "-p http://localhost:15020/",
        "when main exits, not all of a, b are asked to stop, because there are fewer requests than sidecars: "
            + "the Pod then never completes: ask each one to stop, or if one ends by itself, leave it out with --ignore")]
    public void One_URL_does_not_ask_two_sidecars(string arguments, string? warning)
    {
        var pod = Given.Pod().With("a", Given.Running, ready: true).With("b", Given.Running, ready: true);
        Assert.Equal(warning is null ? [] : [warning], Report(pod, arguments).Warnings);
    }

    [Fact]
    public void A_sidecar_that_no_request_goes_to_is_named()
    {
        var pod = Given.Pod().With("istio-proxy", Given.Running, ready: true).With("other", Given.Running, ready: true);
        var report = Report(pod, "-p http://localhost:15020/quitquitquit");
        Assert.Equal(["when main exits, nothing stops other (no request goes to it), so the Pod does not complete: " + Remedy], report.Warnings);
        Assert.Equal((true, false), (report.Sidecars[0].Asked.Does, report.Sidecars[1].Asked.Does));
    }

    [Theory]
    [InlineData(
        Listening.No,
        true,
        MainNow.Unknown,
        "nothing listens for POST http://localhost:1/, although a is ready: is the port right, and the endpoint switched on?")]
    [InlineData(
        Listening.No,
        true,
        MainNow.Runs,
        "nothing listens for POST http://localhost:1/, although a is ready: is the port right, and the endpoint switched on?")]
    [InlineData(Listening.No, true, MainNow.HasEnded, null)]
    [InlineData(Listening.No, false, MainNow.Unknown, null)]
    [InlineData(Listening.Yes, true, MainNow.Unknown, null)]
    [InlineData(Listening.NoAnswer, true, MainNow.Unknown, null)]
    [InlineData(Listening.NoSuchHost, false, MainNow.Unknown, "there is no such host: POST http://localhost:1/")]
    internal void An_endpoint_of_a_ready_sidecar_where_nobody_listens_is_a_warning(Listening met, bool isReady, MainNow main, string? warning)
    {
        var report = CheckReport.Of(Found(Given.Pod().With("a", Given.Running, ready: isReady), "-p http://localhost:1/") with
        {
            Main = main,
            Tried = [new(new(ShutdownMethod.Post, new("http://localhost:1/")), met)],
        });
        Assert.Equal(warning is null ? [] : [warning], report.Warnings);
        Assert.Equal(met, report.Requests[0].Listening);
    }

    [Theory]
    [InlineData(MainNow.Unknown, false, "cannot start yet: a: running, not ready", 124)]
    [InlineData(MainNow.Waits, false, "cannot start yet: a: running, not ready", 124)]
    [InlineData(MainNow.Waits, true, "can start now", 0)]
    [InlineData(MainNow.Runs, true, "runs, as process 7", 0)]
    [InlineData(MainNow.Runs, false, "runs, as process 7; it could not start now: a: running, not ready", 0)]
    [InlineData(MainNow.HasEnded, true, "has ended; proa is stopping the sidecars", 0)]
    [InlineData(MainNow.HasEnded, false, "has ended; proa is stopping the sidecars", 0)]
    internal void A_main_that_runs_or_has_ended_is_told_as_such(MainNow main, bool isReady, string told, int exitCode)
    {
        var report = CheckReport.Of(
            Found(
                Given.Pod().With("a", Given.Running, ready: isReady),
                "-p http://localhost:1/") with { Main = main, MainProcess = main == MainNow.Runs ? 7 : 0 });
        Assert.Equal(exitCode, report.ExitCode);
        Assert.Contains($"\nmain         {told}\n", CheckText.Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_Pod_whose_status_is_of_a_former_life_is_not_believed_as_a_life_would_not()
    {
        var pod = Given.Pod().With("a", Given.Running, ready: true);
        pod =
            pod with
            {
                Status = pod.Status with
                {
                    ContainerStatuses = [pod.Status.ContainerStatuses[0] with { State = Given.Ended(1) }, .. pod.Status.ContainerStatuses[1..]],
                },
            };
        var report = CheckReport.Of(Found(pod, "-p http://localhost:1/") with { Main = MainNow.Waits, Life = new(DateTimeOffset.UnixEpoch) });
        Assert.Equal((124, "the Pod's status is not current yet: main is shown as exited with 1"), (report.ExitCode, report.Start.Why));
    }

    [Fact]
    public void In_a_Pod_that_the_kubelet_ends_nobody_is_missed() =>
        Assert.Empty(Report(Given.Pod().With("a", Given.Running, ready: true).Deleted(), "").Warnings);

    [Fact]
    public void Where_there_are_no_sidecars_none_are_left_running()
    {
        var text = CheckText.Write(Report(Given.Pod(), ""));
        Assert.Contains(
            "\nsidecars     none\n\non success   there are no sidecars to stop\non failure   there are no sidecars to stop\n",
            text,
            StringComparison.Ordinal);
        Assert.DoesNotContain("keep running", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_shows_no_text_that_a_terminal_would_obey_in_either_form()
    {
        var report = Report(Given.Pod().With("a\u001b[2J\nmain         can start now\u202e", Given.Running), "");
        Assert.Contains(@"sidecar      a\u001b[2J\nmain         can start now\u202e (regular)", CheckText.Write(report), StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', System.Text.Encoding.UTF8.GetString(CheckJson.Write(report)));
    }

    [Fact]
    public void A_hint_of_several_lines_can_be_copied_as_it_is() => Assert.EndsWith(
        "\nhint         apply:\n  apiVersion: v1\n  kind: List\n",
        CheckText.Write(
            CheckReport.Of(new(new Options(), "here") { Obstacle = ("forbidden", "apply:\napiVersion: v1\nkind: List") })), StringComparison.Ordinal);

    private static CheckReport Report(Pod pod, string arguments) => CheckReport.Of(Found(pod, arguments));

    private static CheckFindings Found(Pod pod, string arguments) =>
        new(
            Parser.Parse([.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), "cmd"], _ => null).Options,
            "here") { Pod = pod, Container = new(Given.Main, "here"), Supervisor = 1 };
}
