using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Init;

/// <summary>Where the .NET runtime in proa has not what it needs: proa says what that is, and main runs if nothing else was wanted.</summary>
public sealed class CannotStart
{
    private const string AddressSpace = "AS=33554432";

    public static TheoryData<string[], string, string> Places { get; } = new()
    {
        { ["--limit", AddressSpace], "the limit of the address space is too low", "raise it (ulimit -v)" },
        { ["--limit", "AS=67108864"], "the limit of the address space is too low", "raise it (ulimit -v)" },
        { ["--limit", "DATA=4194304"], "the limit of data is too low", "raise it (ulimit -d)" },
        { ["--user", "54321", "--limit", "NPROC=1"], "proa cannot start a second thread: resource temporarily unavailable", "raise the limit of processes" },
        { ["--deny", "clone=EPERM"], "proa cannot start a second thread: operation not permitted", "seccomp profile deny clone(2)?" },
        { ["--deny", "rt_sigaction=EPERM"], "the .NET runtime in proa cannot start", "seccomp profile" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task It_says_why_and_the_exit_code_is_125(string[] place, string problem, string remedy)
    {
        foreach (var arguments in (string[][])[["echo"], ["--no-wait", "-g", "http://localhost:1/quit", "echo"], ["--no-wait"], ["--check"], ["--version"]])
        {
            await using var proa = Start(place, RunningProcess.TextLog, arguments);
            var errors = await proa.FailsAsync(125);
            Assert.StartsWith($"proa: error: {problem}\nproa: hint: ", errors, StringComparison.Ordinal);
            Assert.Contains(remedy, errors, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Main_runs_all_the_same_where_nothing_but_that_is_wanted(string[] place, string problem, string remedy)
    {
        await using var main = Start(place, RunningProcess.TextLog, "--no-wait", "--", "sh", "-c", "echo \"$1 $$\"; exit 3", "sh", "main");
        var (exitCode, output, errors) = await main.ResultAsync();
        Assert.Equal((3, $"main {main.Id}\n"), (exitCode, output));
        Assert.StartsWith($"proa: warning: main replaces proa, and has no init process: {problem}\nproa: hint: ", errors, StringComparison.Ordinal);
        Assert.Contains(remedy, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PROA_NO_WAIT", "true")]
    [InlineData("PROA_NO_WAIT", "1", "--signal-group")]
    [InlineData("PROA_KILL", "", "--no-wait", "--pod", "x", "--log-level=off")]
    public async Task Main_runs_with_these_options(string name, string value, params string[] options)
    {
        await using var main = Start(["--limit", AddressSpace], new() { [name] = value }, [.. options, "--", "sh", "-c", "exit 3"]);
        Assert.Equal(3, await main.ExitCodeAsync());
    }

    [Theory]
    [InlineData("PROA_NO_WAIT", "false")]
    [InlineData("PROA_SHUTDOWN_HTTP_GET", "http://localhost:1/quit", "--no-wait")]
    [InlineData("PROA_SHUTDOWN_TIMEOUT", "3", "--no-wait")]
    [InlineData("PROA_KILL_ALL", "true", "--no-wait")]
    [InlineData("PROA_NO_WAIT", "true", "-p", "http://localhost:1/quit")]
    [InlineData("PROA_NO_WAIT", "true", "--pod")]
    [InlineData("PROA_NO_WAIT", "true", "--check")]
    [InlineData("PROA_NO_WAIT", "true", "--nonsense")]
    public async Task Main_does_not_run_with_these(string name, string value, params string[] options)
    {
        await using var proa = Start(
            ["--limit", AddressSpace],
            new() { [name] = value },
            [.. options, .. options is ["--pod"] ? Array.Empty<string>() : ["--", "echo", "main runs"]]);
        var (exitCode, output, _) = await proa.ResultAsync();
        Assert.Equal((125, ""), (exitCode, output));
    }

    [Fact]
    public async Task Main_that_takes_proas_place_is_started_as_without_proa()
    {
        string[] under = Init.Puppet(
            [
                "under", "no-variables", "variable=443d31", "variable=444f544e45545f78ff3d31", "ignore=1,17", "block=10,32", "--",
                Executables.Launch, "--limit", AddressSpace, "--",
            ]);
        using var directory = new TemporaryDirectory();
        string[] main = Init.Puppet("report", directory["report"]);
        await using (var without = RunningProcess.Start([.. under, .. main])) Assert.Equal(0, await without.ExitCodeAsync());
        var expected = await ReadAsync();
        await using (var with = RunningProcess.Start([.. under, .. Init.Proa(main)])) Assert.Equal(0, await with.ExitCodeAsync());
        Assert.Equal(expected, await ReadAsync());

        // Pipes have other names each time.
        async Task<string[]> ReadAsync() =>
        [
            .. (await File.ReadAllLinesAsync(directory["report"], System.Text.Encoding.Latin1, TestContext.Current.CancellationToken))
                .Where(line => !line.StartsWith("descriptor", StringComparison.Ordinal)),
        ];
    }

    [Theory]
    [InlineData(127, "no-such-program", "no such file or directory")]
    [InlineData(126, "/", "permission denied")]
    public async Task A_main_that_cannot_take_proas_place_ends_as_any_other(int expected, string command, string reason)
    {
        await using var proa = Start(["--limit", AddressSpace], new(RunningProcess.TextLog) { ["PATH"] = "/usr/bin:/bin" }, "--no-wait", "--", command);
        var (exitCode, _, errors) = await proa.ResultAsync();
        Assert.Equal(expected, exitCode);
        Assert.Contains($"proa: error: cannot start main: {reason}\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_line_is_JSON_where_the_log_is()
    {
        await using var proa = Start(["--limit", AddressSpace], [], "echo");
        var (_, _, errors) = await proa.ResultAsync();
        var line = System.Text.Json.Nodes.JsonNode.Parse(errors)!;
        Assert.Equal(("error", "the limit of the address space is too low"), (line["level"]!.ToString(), line["msg"]!.ToString()));
        Assert.StartsWith("raise it", line["hint"]!.ToString(), StringComparison.Ordinal);
        await using var text = Start(["--limit", AddressSpace], [], "--log-format", "text", "echo");
        Assert.StartsWith("proa: error: ", (await text.ResultAsync()).Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("proa: the limit of the address space is too low\nraise it (ulimit -v)", "echo")]
    [InlineData("as it was", "--check")]
    [InlineData("as it was", "--install=/proa2")]
    public async Task Kubectl_describe_shows_it_unless_it_is_a_persons_own_mistake(string expected, params string[] arguments)
    {
        Executables.RequireRoot("mount a file system");
        const string script = "mount -t tmpfs none /dev; printf 'as it was' >/dev/termination-log; \"$@\" || echo $?; cat /dev/termination-log";
        await using var container = RunningProcess.Start(
            ["unshare", "--mount", "sh", "-ec", script, "sh", Executables.Launch, "--limit", AddressSpace, Executables.Proa, .. arguments],
            RunningProcess.TextLog);
        var (exitCode, output, _) = await container.ResultAsync();
        Assert.Equal(0, exitCode);
        Assert.StartsWith("125\n" + expected, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clone3=EPERM")]
    [InlineData("clone3=EACCES")]
    [InlineData("get_mempolicy=EPERM")]
    [InlineData("membarrier=EPERM")]
    [InlineData("rseq=EPERM")]
    [InlineData("sched_getaffinity=EPERM")]
    public async Task What_older_seccomp_profiles_deny_is_not_needed(string denied)
    {
        await using var main = Start(["--deny", denied], [], "--no-wait", "--", "sh", "-c", "exit 3");
        Assert.Equal((3, "", ""), await main.ResultAsync());
        await using var cluster = await Cluster.Cluster.StartAsync();
        await Image.ImageLife.SucceedsAsync(
            cluster,
            command => RunningProcess.Start([Executables.Launch, "--deny", denied, "--", .. command], cluster.Variables),
            Executables.Proa);
    }

    [Fact]
    public async Task A_worker_that_cannot_start_says_why()
    {
        // The supervisor may have two threads and a worker one: that is one too few.
        Executables.RequireRoot("become another user");
        await using var proa = Start(
            ["--user", "54322", "--limit", "NPROC=3"],
            new(RunningProcess.TextLog) { ["KUBERNETES_SERVICE_HOST"] = "127.0.0.1" },
            "echo",
            "main runs");
        var errors = await proa.FailsAsync(125);
        Assert.StartsWith(
            "proa: error: proa cannot start a second thread: resource temporarily unavailable\nproa: hint: raise the limit of processes",
            errors,
            StringComparison.Ordinal);
    }

    private static RunningProcess Start(string[] place, Dictionary<string, string?> variables, params string[] arguments)
    {
        if (place.Contains("--user")) Executables.RequireRoot("become another user");
        return RunningProcess.Start([Executables.Launch, .. place, "--", Executables.Proa, .. arguments], variables);
    }
}
