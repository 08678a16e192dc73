using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Proa.Checking;
using Proa.CommandLine;
using Proa.Ending;
using Proa.Pods;
using Proa.Supervision;
using Proa.Tests.Support;
using Proa.Waiting;

namespace Proa.Tests.Checking;

public sealed class CheckReportTests
{
    private const string Asking = "-p http://localhost:1/quit";

    [Theory]
    [InlineData("running", 124, "a: running, not ready")]
    [InlineData("ready", 0, "")]
    [InlineData("ended", 125, "sidecar a exited with 1 and will not be started again (restartPolicy Never)")]
    public void Main_could_be_started_as_a_life_would_start_it(string state, int exitCode, string why)
    {
        var report = Check(Given.Pod().With("a", state == "ended" ? Given.Ended(1) : Given.Running, ready: state == "ready"), Asking);
        Assert.Equal((exitCode, exitCode == 0, why), (report.ExitCode, report.Start.Does is true, report.Start.Why));
    }

    [Theory]
    [InlineData(Asking + " --ignore b", "regular", "yes", "yes, POST http://localhost:1/quit", "yes")]
    [InlineData(Asking, "regular", "yes", "maybe, proa cannot tell which of a, b POST http://localhost:1/quit reaches", "yes")]
    [InlineData("", "regular", "yes", "no, no shutdown request is given", "no, no shutdown request is given")]
    [InlineData(Asking + " --ignore a", "regular", "no, --ignore", "no, --ignore", "no, --ignore")]
    [InlineData(
        Asking + " --wait-for b", "regular", "no, not in --wait-for", "maybe, proa cannot tell which of a, b POST http://localhost:1/quit reaches", "yes")]
    [InlineData(Asking + " --shutdown-timeout 0 --ignore b", "regular", "yes", "yes, POST http://localhost:1/quit", "no, --shutdown-timeout 0")]
    [InlineData(Asking + " --shutdown-when never", "regular", "yes", "no, --shutdown-when never", "no, --shutdown-when never")]
    [InlineData(Asking, "native", "yes", "no, native: the kubelet stops it", "no, native: the kubelet stops it")]
    [InlineData("--shutdown-timeout 5", "regular", "yes", "no, no shutdown request is given", "yes")]
    public void Each_sidecar_is_told_of(string arguments, string kind, string waited, string asked, string awaited)
    {
        var pod = kind == "native"
            ? Given.Pod().WithNative("a", Given.Running).With("b", Given.Running)
            : Given.Pod().With("a", Given.Running).With("b", Given.Running);
        var sidecar = Check(pod, arguments).Sidecars.Single(s => s.Name == "a");
        Assert.Equal((waited, asked, awaited), (Shown(sidecar.WaitedFor), Shown(sidecar.Asked), Shown(sidecar.Awaited)));
    }

    [Fact]
    public void A_sidecar_that_the_kubelet_starts_again_is_not_awaited() => Assert.Equal(
        "no, the kubelet restarts it (the container's restartPolicy Always)",
        Shown(Check(Given.Pod().With("a", Given.Running, policy: "Always"), Asking).Sidecars[0].Awaited));

    [Fact]
    public void A_sidecar_that_does_not_run_yet_would_be_awaited() => Assert.Equal("yes", Shown(Check(Given.Pod().With("a"), Asking).Sidecars[0].Awaited));

    [Fact]
    public void A_sidecar_that_has_ended_is_not_awaited() =>
        Assert.Equal("no, it has ended", Shown(Check(Given.Pod().With("a", Given.Ended(0)), Asking).Sidecars[0].Awaited));

    [Theory]
    [InlineData("Never", "", "the end of a for 30s")]
    [InlineData("OnFailure", "the kubelet will restart main (restartPolicy OnFailure)", "")]
    public void What_happens_on_failure_may_differ_from_what_happens_on_success(string policy, string whyNot, string awaited)
    {
        var report = Check(Given.Pod(policy).With("a", Given.Running, ready: true), Asking);
        Assert.Equal([0, 1], report.Exits.Select(e => e.ExitCode));
        Assert.Equal(["POST http://localhost:1/quit"], report.Exits[0].Requests);
        var failure = report.Exits[1];
        Assert.Equal(
            (whyNot, awaited),
            (failure.Ask.Why, failure.Awaited.IsEmpty ? "" : $"the end of {string.Join(", ", failure.Awaited)} for {Duration.Format(failure.Budget)}"));
    }

    [Fact]
    public void A_Pod_whose_sidecars_are_all_native_is_not_asked() =>
        Assert.Equal("they are native, and the kubelet stops them", Check(Given.Pod().WithNative("a", Given.Running), Asking).Exits[0].Ask.Why);

    [Fact]
    public void Signals_to_nobody_are_a_warning()
    {
        var report = Check(Given.Pod().With("a", Given.Running, ready: true), "--kill envoy");
        Assert.Equal(
            "--kill would signal no process: the Pod's containers do not see each other's processes: set shareProcessNamespace: true in the Pod's spec",
            report.Warnings[0]);
        Assert.Equal(1, report.ExitCode);
    }

