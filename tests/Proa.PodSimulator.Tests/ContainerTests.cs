using System.Globalization;

namespace Proa.PodSimulator.Tests;

/// <summary>What a container finds around it.</summary>
public sealed class ContainerTests
{
    [Fact]
    public async Task The_command_is_PID_1_with_the_Pods_host_name_and_no_more_than_three_descriptors()
    {
        var lines = await OutputAsync("echo $$$$; hostname; ls -d /tmp/* 2>/dev/null; readlink /proc/self/fd/0; ls /proc/1/fd");
        Assert.Equal(["1", "test-pod", "/dev/null", "0", "1", "2"], lines);
    }

    [Fact]
    public async Task Signals_are_at_their_defaults()
    {
        var lines = await OutputAsync("grep -E 'SigBlk|SigIgn' /proc/self/status; ps -o sid= -p 1");
        Assert.Equal(["SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000", "1"], lines.Select(line => line.Trim()));
    }

    [Fact]
    public async Task The_service_account_files_are_links_as_the_kubelet_makes_them()
    {
        var lines = await OutputAsync("cd /var/run/secrets/kubernetes.io/serviceaccount; readlink token ca.crt namespace ..data | sed "
            + "'s/^\\.\\.2.*/TIME/'; cat namespace; echo; head -1 ca.crt; cut -d. -f1 token | wc -w; touch x 2>&1");
        Assert.Equal(["..data/token", "..data/ca.crt", "..data/namespace", "TIME", "default", "-----BEGIN CERTIFICATE-----", "1"], lines.Take(7));
        Assert.Contains("Read-only", lines[7], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_container_writes_stays_its_own()
    {
        var name = $"written-by-a-test-{Guid.NewGuid()}";
        var lines = await OutputAsync($"for d in / /etc /usr /var /run /tmp /dev; do echo x > $d/{name} && cat $d/{name}; done");
        Assert.Equal(Enumerable.Repeat("x", 7), lines);
        Assert.DoesNotContain(
            ((string[])["/", "/etc", "/usr", "/var", "/run", "/tmp", "/dev"]).Select(directory => Path.Combine(directory, name)),
            File.Exists);
    }

    [Fact]
    public async Task Under_a_read_only_root_only_volumes_can_be_written_to()
    {
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Never
            volumes: [{name: empty, emptyDir: {}}]
            containers:
            - name: main
              image: i
              securityContext: {readOnlyRootFilesystem: true}
              command: [sh, -c, 'for d in / /etc /usr /var /run /tmp /e /dev; do (: > $d/x) 2>/dev/null && echo $d; done']
              volumeMounts: [{name: empty, mountPath: /e}]
            """);
        await simulator.EndAsync();
        Assert.Equal(["/e", "/dev"], simulator.Output.Of("main"));
    }

    [Fact]
    public async Task Mountinfo_shows_where_the_termination_log_comes_from()
    {
        await using var simulator = await Pods.StartAsync(MainOf("grep termination-log /proc/self/mountinfo"));
        await simulator.EndAsync();
        var uid = simulator.Pod!["metadata"]!["uid"];
        Assert.Matches($"/pods/{uid}/containers/main/[0-9a-f]{{8}} /dev/termination-log ", Assert.Single(simulator.Output.Of("main")));
    }

    [Fact]
    public async Task The_termination_message_and_the_exit_code_are_in_the_status()
    {
        await using var simulator = await Pods.StartAsync(MainOf("printf why > /dev/termination-log; exit 42"));
        var main = (await simulator.EndAsync()).Container("main");
        Assert.Equal((42, "Error", "why"), (main.ExitCode!.Value, main.Reason, main.Message));
        var terminated = Pods.Status(simulator.Pod!, "main")["state"]!["terminated"]!;
        Assert.Equal("why", terminated["message"]!.ToString());
        Assert.Matches("^containerd://[0-9a-f]{64}$", terminated["containerID"]!.ToString());
    }

    [Fact]
    public async Task A_container_ended_by_a_signal_has_128_more()
    {
        await using var simulator = await Pods.StartAsync(MainOf("echo up; exec sleep 1000"));
        await simulator.UpAsync("main");
        Assert.True(simulator.SignalContainer("main", 9));
        Assert.Equal(137, (await simulator.EndAsync()).Container("main").ExitCode);
        Assert.Equal(["up"], simulator.Output.Of("main"));
    }

    [Fact]
    public async Task A_command_that_is_not_there_is_a_StartError()
    {
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Never
            containers: [{name: main, image: i, command: [no-such-command]}]
            """);
        var main = (await simulator.EndAsync()).Container("main");
        Assert.Equal((128, "StartError"), (main.ExitCode!.Value, main.Reason));
        Assert.Contains("no-such-command", main.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_without_a_command_says_what_to_do()
    {
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Never
            containers: [{name: main, image: some/image}]
            """);
        Assert.Contains("set command, or an entrypoint for some/image", (await simulator.EndAsync()).Container("main").Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Args_follow_the_entrypoint_that_is_given_for_the_image()
    {
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Never
            containers: [{name: main, image: some/image, args: [a b]}]
            """, Pods.Fast with { ImageEntrypoints = new Dictionary<string, IReadOnlyList<string>> { ["some/image"] = ["echo", "--"] } });
        await simulator.EndAsync();
        Assert.Equal("-- a b", Assert.Single(simulator.Output.Of("main")));
    }

    [Fact]
    public async Task Environment_comes_from_values_fields_and_ConfigMaps()
    {
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Never
            containers:
            - name: main
              image: i
              workingDir: /made/up
              command: [sh, -c, 'echo "$A|$B|$NAME|$UID_|$KEY|$SECRET|$p_k|$X|$Y|$KUBERNETES_SERVICE_HOST"; pwd; echo $(B)']
              envFrom: [{prefix: p_, configMapRef: {name: c}}]
              env:
              - {name: A, value: a}
              - {name: B, value: $(A)b}
              - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
              - {name: UID_, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}
              - {name: KEY, valueFrom: {configMapKeyRef: {name: c, key: k}}}
              - {name: SECRET, valueFrom: {secretKeyRef: {name: s, key: k}}}
              - {name: X, value: manifest}
            """,
            Pods.Fast with
            {
                EnvironmentOverrides = new Dictionary<string, string> { ["main:X"] = "replaced", ["other:A"] = "no" },
                Environment = new Dictionary<string, string> { ["Y"] = "added", ["A"] = "not this" },
            },
            """
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {k: from map}}
            ---
            {apiVersion: v1, kind: Secret, metadata: {name: s}, data: {k: aGlkZGVu}}
            """);
        await simulator.EndAsync();
        Assert.Equal(
            [$"a|ab|test-pod|{simulator.Pod!["metadata"]!["uid"]}|from map|hidden|from map|replaced|added|127.0.0.1", "/made/up", "ab"],
            simulator.Output.Of("main"));
    }

    [Fact]
    public async Task Volumes_of_all_kinds_are_mounted()
    {
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Never
            volumes:
            - {name: empty, emptyDir: {}}
            - {name: map, configMap: {name: c, defaultMode: 0440, items: [{key: k, path: dir/file, mode: 0600}, {key: l, path: l}]}}
            - {name: secret, secret: {secretName: s}}
            - {name: field, downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}}
            initContainers:
            - {name: first, image: i, command: [sh, -c, 'echo written > /e/file'], volumeMounts: [{name: empty, mountPath: /e}]}
            containers:
            - name: main
              image: i
              command: [sh, -c]
              args:
              - cat /e/file /m/dir/file /m/l /s/k /f/name /etc/only; echo; stat -L -c %a /m/dir/file /m/l; touch /e/x 2>/dev/null || echo ro; ls /etc/passwd
              volumeMounts:
              - {name: empty, mountPath: /e, readOnly: true}
              - {name: map, mountPath: /m}
              - {name: secret, mountPath: /s}
              - {name: field, mountPath: /f}
              - {name: map, mountPath: /etc/only, subPath: l}
            """, more: """
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {k: "one\n", l: "two\n"}}
            ---
            {apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {k: "three\n"}}
            """);
        await simulator.EndAsync();
        Assert.Equal(["written", "one", "two", "three", "test-podtwo", "", "600", "440", "ro", "/etc/passwd"], simulator.Output.Of("main"));
        Assert.False(File.Exists("/etc/only"));
    }

