using System.Collections.Immutable;
using CsCheck;
using Proa.CommandLine;
using Proa.Ending;
using Proa.Identity;
using Proa.Pods;
using Proa.Tests.Support;

namespace Proa.Tests.Ending;

public sealed class SidecarProcessesTests
{
    private const int Pause = 1;
    private const int Proa = 7;
    private const string PodUid = "17639905-bb89-4ad7-9c36-a774a667e3f2";
    private static readonly string _proxyId = new('a', 64);
    private static readonly ProcessSelection _all = new([], All: true, Signals.Terminate, []);

    [Theory]
    [InlineData("envoy", "20")]
    [InlineData("sh", "31")] // the link that dash was started as
    [InlineData("dash", "31")]
    [InlineData("container/proxy", "20 21")]
    [InlineData("container/logger", "31")]
    [InlineData("env", "")]
    [InlineData("Envoy", "")]
    [InlineData("job", "")] // main
    [InlineData("proa", "")]
    [InlineData("pause", "")]
    [InlineData("container/main", "")]
    public void A_process_is_chosen_by_its_name_or_container(string selector, string chosen) =>
        Assert.Equal(chosen, Chosen(Pod(), Selecting(selector)));

    [Fact]
    public void All_are_those_of_the_sidecars_alone() => Assert.Equal("20 21 31", Chosen(Pod(), _all));

    [Fact]
    public void Where_nothing_is_known_of_the_Pod_all_are_those_outside_of_our_container() => Assert.Equal("20 21 31 40", Chosen(null, _all));

    [Fact]
    public void Where_our_own_mounts_tell_the_Pod_others_must_be_known_to_be_of_it()
    {
        ImmutableArray<ProcessFacts> all =
        [
            Process(Pause, 0, "init", 100),
            Process(Proa, 0, "proa", 200, container: "main"),
            Process(20, 0, "kubelet", 300),
            Process(31, 0, "dash", 400, container: "logger"),
        ];
        Assert.Equal([31], SidecarProcesses.Choose(all, Proa, null, null, _all).Chosen.Select(p => p.Process.Stat.Id));
    }

    [Fact]
    public void A_container_is_known_by_the_mount_of_its_termination_log_where_nothing_is_known_of_the_Pod() =>
        Assert.Equal("31", Chosen(null, Selecting("container/logger")));

    [Fact]
    public void Another_of_mains_name_in_a_sidecar_is_chosen_and_main_is_not() =>
        Assert.Equal("50", Chosen(Pod(), Selecting("job"), Process(50, 0, "job", mounts: 400)));

    [Fact]
    public void Main_and_what_descends_from_it_is_never_chosen() =>
        Assert.Equal("20 21 31", Chosen(Pod(), _all, Process(60, 8, "job", mounts: 900), Process(61, 60, "job", mounts: 901)));

    [Theory]
    [InlineData(200, "")] // proa's mounts
    [InlineData(900, "/kubepods/main")] // proa's group
    public void What_was_started_by_others_in_our_container_is_never_chosen(int mounts, string group) =>
        Assert.Equal("20 21 31", Chosen(Pod(), _all, Process(60, 0, "sh", mounts, group)));

