using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Commands;

/// <summary><c>proa --check -f</c>, with the native executable.</summary>
public sealed class CheckFiles
{
    private const string Job = """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: report}
        spec:
          template:
            spec:
              restartPolicy: Never
              containers:
              - {name: main, command: [/proa, --no-api, --wait-tcp, "localhost:1", --, work]}

        """;

    private static readonly string _wrong = Job.Replace("--no-api", "--no-apy", StringComparison.Ordinal);

    [Fact]
    public async Task The_report_tells_of_each_template_what_would_be_done_and_what_goes_wrong()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("job.yaml", """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: report}
            spec:
              template:
                spec:
                  restartPolicy: Never
                  containers:
                  - {name: main, command: [/proa, --, work]}
                  - name: cloud-sql-proxy
                    image: cloud-sql-proxy
                    args: [--health-check]
                    readinessProbe: {httpGet: {path: /readiness, port: 9090}}

            """);
        var (exitCode, output, errors) = await RunAsync(null, "-f", file);
        Assert.Equal((1, ""), (exitCode, errors));
        Assert.StartsWith(
            $$"""
            {{file}}:1: Job report
              main         main, by its command
              sidecar      cloud-sql-proxy (regular)
                known      cloud-sql, by its image; port 9091, the default
                probe      readinessProbe
                wait ready yes
                stop       no, cloud-sql, by its image: its shutdown endpoint is off
                wait ended no, no shutdown request is given
              on success   the sidecars keep running: no shutdown request is given
              on failure   the sidecars keep running: no shutdown request is given
              problem      {{file}}:10: when main exits, nothing stops cloud-sql-proxy
            """,
            output,
            StringComparison.Ordinal);
        Assert.Contains("\n    remedy     start the Cloud SQL Auth Proxy with --quitquitquit\n", output, StringComparison.Ordinal);
        Assert.Contains(
            $"\n{file}:9: Job report\n  problem      {file}:9: nothing in these files allows service account default to get and watch pods\n",
            output,
            StringComparison.Ordinal);
        Assert.EndsWith("\n1 Pod template, 2 problems\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Standard_input_is_read_as_of_a_pipeline()
    {
        var (exitCode, output, errors) = await RunAsync(Job, "-f", "-");
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.StartsWith(
            "-:1: Job report\n  main         main, by its command: --no-api --wait-tcp localhost:1 --\n  wait for     localhost:1\n",
            output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_files_are_one_so_that_permissions_may_be_in_another()
    {
        using var directory = new TemporaryDirectory();
        var job = directory.Write("job.yaml", Job.Replace("--no-api, ", "", StringComparison.Ordinal));
        var role = directory.Write("rbac.yaml", """
            {kind: RoleBinding, roleRef: {kind: ClusterRole, name: view}, subjects: [{kind: ServiceAccount, name: default}]}
            """);
        Assert.Equal(1, (await RunAsync(null, "-f", job)).ExitCode);
        Assert.Equal(0, (await RunAsync(null, "-f", job, "-f", role)).ExitCode);
        Assert.Equal(0, (await RunAsync(null, "-f", role, "-f", job)).ExitCode);
    }

    [Fact]
    public async Task For_machines_it_is_JSON_and_on_GitHub_each_problem_is_an_annotation_too()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("job,1.yaml", _wrong);
        await using var proa = RunningProcess.Start(
            [Executables.Proa, "--check", "-f", file, "--log-format", "json"], new Dictionary<string, string?> { ["GITHUB_ACTIONS"] = "true" });
        var (exitCode, output, errors) = await proa.ResultAsync();
        Assert.Equal(1, exitCode);
        var lines = output.Split('\n');
        Assert.Equal("""{"exitCode":1,"templates":1,"problems":1}""", lines[1]);
        var template = JsonNode.Parse(lines[0])!;
        Assert.Equal([file, "1", "Job", "report"], new[] { "file", "line", "kind", "name" }.Select(key => template[key]!.ToString()));
        var problem = template["problems"]![0]!;
        Assert.Equal(
            ["9", "main: unknown option --no-apy", "did you mean --no-api?"], new[] { "line", "what", "remedy" }.Select(key => problem[key]!.ToString()));
        Assert.Equal(
            $"::error file={file.Replace(",", "%2C", StringComparison.Ordinal)},line=9,title=Job report"
                + "::main: unknown option --no-apy%0Adid you mean --no-api?\n",
            errors);
    }

    [Fact]
    public async Task What_cannot_be_read_is_named_with_the_reason_and_the_exit_code_is_125()
    {
        using var directory = new TemporaryDirectory();
        await FailsAsync(directory.Path, "it is a directory");
        await FailsAsync(directory["missing.yaml"], "there is no such file");
        await FailsAsync(directory["no/such/folder.yaml"], "there is no such file");
        await FailsAsync(directory.Write("empty.yaml", "# nothing\n---\n"), "it is empty");
        await FailsAsync(directory.Write("bad.yaml", "kind: Pod\n  a: [\n"), "line 2: ");
        await FailsAsync(directory.Write("latin.yaml", ""), "it is not UTF-8 text", [0x61, 0x3a, 0x20, 0xe4, 0x0a]);
        await FailsAsync(Executables.Proa, "cannot read");
        await FailsAsync("/dev/zero", "it is not text: it contains a NUL");
    }

    [Fact]
    public async Task However_large_or_nested_a_file_is_memory_stays_small()
    {
        using var directory = new TemporaryDirectory();
        var large = directory["large.yaml"];
        using (var file = File.Create(large)) file.SetLength(50 * 1024 * 1024);
        await IsRefusedWithinAsync(large, null, "it has more than 32 MB");
        var accounts = string.Concat(Enumerable.Range(0, 50_000).Select(i => $"{{kind: ServiceAccount, metadata: {{name: a{i}}}}}\n---\n"));
        await IsRefusedWithinAsync("-", accounts, "it has too many service accounts and Roles");
        var services = string.Concat(Enumerable.Repeat("{kind: Service, spec: {ports: [{port: 1}]}}\n---\n", 800_000));
        await IsRefusedWithinAsync("-", services, "it has more than 32 MB");
        await IsRefusedWithinAsync("-", "kind: Pod\na: " + new string('x', 40 * 1024 * 1024), "a value in it has more than 2 MB");
        await IsRefusedWithinAsync("-", "kind: Pod\na: " + new string('[', 10 * 1024 * 1024), "it is nested more than 256 deep");
        var bomb = "kind: Pod\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + string.Concat(Enumerable.Range(1, 20).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        await IsRefusedWithinAsync("-", bomb, "more values or longer texts than an API server takes");
    }

    [Fact]
    public async Task A_whole_cluster_of_Jobs_is_checked_in_one_go()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("jobs.yaml", string.Concat(Enumerable.Repeat(Job + "---\n", 20_000)));
        var (exitCode, output, errors) = await RunAsync(null, "-f", file);
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.EndsWith("\n20000 Pod templates, 0 problems\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--file", "x")]
    [InlineData("--check", "-f", "x", "--known", "off")]
    [InlineData("--check", "-f", "x", "--", "true")]
    [InlineData("--check", "-f")]
    public async Task What_contradicts_it_is_a_usage_error(params string[] arguments)
    {
        await using var proa = RunningProcess.Start([Executables.Proa, .. arguments], RunningProcess.TextLog);
        await proa.FailsAsync(125, "-f");
    }

    private static async Task FailsAsync(string file, string why, byte[]? content = null)
    {
        if (content is not null) await File.WriteAllBytesAsync(file, content, TestContext.Current.CancellationToken);
        await using var proa = RunningProcess.Start([Executables.Proa, "--check", "-f", file], RunningProcess.TextLog);
        await proa.FailsAsync(125, $"cannot read {file}: ", why, "helm template . | proa --check -f -");
    }

    /// <summary>The kernel keeps the peak of what was resident.</summary>
    private static async Task IsRefusedWithinAsync(string file, string? input, string why)
    {
        const string measure = """
            import resource, subprocess, sys
            code = subprocess.call(sys.argv[1:])
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
            sys.exit(code)
            """;
        using var proa = Process.Start(new ProcessStartInfo("python3", ["-c", measure, Executables.Proa, "--check", "-f", file])
        {
            RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true,
        })!;
        var errors = proa.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = proa.StandardOutput.BaseStream.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        try
        {
            await proa.StandardInput.WriteAsync(input);
            proa.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has refused it already.
        }

        await proa.WaitForExitAsync(TestContext.Current.CancellationToken);
        await output;
        var text = await errors;
        Assert.Contains(why, text, StringComparison.Ordinal);
        Assert.Equal(125, proa.ExitCode);
        var kilobytes = int.Parse(text.TrimEnd().Split('\n')[^1], CultureInfo.InvariantCulture);
        Assert.True(kilobytes < 64 * 1024, $"it took {kilobytes} kB");
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string? input, params string[] arguments)
    {
        await using var proa = RunningProcess.Start([Executables.Proa, "--check", .. arguments, "--log-format", "text"]);
        if (input is not null) await proa.TypeAsync(input);
        proa.CloseInput();
        return await proa.ResultAsync();
    }
}