    [Fact]
    public async Task A_file_of_the_host_is_shown_read_only()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "#!/bin/sh\necho it runs \"$@\"\n", Pods.Cancelled);
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Never
            containers: [{name: main, image: i, command: [/tool/x, a b]}]
            """, Pods.Fast with { Executables = new Dictionary<string, string> { ["/tool/x"] = file } });
        await simulator.EndAsync();
        File.Delete(file);
        Assert.Equal("it runs a b", Assert.Single(simulator.Output.Of("main")));
    }

    [Fact]
    public async Task Another_user_runs_the_command()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Never
            securityContext: {runAsUser: 1234, runAsGroup: 4321, fsGroup: 77}
            containers: [{name: main, image: i, command: [id]}]
            """);
        await simulator.EndAsync();
        Assert.Matches("^uid=1234.* gid=4321.* groups=4321.*77", Assert.Single(simulator.Output.Of("main")));
    }

    [Fact]
    public async Task A_shared_PID_namespace_has_the_pause_process_first_and_ends_leftovers_with_their_container()
    {
        await using var simulator = await Pods.StartAsync("""
            restartPolicy: Never
            shareProcessNamespace: true
            containers:
            - {name: main, image: i, command: [sh, -c, 'cat /proc/1/comm; until ps ax | grep -q "[1]2345"; do sleep 0.02; done; pkill -f "[1]2345"']}
            - {name: other, image: i, command: [sh, -c, 'sleep 54321 & exec sleep 12345']}
            """);
        var outcome = await simulator.EndAsync();
        Assert.Equal("pause", simulator.Output.Of("main")[0]);
        Assert.Equal(143, outcome.Container("other").ExitCode);
        Assert.DoesNotContain(Processes.All(), process => process.Contains("54321", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_rotated_token_is_seen_inside_and_the_old_one_is_refused()
    {
        await using var simulator = await Pods.StartAsync(MainOf("echo up; exec sleep 1000"));
        await simulator.UpAsync("main");
        var before = (await simulator.ExecAsync("main", ["cat", "/var/run/secrets/kubernetes.io/serviceaccount/token"], Pods.Cancelled)).Output;
        var token = simulator.RotateToken();
        var after = (await simulator.ExecAsync("main", ["cat", "/var/run/secrets/kubernetes.io/serviceaccount/token"], Pods.Cancelled)).Output;
        Assert.Equal(token, after);
        Assert.NotEqual(before, after);
        Assert.False(simulator.Api.RevokeToken(before));
    }

    [Fact]
    public async Task Nothing_is_left_after_dispose()
    {
        string directory;
        await using (var simulator = await Pods.StartAsync("""
            restartPolicy: Always
            initContainers:
            - {name: native, image: i, restartPolicy: Always, command: [sh, -c, 'sleep 98765 & sleep 98765']}
            containers:
            - {name: main, image: i, command: [sh, -c, 'trap "" TERM; echo up; sleep 98765 & sleep 98765']}
            """))
        {
            await simulator.UpAsync("main");
            directory = simulator.StateDirectory;
            Assert.Contains(Processes.All(), process => process.Contains(directory, StringComparison.Ordinal));
        }

        Assert.False(Directory.Exists(directory));
        Assert.DoesNotContain(
            Processes.All(),
            process => process.Contains(directory, StringComparison.Ordinal) || process.Contains("98765", StringComparison.Ordinal));
        Assert.DoesNotContain(directory, await File.ReadAllTextAsync("/proc/self/mountinfo", Pods.Cancelled), StringComparison.Ordinal);
    }

    private static string MainOf(string script) => string.Create(CultureInfo.InvariantCulture, $"""
        restartPolicy: Never
        containers:
        - name: main
          image: debian:12
          command: [sh, -c]
          args: ['{script.Replace("'", "''", StringComparison.Ordinal)}']
        """);

    private static async Task<IReadOnlyList<string>> OutputAsync(string script)
    {
        await using var simulator = await Pods.StartAsync(MainOf(script));
        await simulator.EndAsync();
        return simulator.Output.Of("main");
    }
}