    [Fact]
    public void Where_all_containers_are_in_one_group_it_tells_nothing()
    {
        ImmutableArray<ProcessFacts> processes = [Process(Pause, 0, "pause", 100, "/"), Process(Proa, 0, "proa", 200, "/"), Process(20, 0, "envoy", 300, "/")];
        Assert.Equal([20], SidecarProcesses.Choose(processes, Proa, null, null, _all).Chosen.Select(p => p.Process.Stat.Id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_of_another_Pod_is_never_chosen(bool isPodKnown)
    {
        var other = Process(70, 0, "envoy", mounts: 500, container: "proxy");
        ProcessFacts[] others =
        [
            Process(71, Proa, "x", 200, container: "main"),
            other with { MountInfo = other.MountInfo.Replace(PodUid, "another", StringComparison.Ordinal) },
        ];
        ImmutableArray<ProcessFacts> all = [Process(Pause, 0, "pause", 100), Process(Proa, 0, "proa", 200, container: "main"), .. others];
        Assert.Empty(SidecarProcesses.Choose(all, Proa, isPodKnown ? Pod() : null, isPodKnown ? Given.Main : null, _all).Chosen);
    }

    [Fact]
    public void A_native_sidecar_is_spared() => Assert.Equal(
        ["tail (process 70) of native: it is native, and the kubelet stops it"],
        Spared(Selecting("tail"), Process(70, 0, "tail", mounts: 500, container: "native")));

    [Fact]
    public void An_ephemeral_container_is_spared() => Assert.Equal(
        ["bash (process 70) of debugger: it is not a sidecar"],
        Spared(_all, Process(70, 0, "bash", mounts: 500, container: "debugger")));

    [Fact]
    public void An_ignored_container_is_spared() => Assert.Equal(
        ["envoy (process 20) of proxy: --ignore"],
        Spared(Selecting("envoy") with { Ignore = ["proxy"] }));

    [Theory]
    [InlineData('Z')]
    [InlineData('X')]
    public void What_has_ended_is_not_chosen(char state)
    {
        var ended = Process(70, 0, "envoy", mounts: 500);
        Assert.Equal("20", Chosen(Pod(), Selecting("envoy"), ended with { Stat = ended.Stat with { State = state } }));
    }

    [Fact]
    public void A_selector_that_nobody_answers_to_is_missing() => Assert.Equal(
        ["nobody", "container/nowhere"],
        SidecarProcesses.Choose(Everybody(), Proa, Pod(), Given.Main, Selecting("nobody", "envoy", "container/nowhere")).Missing.Select(m => m.ToString()));

    [Fact]
    public void A_selector_that_means_a_spared_process_is_not_missing() => Assert.Empty(
        SidecarProcesses.Choose(
            [.. Everybody(), Process(70, 0, "tail", mounts: 500, container: "native")],
            Proa,
            Pod(),
            Given.Main,
            Selecting("tail")).Missing);

    [Theory]
    [InlineData("/usr/bin/python3.11", "python3", "python3.11")]
    [InlineData("/usr/bin/python3.11 (deleted)", "python3", "python3.11")]
    [InlineData("", "python3", "interpreter")] // of another user: only its command line can be read
    public void An_executable_is_named_by_its_file(string path, string kernelName, string name) =>
        Assert.Equal(name, new ProcessFacts(new(5, kernelName, 'S', 1, 0, 0), path, ["/opt/interpreter", "-c"], 0, "", "").Executable);

    [Fact]
    public void A_name_with_a_line_break_is_described_on_one_line() =>
        Assert.Equal("a?proa: error (process 5)", new ProcessFacts(new(5, "x", 'S', 1, 0, 0), "/bin/a\nproa: error", [], 0, "", "").Describe());

    [Fact]
    public void A_login_shell_is_named_without_its_dash() =>
        Assert.Equal("bash", new ProcessFacts(new(5, "x", 'S', 1, 0, 0), "", ["-bash"], 0, "", "").Executable);

    [Fact]
    public void What_has_neither_is_named_as_the_kernel_names_it() =>
        Assert.Equal("envoy", new ProcessFacts(new(5, "envoy", 'S', 1, 0, 0), "", [""], 0, "", "").Executable);

    [Theory]
    [InlineData("cloud-sql-proxy-of-ours", true)]
    [InlineData("cloud-sql-proxy", true)]
    [InlineData("cloud-sql-prox", false)]
    public void The_kernels_name_counts_as_far_as_it_goes(string name, bool isCalled) =>
        Assert.Equal(isCalled, new ProcessFacts(new(5, "cloud-sql-proxy", 'S', 1, 0, 0), "/bin/x", [], 0, "", "").IsCalled(name));

    [Theory]
    [InlineData(true, false, 7, null)]
    [InlineData(false, false, 7, "the Pod's containers do not see each other's processes")]
    [InlineData(null, false, 7, "the Pod's containers do not see each other's processes")]
    [InlineData(true, true, 7, "these are the node's processes, not only the Pod's")]
    [InlineData(true, false, 1, "the Pod's containers do not see each other's processes")]
    public void Without_a_PID_namespace_of_the_Pods_own_nobody_is_signalled(bool? shares, bool ofNode, int proa, string? problem)
    {
        var pod = Pod();
        var refusal = SidecarProcesses.WhyNone([], proa, pod with { Spec = pod.Spec with { ShareProcessNamespace = shares, HostPid = ofNode } });
        Assert.Equal(problem, refusal?.Problem);
        if (refusal is not null) Assert.Contains("set shareProcessNamespace: true", refusal.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(7, false)]
    public void Where_nothing_is_known_of_the_Pod_our_process_ID_tells(int proa, bool isRefused) =>
        Assert.Equal(isRefused, SidecarProcesses.WhyNone(Everybody(), proa, null) is not null);

    [Fact]
    public void Where_kernel_threads_are_seen_nobody_is_signalled()
    {
        var thread = Process(2, 0, "kthreadd", 1);
        Assert.NotNull(SidecarProcesses.WhyNone([.. Everybody(), thread with { Stat = thread.Stat with { Flags = 0x0020_8040 } }], Proa, null));
    }

    [Fact]
    public void Whoever_the_processes_are_no_forbidden_one_is_chosen() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[0, 12], Gen.Int[1, 4], Gen.OneOf("", "main", "proxy", "native", "other"))
        .Select((id, parent, mounts, container) => Process(id, parent, "x", mounts * 100, container: container.Length == 0 ? null : container))
        .Array[0, 12]
        .Sample(
            processes =>
            {
                var all = processes.DistinctBy(p => p.Stat.Id).ToImmutableArray();
                var parents = all.ToDictionary(p => p.Stat.Id, p => p.Stat.Parent);
                var own = all.FirstOrDefault(p => p.Stat.Id == Proa);
                foreach (var chosen in SidecarProcesses.Choose(all, Proa, Pod(), Given.Main, _all).Chosen)
                {
                    Assert.NotEqual(Pause, chosen.Process.Stat.Id);
                    Assert.NotEqual(Proa, chosen.Process.Stat.Id);
                    Assert.NotEqual(Proa, chosen.Process.Stat.Parent);
                    Assert.NotEqual(Proa, parents.GetValueOrDefault(chosen.Process.Stat.Parent));
                    Assert.NotEqual(own?.MountInfo, chosen.Process.MountInfo);
                    Assert.True(chosen.Container is null or "proxy" or "logger");
                }
            },
            iter: 3_000);

    /// <summary>The Pod's pause process, proa with main and a child of it, a proxy of two processes, a logger, and one that cannot be placed.</summary>
    private static ImmutableArray<ProcessFacts> Everybody() =>
    [
        Process(Pause, 0, "pause", 100, "/kubepods/pause"),
        Process(Proa, 0, "proa", 200, "/kubepods/main"),
        Process(8, Proa, "job", 200, "/kubepods/main"),
        Process(9, 8, "job", 200, "/kubepods/main"),
        Process(20, 0, "envoy", 300, "/kubepods/" + _proxyId),
        Process(21, 20, "pilot", 300, "/kubepods/" + _proxyId),
        Process(31, 0, "dash", 400, container: "logger", kernelName: "sh"),
        Process(40, 0, "elsewhere", 600, container: "unknown"),
    ];

    private static ProcessFacts Process(
        int id, int parent, string executable, int mounts, string group = "/other", string? container = null, string? kernelName = null) =>
        new(
            new(id, kernelName ?? executable, 'S', parent, 0, (ulong)id),
            "/usr/bin/" + executable,
            [executable],
            0,
            $"{mounts} 1 0:1 / / rw - overlay overlay rw\n" + (
                container is null
                    ? ""
                    : $"{mounts + 1} {mounts} 0:2 /var/lib/kubelet/pods/{PodUid}/containers/{container}/0a /dev/termination-log rw - ext4 x rw\n"),
            "0::" + group);

    private static Pod Pod()
    {
        var pod = Given.Pod().With("proxy", Given.Running).With("logger", Given.Running).WithNative("native", Given.Running);
        return pod with
        {
            Spec = pod.Spec with { ShareProcessNamespace = true },
            Status =
                pod.Status with
                {
                    ContainerStatuses =
                        [.. pod.Status.ContainerStatuses.Select(s => s.Name == "proxy" ? s with { ContainerId = "containerd://" + _proxyId } : s)],
                },
        };
    }

    private static ProcessSelection Selecting(params string[] selectors) =>
        _all with
        {
            All = false,
            Selectors = EndingRule.Of(Parser.Parse([.. selectors.SelectMany(s => new[] { "--kill", s }), "cmd"], _ => null).Options).Processes.Selectors,
        };

    private static string Chosen(Pod? pod, ProcessSelection selection, params ProcessFacts[] others) => string.Join(
        ' ',
        SidecarProcesses.Choose([.. Everybody(), .. others], Proa, pod, pod is null ? null : Given.Main, selection).Chosen.Select(p => p.Process.Stat.Id));

    private static IEnumerable<string> Spared(ProcessSelection selection, params ProcessFacts[] others) =>
        SidecarProcesses.Choose([.. Everybody(), .. others], Proa, Pod(), Given.Main, selection).Spared
            .Where(s => s.Process.Container != "unknown")
            .Select(s => $"{s.Process.Describe()}: {s.Why}");
}