    [Fact]
    public void A_Pod_that_may_not_be_watched_is_remarked()
    {
        var report = CheckReport.Of(Found(Given.Pod()) with { Permissions = new(null, "forbidden") });
        Assert.Equal(0, report.ExitCode);
        Assert.Contains("forbidden", Assert.Single(report.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public void An_obstacle_keeps_main_from_being_started_whatever_the_Pod_says()
    {
        var report = CheckReport.Of(Found(Given.Pod()) with { Obstacle = ("no COMMAND here", "write one") });
        Assert.Equal((125, "no COMMAND here", "write one"), (report.ExitCode, report.Start.Why, report.Hint));
    }

    [Fact]
    public void Where_the_Pod_is_not_known_nothing_is_said_of_it()
    {
        var report = CheckReport.Of(new(new Options(), "here") { Obstacle = ("not in Kubernetes", "run it there") });
        Assert.Equal(125, report.ExitCode);
        Assert.Empty(report.Sidecars);
        Assert.Empty(report.Exits);
    }

    [Fact]
    public void Without_waiting_main_could_be_started_anywhere()
    {
        var report = CheckReport.Of(new(Parsed("--no-wait " + Asking), "here"));
        Assert.Equal(0, report.ExitCode);
        Assert.Equal(["POST http://localhost:1/quit"], report.Exits[1].Requests);
    }

    [Theory]
    [InlineData("", 0, "--no-api: proa waits for no sidecar", "")]
    [InlineData("200", 0, "", "")]
    [InlineData("200 503", 124, "there answers 503", "")]
    [InlineData("503 404", 124, "there answers 503; there answers 404", "is the path right, and does it accept GET?")]
    public void Conditions_without_an_API_server_decide_alone(string statuses, int exitCode, string why, string hint)
    {
        var report = CheckReport.Of(new(Parsed("--no-api " + Asking), "here") { Conditions = Tried(statuses) });
        Assert.Equal((exitCode, why, hint), (report.ExitCode, report.Start.Why, report.Hint));
        Assert.Equal(exitCode == 0, report.Start.Does);
    }

    [Theory]
    [InlineData(true, "200", 0, "")]
    [InlineData(true, "503", 124, "there answers 503")]
    [InlineData(false, "200", 124, "a: running, not ready")]
    [InlineData(false, "503", 124, "a: running, not ready; there answers 503")]
    public void The_Pod_and_the_other_conditions_decide_together(bool isReady, string statuses, int exitCode, string why)
    {
        var found = Found(Given.Pod().With("a", Given.Running, ready: isReady));
        var report = CheckReport.Of(found with { Options = Parsed(Asking), Conditions = Tried(statuses) });
        Assert.Equal((exitCode, why), (report.ExitCode, report.Start.Why));
    }

    [Fact]
    public void A_condition_that_never_holds_keeps_main_from_being_started_for_good()
    {
        var report = CheckReport.Of(new(Parsed("--no-api"), "here") { Conditions = [new("/etc", FileLook.Of(FileKind.Directory, 0, 0, ""))] });
        Assert.Equal((125, "/etc is a directory", "name a file in it"), (report.ExitCode, report.Start.Why, report.Hint));
    }

    [Fact]
    public void Conditions_and_the_delay_are_told_of()
    {
        var report = CheckReport.Of(new(Parsed("--no-api --shutdown-delay 5 " + Asking), "here") { Conditions = Tried("503") });
        var text = CheckText.Write(report);
        Assert.Contains("\nwait for     there: answers 503\n", text, StringComparison.Ordinal);
        Assert.Contains("\non success   after 5s: POST http://localhost:1/quit; does not wait for any to end\n", text, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(CheckJson.Write(report));
        var condition = json.RootElement.GetProperty("conditions").EnumerateArray().Single();
        Assert.Equal("there", condition.GetProperty("what").GetString());
        Assert.False(condition.GetProperty("holds").GetProperty("yes").GetBoolean());
        Assert.Equal("answers 503", condition.GetProperty("holds").GetProperty("why").GetString());
    }

    [Theory]
    [MemberData(nameof(Recordings.Names), MemberType = typeof(Recordings))]
    public void A_recorded_Pod_is_told_of_as_it_was_last_seen_running(string recording)
    {
        var pods = Recordings.PodEvents(recording).Select(e => e.Pod).ToArray();
        var pod = pods.LastOrDefault(p => p.Status.Phase == "Running") ?? pods[^1];
        Snapshot.Matches($"check/{recording}.txt", CheckText.Write(Check(pod, Asking)));
    }

    [Fact]
    public void Machines_are_told_the_same()
    {
        var report = Check(Given.Pod().With("a", Given.Running).WithNative("b", Given.Running, ready: true), Asking);
        using var json = JsonDocument.Parse(CheckJson.Write(report));
        var root = json.RootElement;
        Assert.Equal(124, root.GetProperty("exitCode").GetInt32());
        Assert.False(root.GetProperty("start").GetProperty("yes").GetBoolean());
        Assert.Equal("lab", root.GetProperty("pod").GetProperty("namespace").GetString());
        Assert.Equal("main", root.GetProperty("container").GetProperty("name").GetString());
        Assert.True(root.GetProperty("permissions").GetProperty("watch").GetProperty("yes").GetBoolean());
        Assert.Equal(["a regular False True", "b native True False"], root.GetProperty("sidecars").EnumerateArray().Select(s =>
            $"{s.GetProperty("name")} {s.GetProperty("kind")} {s.GetProperty("ready")} {s.GetProperty("asked").GetProperty("yes")}"));
        Assert.Equal([30.0, 30.0], root.GetProperty("exits").EnumerateArray().Select(e => e.GetProperty("budgetSeconds").GetDouble()));
    }

    [Theory]
    [InlineData("csql-db", "--admin-port 9093 --quitquitquit", "cloud-sql, by its name and its options; port 9093 from --admin-port")]
    [InlineData("csql-db", "--quitquitquit", "cloud-sql, by its name and its options; port 9091, the default")]
    [InlineData(
        "csql-db",
        "--quitquitquit --admin-port=$(PORT)",
        "cloud-sql, by its name and its options; its port is not known: the spec does not show --admin-port")]
    [InlineData("kuma-sidecar", "", "kuma, by its name")]
    [InlineData("other", "--admin-port 9093", "")]
    public void It_says_what_told_a_known_sidecar_and_where_its_port_is_from(string name, string args, string known)
    {
        var report = Check(Given.Pod().With(name, Given.Running, ready: true).Changed(name, c => c with { Args = args.Split(' ') }));
        Assert.Equal(known, report.Sidecars.Single().Known);
        Assert.Equal(known.Length > 0, CheckText.Write(report).Contains($"\n  known      {known}\n", StringComparison.Ordinal));
        using var json = JsonDocument.Parse(CheckJson.Write(report));
        Assert.Equal(known, json.RootElement.GetProperty("sidecars")[0].TryGetProperty("known", out var said) ? said.GetString() : "");
    }

    [Fact]
    public void A_request_whose_port_several_may_have_is_for_the_known_sidecar_that_it_is_planned_for()
    {
        var pod = Given.Pod().With("daprd", Given.Running, ready: true).With("other", Given.Running, ready: true)
            .Changed("other", c => c with { Ports = [new() { Number = 3500 }] });
        Assert.Equal(("daprd", "it is its endpoint"), Check(pod).Requests.Single() is var request ? (request.Sidecar, request.Why) : default);
    }

    [Fact]
    public void Known_off_recognises_none() =>
        Assert.Equal("", Check(Given.Pod().With("istio-proxy", Given.Running, ready: true), "--known off").Sidecars[0].Known);

    [Theory]
    [InlineData("204", "can start now")]
    [InlineData("500", "cannot start yet: daprd (http://localhost:3500/v1.0/healthz/outbound) answers 500")]
    public void A_sidecar_that_is_tested_is_judged_by_the_test(string status, string main)
    {
        var found = Found(Given.Pod().With("daprd", Given.Running).Changed("daprd", c => c with { ReadinessProbe = new() }));
        var test = CheckReport.TestsOf(found).Single();
        var look = NetworkLook.OfHttp(new(Contact.Made, int.Parse(status, CultureInfo.InvariantCulture)));
        var report = CheckReport.Of(found with { Conditions = [new(test.What, look) { Sidecar = test }] });
        Assert.Contains("\nmain         " + main, CheckText.Write(report), StringComparison.Ordinal);
        Assert.Equal("yes, by http://localhost:3500/v1.0/healthz/outbound", Shown(report.Sidecars[0].WaitedFor));
    }

    [Fact]
    public void An_ignored_name_that_is_not_in_the_Pod_is_a_note() => Assert.Equal(
        ["--ignore b: the Pod has no container of this name; it has main, a"],
        Check(Given.Pod().With("a", Given.Running, ready: true), "--ignore a --ignore b").Remarks);

    private static CheckReport Check(Pod pod, string arguments = "") => CheckReport.Of(Found(pod) with { Options = Parsed(arguments) });

    private static CheckFindings Found(Pod pod) => new(new Options(), "the command line")
    {
        ApiServer = ("https://10.0.0.1:443", "the service account"),
        Identity = new(pod.Metadata.Namespace, [pod.Metadata.Name], pod.Metadata.Uid, "default", "the service account token"),
        Permissions = new(null, null),
        Pod = pod,
        Container = new(pod.Spec.Containers[0].Name, "the mount of the termination log"),
        Supervisor = 7,
    };

    private static Options Parsed(string arguments) => Parser.Parse([.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), "cmd"], _ => null).Options;

    private static ImmutableArray<TriedCondition> Tried(string statuses) =>
        [.. statuses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(status => Tried(int.Parse(status, CultureInfo.InvariantCulture)))];

    private static TriedCondition Tried(int status) => new("there", NetworkLook.OfHttp(new(Contact.Made, status)));

    private static string Shown(Decision decision) =>
        (decision.Does switch { true => "yes", false => "no", null => "maybe" }) + (decision.Why.Length > 0 ? ", " + decision.Why : "");
}
