using Proa.EndToEnd.Faults;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Lives;

/// <summary><c>--kill</c> and <c>--kill-all</c> in Pods whose containers share a PID namespace.</summary>
public sealed class SignalsToSidecars
{
    // Its child is a process of the container too: it ends with 0 when both have got the signal.
    private const string Family = """
        import signal, subprocess, sys
        expected = [int(sys.argv[1])]
        signal.pthread_sigmask(signal.SIG_BLOCK, expected)
        child = subprocess.Popen(["/puppet", "signals", sys.argv[1]], stdout=subprocess.PIPE)
        child.stdout.readline()
        print("ready", flush=True)
        signal.sigwait(expected)
        sys.exit(child.wait())
        """;

    /// <summary>A shell that waits for ever.</summary>
    private const string WaitingShell = "mkfifo /tmp/never; echo ready; read -r line < /tmp/never";

    /// <summary>Each starts a process, and proa is given its name.</summary>
    public static TheoryData<string, string, int> Names => new()
    {
        { "puppet", "exec /puppet signals 15", 0 },
        { "envoy", "ln -s /puppet /tmp/envoy; exec /tmp/envoy signals 15", 0 },
        { "puppet", "ln -s /puppet /tmp/envoy; exec /tmp/envoy signals 15", 0 },
        { "a-link-of-more-than-15-bytes", "ln -s /puppet /tmp/a-link-of-more-than-15-bytes; exec /tmp/a-link-of-more-than-15-bytes signals 15", 0 },
        { "a-name-of-more-than-15-bytes", "cp /puppet /tmp/a-name-of-more-than-15-bytes; exec /tmp/a-name-of-more-than-15-bytes signals 15", 0 },
        { "agent", "cp /puppet /tmp/agent; exec 3< /tmp/agent; rm /tmp/agent; exec /proc/self/fd/3 signals 15", 0 },
        { "two words) R 1 (", "cp /puppet '/tmp/two words) R 1 ('; exec '/tmp/two words) R 1 (' signals 15", 0 },
        { "sh", WaitingShell, 143 },
        { "script", $"printf '#!/bin/sh\\n{WaitingShell}\\n' > /tmp/script; chmod +x /tmp/script; exec /tmp/script", 143 },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_process_is_found_by_the_name_of_its_executable_or_of_what_it_was_started_as(string name, string script, int exitCode)
    {
        await using var life = await new SharedPod { Options = ["--kill", name], Companions = [Companion.Shell("sidecar", script)] }.StartAsync();
        await life.ReadyAsync("sidecar");
        await life.MainRunsAsync();
        await life.EndMainAsync();
        await life.LogAsync("sent SIGTERM to ");
        await life.LogAsync($"sidecars ended: sidecar {exitCode}");
        Assert.Equal(exitCode, (await life.EndAsync()).Container("sidecar").ExitCode);
    }

    [Fact]
    public async Task A_process_of_another_name_is_left_alone()
    {
        await using var life = await new SharedPod
        {
            Options = ["--kill=puppet"],
            Companions = [Companion.Puppet("one"), Companion.Shell("other", $"cp /puppet /tmp/agent; exec /tmp/agent signals {Signal.Last}")],
        }.StartAsync();
        var one = await life.ReadyAsync("one");
        await life.ReadyAsync("other");
        await life.MainRunsAsync();
        await life.EndMainAsync();
        await life.LogAsync("sent SIGTERM to ");
        await life.IsUntouchedAsync("other");
        await life.LogAsync("sidecars ended: one 0, other 0");
        Assert.Contains($"sent SIGTERM to puppet (process {one}) of one", life.Messages);
        Assert.True((await life.EndAsync()).Succeeded);
    }

    [Fact]
    public async Task By_its_container_every_process_is_signalled_and_no_other_containers()
    {
        await using var life = await new SharedPod
        {
            Options = ["--kill=container/family"],
            Companions = [new("family", "python3", "-c", Family, $"{Signal.TERM}"), Companion.Puppet("other", Signal.Last)],
        }.StartAsync();
        await life.ReadyAsync("family");
        await life.ReadyAsync("other");
        await life.MainRunsAsync();
        await life.EndMainAsync();
        await life.EndOfAsync("family", 0);
        await life.IsUntouchedAsync("other");
        await life.LogAsync("sidecars ended: family 0, other 0");
        Assert.True((await life.EndAsync()).Succeeded);
    }

    [Fact]
    public async Task All_processes_of_all_sidecars_are_signalled_but_for_native_and_ignored_ones()
    {
        await using var life = await new SharedPod
        {
            // The kubelet sends no USR1.
            Options = ["--kill-all", "--kill-signal=USR1", "--ignore=ignored"],
            Companions =
            [
                new("family", "python3", "-c", Family, $"{Signal.USR1}"),
                Companion.Puppet("puppet", Signal.USR1),
                Companion.Puppet("ignored", Signal.Last),
                Companion.Puppet("native") with { IsNative = true },
            ],
        }.StartAsync();
        await life.ReadyAsync("family");
        await life.ReadyAsync("puppet");
        var ignored = await life.ReadyAsync("ignored");
        var native = await life.ReadyAsync("native");
        await life.MainRunsAsync();
        await life.EndMainAsync();
        await life.LogAsync("sidecars ended: family 0, puppet 0");
        await life.IsUntouchedAsync("ignored", Signal.USR1);
        Assert.True((await life.EndAsync()).Succeeded); // PID 1 too was there to the end
        Assert.Equal([$"ready {native}", $"signal {Signal.TERM}"], life.Said("native"));
        Assert.Contains($"not signalled: puppet (process {native}) of native: it is native, and the kubelet stops it", life.Messages);
        Assert.Contains($"not signalled: puppet (process {ignored}) of ignored: --ignore", life.Messages);
        Assert.DoesNotContain(life.Messages, message => message.Contains("(process 1)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Processes_of_other_users_are_signalled_where_proa_may()
    {
        Executables.RequireRoot("run a container as another user");
        await using var life = await new SharedPod
        {
            Options = ["--kill=puppet", "--kill=container/second"],
            Companions =
            [
                Companion.Puppet("first") with { More = ["securityContext: {runAsUser: 1001}"] },
                Companion.Puppet("second") with { More = ["securityContext: {runAsUser: 1002}"] },
            ],
        }.StartAsync();
        await life.ReadyAsync("first");
        await life.ReadyAsync("second");
        await life.MainRunsAsync();
        await life.EndMainAsync();
        await life.LogAsync("sidecars ended: first 0, second 0");
        Assert.True((await life.EndAsync()).Succeeded);
    }

    [Theory]
    [InlineData("USR1", "SIGUSR1", Signal.USR1, 0)]
    [InlineData("sighup", "SIGHUP", Signal.HUP, 0)]
    [InlineData("RTMIN+2", "SIGRTMIN+2", Signal.RealTime + 1, 0)]
    [InlineData("9", "SIGKILL", Signal.Last, 137)]
    public async Task Another_signal_can_be_sent(string given, string logged, int signal, int exitCode)
    {
        await using var life =
            await new SharedPod { Options = ["-K", "--kill-signal", given], Companions = [Companion.Puppet("sidecar", signal)] }.StartAsync();
        var sidecar = await life.ReadyAsync("sidecar");
        await life.MainRunsAsync();
        await life.EndMainAsync();
        await life.LogAsync($"sent {logged} to puppet (process {sidecar}) of sidecar");
        Assert.Equal(exitCode, (await life.EndAsync()).Container("sidecar").ExitCode);
        Assert.Equal(exitCode == 0 ? [$"signal {signal}"] : [], life.Said("sidecar").Skip(1));
    }

    [Fact]
    public async Task What_runs_in_mains_container_is_left_alone_whatever_its_name()
    {
        await using var life = await new SharedPod
        {
            Options = ["--kill-all", "--kill=puppet"],
            BeforeMain = $"echo $$ > /tmp/main; /puppet signals {Signal.Last} &",
            Companions = [Companion.Puppet("sidecar", Signal.Last)],
        }.StartAsync();
        var sidecar = await life.ReadyAsync("sidecar");
        var orphan = await life.ReadyAsync("main");
        await life.MainRunsAsync();
        // A person's process, with main's stdout.
        const int lastOfGuest = Signal.Last - 1;
        var visit = life.ExecAsync("main", "sh", "-c", $"exec /puppet signals {lastOfGuest} > /proc/$(cat /tmp/main)/fd/1");
        var guest = await life.ReadyAsync("main", other: orphan);
        await life.EndMainAsync();
        await life.LogAsync($"sent SIGTERM to puppet (process {sidecar}) of sidecar");
        // These come after all other signals.
        await life.ExecAsync("main", "sh", "-c", $"kill -{Signal.Last} {orphan}; kill -{lastOfGuest} {guest}");
        await visit;
        await life.OutputAsync("main", $"signal {Signal.Last}");
        await life.OutputAsync("main", $"signal {lastOfGuest}");
        Assert.DoesNotContain($"signal {Signal.TERM}", life.Said("main"));
        Assert.True(life.Simulator.SignalContainer("sidecar", Signal.Last));
        Assert.True((await life.EndAsync()).Succeeded);
        Assert.Equal([$"signal {Signal.TERM}", $"signal {Signal.Last}"], life.Said("sidecar").Skip(1));
    }

    [Fact]
    public async Task A_process_that_proa_may_not_signal_is_named_with_what_is_needed()
    {
        Executables.RequireRoot("run a container as another user");
        await using var life = await new SharedPod
        {
            Options = ["--kill-all", "--shutdown-timeout=1s"],
            MoreOfMain = ["securityContext: {runAsUser: 1001}"],
            Companions = [Companion.Puppet("sidecar", Signal.Last) with { More = ["securityContext: {runAsUser: 1002}"] }],
        }.StartAsync();
        var sidecar = await life.ReadyAsync("sidecar");
        await life.MainRunsAsync();
        await life.EndMainAsync();
        await life.LogAsync($"no permission to signal puppet (process {sidecar}) of sidecar: it runs as user 1002, proa as 1001");
        Assert.Contains(
            "run both containers as the same user (securityContext.runAsUser of the Pod), or proa as root with the capability KILL",
            Errors(life),
            StringComparison.Ordinal);
        await life.LogAsync("still running after 1s: sidecar");
        await life.EndOfAsync("main", 0);
        await life.IsUntouchedAsync("sidecar");
    }

    [Theory]
    [InlineData("shareProcessNamespace: false", "the Pod's containers do not see each other's processes", "set shareProcessNamespace: true in the Pod's spec")]
    [InlineData(
        "hostPID: true", "these are the node's processes, not only the Pod's", "set shareProcessNamespace: true in the Pod's spec instead of hostPID")]
    public async Task Where_the_containers_do_not_share_their_processes_it_says_so_at_the_start_and_at_the_end(string sharing, string problem, string hint)
    {
        await using var life =
            await new SharedPod
            {
                Sharing = sharing, Options = ["--kill-all", "--shutdown-timeout=0"], Companions = [Companion.Puppet("sidecar", Signal.Last)],
            }.StartAsync();
        var sidecar = await life.ReadyAsync("sidecar");
        await life.LogAsync("cannot signal the sidecars: " + problem);
        await life.MainRunsAsync();
        await life.EndMainAsync();
        await life.EndOfAsync("main", 0);
        Assert.Equal(2, life.Messages.Count(message => message == "cannot signal the sidecars: " + problem));
        Assert.Contains($"\"hint\":\"{hint}\"", Errors(life), StringComparison.Ordinal);
        await life.IsUntouchedAsync("sidecar");
    }

    [Fact]
    public async Task A_container_that_the_Pod_does_not_have_is_found_before_main_starts()
    {
        await using var life = await new SharedPod { Options = ["--kill=container/sidecra"], Companions = [Companion.Puppet("sidecar")] }.StartAsync();
        await life.LogAsync("cannot start main: --kill \"container/sidecra\" names no sidecar of the Pod: it has sidecar");
        Assert.Contains("--kill \"container/sidecra\" names no sidecar of the Pod", await life.EndOfAsync("main", 125), StringComparison.Ordinal);
        Assert.Empty(life.Said("main"));
    }

    [Fact]
    public async Task A_process_that_is_started_only_after_the_wait_has_ended_is_signalled_too()
    {
        await using var life = await new SharedPod
        {
            Options = ["--kill=puppet", "--ready-timeout=100ms"],
            // It is started with the signal blocked, and so cannot miss it.
            Companions =
            [
                Companion.Shell(
                    "sidecar",
                    $"cp /puppet /tmp/setup; mkfifo /tmp/go; echo ready; read -r line < /tmp/go; exec /tmp/setup under block={Signal.TERM} -- "
                        + $"/puppet signals {Signal.TERM}")
                    with { More = ["readinessProbe: {exec: {command: [\"false\"]}}"] },
            ],
        }.StartAsync();
        await life.ReadyAsync("sidecar");
        await life.LogAsync("no process puppet to signal: the sidecar is gone, or has not started it yet");
        await life.ExecAsync("sidecar", "sh", "-c", "echo > /tmp/go");
        await life.LogAsync("sent SIGTERM to puppet (process ");
        await life.LogAsync("sidecars ended: sidecar 0");
        await life.EndOfAsync("main", 124);
        Assert.Empty(life.Said("main"));
    }

    [Fact]
    public async Task No_sidecar_is_signalled_where_main_will_be_tried_again()
    {
        await using var life =
            await new SharedPod
            {
                RestartPolicy = "OnFailure", MainsExitCode = 1, Options = ["--kill-all"], Companions = [Companion.Puppet("sidecar", Signal.Last)],
            }.StartAsync();
        var sidecar = await life.ReadyAsync("sidecar");
        await life.MainRunsAsync();
        await life.EndMainAsync();
        await life.LogAsync("the sidecars keep running: the kubelet will restart main (restartPolicy OnFailure)");
        await life.EndOfAsync("main", 1);
        await life.IsUntouchedAsync("sidecar");
    }

    [Fact]
    public async Task A_sidecar_that_the_signal_kills_is_reported_with_what_it_means_for_the_Pod()
    {
        await using var life = await new SharedPod { Options = ["--kill-all"], Companions = [Companion.Shell("sidecar", WaitingShell)] }.StartAsync();
        await life.ReadyAsync("sidecar");
        await life.MainRunsAsync();
        await life.EndMainAsync();
        await life.LogAsync("sidecars ended: sidecar 143 (Error)");
        await life.LogAsync("the Pod will end as Failed because of the exit code of sidecar");
        Assert.Contains("ask such a sidecar over HTTP instead of a signal, or make it exit with 0 on SIGTERM", Errors(life), StringComparison.Ordinal);
        var outcome = await life.EndAsync();
        Assert.False(outcome.Succeeded);
        Assert.Equal(0, outcome.Container("main").ExitCode);
    }

    [Fact]
    public async Task A_process_that_is_not_there_is_named_beside_those_that_are()
    {
        await using var life =
            await new SharedPod { Options = ["--kill=envyo", "--shutdown-timeout=1s"], Companions = [Companion.Puppet("sidecar", Signal.Last)] }.StartAsync();
        var sidecar = await life.ReadyAsync("sidecar");
        await life.MainRunsAsync();
        await life.EndMainAsync();
        await life.LogAsync("no process envyo to signal: ");
        await life.LogAsync($"(there are: puppet (process {sidecar}) of sidecar)");
        await life.LogAsync("still running after 1s: sidecar");
        await life.EndOfAsync("main", 0);
        await life.IsUntouchedAsync("sidecar");
    }

    private static string Errors(SharedLife life) =>
        string.Join('\n', life.Simulator.Output.Where(line => line is { Container: "main", IsError: true }).Select(line => line.Text));
}
