using System.Text;
using Proa.EndToEnd.Init;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Running;

/// <summary><c>--env-file</c>.</summary>
public sealed class EnvFiles : IDisposable
{
    private static readonly string[] _printEnvironment = ["sh", "-c", "tr '\\0' '\\n' </proc/$$/environ"];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Main_gets_the_files_variables_beside_those_that_are_set_which_win(How how)
    {
        var first = _directory.Write("first", "# comment\nexport ONE=1\nGIVEN=file\nTWO=\"$ONE\n$GIVEN\"\n");
        var second = _directory.Write("second", "ONE=2\nTHREE='$ONE' # comment\nFOUR=${ONE}");
        await using var main = Init.Init.Start(
            how,
            [
                "env", "-i", $"PATH={Environment.GetEnvironmentVariable("PATH")}", "GIVEN=given",
                Executables.Proa, "--no-wait", "--env-file", first, $"--env-file={second}", "--", .. _printEnvironment,
            ]);
        Assert.EndsWith("\nGIVEN=given\nONE=1\nTWO=1\nfile\nTHREE=$ONE\nFOUR=2\n", await main.SucceedsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_override_the_file_wins()
    {
        var file = _directory.Write("file", "GIVEN=file\n");
        await using var main = RunningProcess.Start(
            [Executables.Proa, "--no-wait", "--env-file", file, "--env-file-override", "--", "sh", "-c", "echo $GIVEN"],
            new Dictionary<string, string?> { ["GIVEN"] = "given" });
        Assert.Equal("file\n", await main.SucceedsAsync());
    }

    [Fact]
    public async Task Every_byte_reaches_main_of_the_file_and_of_the_environment_that_proa_was_given()
    {
        byte[] bytes = [.. Enumerable.Range(1, 255).Select(i => (byte)i).Where(b => b is not ((byte)'\'' or (byte)'\\' or (byte)'\r'))];
        var file = _directory["file"];
        await File.WriteAllBytesAsync(file, [.. "FILE='"u8, .. bytes, .. "'\n"u8], TestContext.Current.CancellationToken);
        byte[] given = [.. "GIVEN="u8, .. bytes];
        await using var main = RunningProcess.Start(
            Init.Init.Puppet(
                "under", $"variable={Convert.ToHexString(given)}", "--", Executables.Proa, "--no-wait", "--env-file", file, "--", "cat", "/proc/self/environ"));
        var entries = (await main.SucceedsAsync()).Split('\0');
        var text = Encoding.Latin1.GetString(bytes);
        Assert.Contains("GIVEN=" + text, entries);
        Assert.Contains("FILE=" + text, entries);
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task A_sidecar_may_write_the_file_before_it_is_ready(How how)
    {
        await using var pod = await PodOnPaper.StartAsync();
        await using var process = pod.StartCommand(
            how, [.. pod.Proa()[..^1], "--env-file", _directory["secrets"], "--", "sh", "-c", "echo $PASSWORD"]);
        await pod.WaitsAsync(process);
        _directory.Write("secrets", "PASSWORD=s3cret");
        pod.MakeReady();
        await pod.AskedAsync();
        pod.EndSidecar();
        var (exitCode, output, errors) = await process.ResultAsync();
        Assert.Equal((0, "s3cret\n"), (exitCode, output));
        Assert.DoesNotContain("s3cret", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_main_runs_proa_keeps_nothing_of_it_in_a_file()
    {
        var file = _directory.Write("file", "PASSWORD=s3cret");
        await using var main = RunningProcess.Start([Executables.Proa, "--no-wait", "--env-file", file, "--", "sh", "-c", "echo $PASSWORD; read line"]);
        Assert.Equal("s3cret", await main.NextLineAsync());
        var files = Directory.GetFiles($"/proc/{main.Id}/fd");
        foreach (var path in files.Where(path => new FileInfo(path).LinkTarget?.StartsWith("/memfd:", StringComparison.Ordinal) == true))
        {
            await using var memory = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            Assert.Equal(0, memory.Length);
        }

        Assert.Single(ProcFile.Children(main.Id));
    }

    [Fact]
    public async Task The_command_is_looked_for_in_the_PATH_of_the_file()
    {
        _directory.WriteProgram("only-here", "#!/bin/sh\necho main runs\n");
        var file = _directory.Write("file", $"PATH={_directory.Path}:$PATH");
        string[] proa = [Executables.Proa, "--no-wait", "--env-file", file, "--env-file-override", "--"];
        await using (var main = RunningProcess.Start([.. proa, "only-here"])) await main.RunsMainAsync();
        await using var missing = RunningProcess.Start([.. proa, "nowhere"]);
        await missing.FailsAsync(127, $"not found in PATH ({_directory.Path}:");
    }

    [Theory]
    [InlineData("A=1\nB!=s3cret", 2)]
    [InlineData("A=1\n\nB=\"s3cret\n", 3)]
    [InlineData("A='s3cret\n\n'\ns3cret s3cret\nB=1", 4)]
    public async Task A_bad_line_is_named_without_what_is_in_it_and_main_is_not_started(string content, int line)
    {
        var file = _directory.Write("file", content);
        await using var proa = RunningProcess.Start([Executables.Proa, "--no-wait", "--log-level=trace", "--env-file", file, "--", "echo", "main"]);
        var errors = await proa.FailsAsync(125, $"cannot start main: {file}, line {line}: ", "its syntax is godotenv's");
        Assert.DoesNotContain("s3cret", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_named_and_main_is_not_started()
    {
        var large = _directory.Write("large", "A='" + new string('x', 1024 * 1024) + "'");
        foreach (var (file, problem) in ((string, string)[])
        [
            (_directory["missing"], "it does not exist"), (_directory.Path, "it is a directory"), (large, "it is larger than 1 MiB"),
        ])
        {
            await using var proa = RunningProcess.Start([Executables.Proa, "--no-wait", "--env-file", file, "--", "echo", "main"]);
            await proa.FailsAsync(125, $"cannot start main: cannot read {file}, given with --env-file: {problem}");
        }
    }

    [Fact]
    public async Task It_is_the_containers_last_word_too()
    {
        Executables.RequireRoot("mount a file system over /dev");
        const string script = "mount -t tmpfs none /dev; touch /dev/termination-log; \"$@\" || echo $?; cat /dev/termination-log";
        await using var proa = RunningProcess.Start(
            ["unshare", "--mount", "sh", "-c", script, "sh", Executables.Proa, "--no-wait", "--env-file=/missing", "--", "echo", "main"]);
        Assert.StartsWith("125\nproa: cannot start main: cannot read /missing", (await proa.ResultAsync()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_environment_cannot_be_handed_over_main_is_not_started_without_it()
    {
        var file = _directory.Write("file", "A=1");
        await using var proa = RunningProcess.Start(
            [Executables.Launch, "--deny", "memfd_create=EPERM", Executables.Proa, "--no-wait", "--env-file", file, "--", "echo", "main"]);
        await proa.FailsAsync(125, "cannot pass on its environment: no memory file", "--env-file needs memfd_create(2)");
    }

    [Fact]
    public async Task A_signal_ends_proa_while_the_file_is_being_read()
    {
        await using var fifo = RunningProcess.Start(["mkfifo", _directory["fifo"]]);
        Assert.Equal(0, await fifo.ExitCodeAsync());
        await using var proa = RunningProcess.Start([Executables.Proa, "--no-wait", "--env-file", _directory["fifo"], "--", "echo", "main"]);
        // It opens the FIFO for reading only when it has come that far.
        await using (var writer = new FileStream(_directory["fifo"], FileMode.Open, FileAccess.Write)) proa.Send(Signal.TERM);
        await proa.FailsAsync(143);
    }

    [Fact]
    public async Task A_value_without_a_name_is_skipped_with_a_warning()
    {
        var file = _directory.Write("file", "A=1\ns3cret");
        await using var proa = RunningProcess.Start([Executables.Proa, "--no-wait", "--env-file", file, "--", "sh", "-c", "echo $A"], RunningProcess.TextLog);
        Assert.Equal((0, "1\n", $"proa: warning: {file}, line 2: a value without a name is skipped\n"), await proa.ResultAsync());
    }
}
