using System.Diagnostics;
using System.Text;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Init;

/// <summary>A program that is written while another test starts a process could be "busy": these tests run alone.</summary>
[CollectionDefinition(nameof(Start), DisableParallelization = true)]
public sealed class StartAlone;

/// <summary>Each command is also given to libc's execvp: proa must come to the same result.</summary>
[Collection(nameof(Start))]
public sealed class Start : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public Start()
    {
        _directory.WriteProgram("bin/program", "#!/bin/sh\necho program \"$@\"\nexit 3\n");
        _directory.WriteProgram("bin/plain", "echo plain \"$@\"\nexit 4\n");
        _directory.WriteProgram("bin/empty", "");
        _directory.WriteProgram("bin/interpreter-gone", "#!/no/such/interpreter\n");
        _directory.WriteProgram("bin/interpreter-no-program", $"#!{_directory["bin/not-executable"]}\n");
        _directory.WriteProgram("bin/garbage", "\u007fELF\u0002\u0001\u0001 and nothing else");
        _directory.Write("bin/not-executable", "#!/bin/sh\n");
        _directory.Write("bin/hidden", "#!/bin/sh\n");
        _directory.Write("bin/program-too", "#!/bin/sh\n");
        _directory.WriteProgram("second/hidden", "#!/bin/sh\necho second\n");
        _directory.WriteProgram("second/program", "#!/bin/sh\necho wrong one\n");
        _directory.Write("second/no-directory", "");
        Directory.CreateDirectory(_directory["bin/directory"]);
        Directory.CreateDirectory(_directory["second/directory"]);
        File.CreateSymbolicLink(_directory["bin/dangling"], "/no/such/file");
        File.CreateSymbolicLink(_directory["bin/loop"], "loop");
        File.CreateSymbolicLink(_directory["bin/link"], "program");
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(3, "", "%/bin/program", "a", "b c", "")]
    [InlineData(3, "%/bin", "program", "a", "b c", "")]
    [InlineData(3, "%/bin", "link")]
    [InlineData(4, "%/bin", "plain", "a", "b c", "")]
    [InlineData(4, "", "%/bin/plain")]
    [InlineData(0, "", "%/bin/empty")]
    [InlineData(0, "%/bin:%/second", "hidden")]
    [InlineData(3, "%/no:%/second/no-directory:%/bin:%/second", "program")]
    [InlineData(3, ":%/second", "program")]
    [InlineData(3, "%/no:", "program")]
    [InlineData(3, "%/no::%/second", "program")]
    [InlineData(3, ".", "program")]
    [InlineData(3, "", "program")]
    [InlineData(3, "%/second", "./program")]
    [InlineData(3, null, "./program")]
    [InlineData(0, null, "true")]
    [InlineData(127, null, "no-such-program")]
    [InlineData(127, "%/bin", "no-such-program")]
    [InlineData(127, "", "no-such-program")]
    [InlineData(127, "%/bin", "./no-such-program")]
    [InlineData(127, "%/bin", "%/no/such/program")]
    [InlineData(127, "%/bin", "")]
    [InlineData(127, "%/bin", "dangling")]
    [InlineData(127, "%/bin", "%/bin/dangling")]
    [InlineData(127, "%/bin", "interpreter-gone")]
    [InlineData(127, "", "%/bin/interpreter-gone")]
    [InlineData(126, "", "%/bin/interpreter-no-program")]
    [InlineData(126, "", "%/bin/not-executable")]
    [InlineData(126, "%/bin", "not-executable")]
    [InlineData(126, "%/bin:%/no", "not-executable")]
    [InlineData(126, "", "%/bin/directory")]
    [InlineData(126, "", "%/bin/")]
    [InlineData(126, "", "/")]
    [InlineData(126, "%/bin", "directory")]
    [InlineData(126, "%/bin:%/second", "directory")]
    [InlineData(126, "%/bin", "loop")]
    [InlineData(126, "", "%/bin/loop")]
    [InlineData(126, "", "%/bin/program/below-a-file")]
    public async Task A_command_is_found_and_started_as_execvp_does_it(int exitCode, string? path, string command, params string[] arguments)
    {
        await ComparesAsync(exitCode, path, command, arguments);
    }

    [Fact]
    public async Task A_program_of_another_machine_ends_as_execvp_would_have_it()
    {
        await ComparesAsync(null, null, _directory["bin/garbage"]);
    }

    [Fact]
    public async Task A_name_that_is_too_long_gives_126()
    {
        await ComparesAsync(126, "%/bin", new string('x', 300));
        await ComparesAsync(126, "%/bin", "./" + new string('x', 300));
        await ComparesAsync(126, "%/bin", "/" + string.Join("/", Enumerable.Repeat("x", 3000)));
    }

    [Fact]
    public async Task A_program_that_is_open_for_writing_gives_126()
    {
        using var file = File.Open(_directory["bin/program"], FileMode.Open, FileAccess.ReadWrite);
        await ComparesAsync(126, "%/bin", "program");
    }

    [Fact]
    public async Task A_directory_on_the_way_that_may_not_be_searched_gives_126()
    {
        Executables.RequireRoot("become another user");
        File.SetUnixFileMode(_directory.Path, (UnixFileMode)0x1ed);
        File.SetUnixFileMode(_directory["bin"], (UnixFileMode)0x1c0);
        await ComparesAsync(126, "", "%/bin/program", [], "user=65534");
        await ComparesAsync(126, "%/bin", "program", [], "user=65534");
        // As with the shell, a later directory of PATH counts.
        await ComparesAsync(0, "%/bin:%/second", "program", [], "user=65534");
        await ComparesAsync(126, "%/bin:%/second", "no-such-program", [], "user=65534");
    }

    [Fact]
    public async Task A_file_system_without_exec_gives_126()
    {
        Executables.RequireRoot("mount a file system");
        foreach (var start in (string[][])[Init.Puppet("execvp"), Init.Proa()])
        {
            string[] mount =
            [
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs -o noexec none \"$1\" && cp /bin/true \"$1\" && cd \"$1\" && shift && exec \"$@\" ./true",
                "sh",
                _directory["second"],
            ];
            await using var process = RunningProcess.Start([.. mount, .. start]);
            Assert.Equal(126, await process.ExitCodeAsync());
        }
    }

    [Fact]
    public async Task Arguments_that_become_too_long_with_the_interpreters_give_126()
    {
        // Their paths are of one length, so that only the interpreter's argument makes the difference.
        var script = _directory.WriteProgram("bin/long", $"#!/bin/sh -{new string('e', 230)}\n:\n");
        var fine = _directory.WriteProgram("bin/fine", "#!/bin/sh\n:\n");
        var (fits, tooLong) = (0, 8_000_000);
        while (tooLong - fits > 1)
        {
            var size = (fits + tooLong) / 2;
            if (await RunAsync(size, fine) == 0) fits = size;
            else tooLong = size;
        }

        await using var main = RunningProcess.Start(Under(fits, script));
        var (exitCode, _, errors) = await main.ResultAsync();
        Assert.Equal(126, exitCode);
        Assert.Contains("its arguments and environment are too long", errors, StringComparison.Ordinal);

        static async Task<int> RunAsync(int size, string command)
        {
            await using var process = RunningProcess.Start(Under(size, command));
            return await process.ExitCodeAsync();
        }

        static string[] Under(int size, string command) => Init.Puppet(["under", "no-variables", $"variables-of-size={size}", "--", .. Init.Proa(command)]);
    }

    [Fact]
    public async Task A_command_and_a_PATH_that_are_not_UTF_8_are_found()
    {
        // The name is the byte ff.
        string[] link = ["sh", "-c", "mkdir \"$(printf '\\376')\" && ln -s ../bin/program \"$(printf '\\376/\\377')\""];
        using (var shell = Process.Start(new ProcessStartInfo(link[0], link[1..]) { WorkingDirectory = _directory.Path })!)
        {
            await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, shell.ExitCode);
        }

        var path = Convert.ToHexString([.. Encoding.UTF8.GetBytes("PATH=" + _directory.Path + "/"), 0xfe]);
        await using var main = RunningProcess.Start(
            Init.Puppet(["under", "no-variables", $"variable={path}", "argument=ff", "argument=fe", "--", .. Init.Proa()]));
        var (exitCode, output, errors) = await main.ResultAsync();
        Assert.Equal((3, "program \u00fe\n", ""), (exitCode, output, errors));
    }

    [Theory]
    [InlineData("no-such-program", "cannot start \"no-such-program\": not found in PATH (/bin)")]
    [InlineData("%/bin/dangling", "it is a link to a file that does not exist")]
    [InlineData("%/bin/interpreter-gone", "is not in the image: /no/such/interpreter")]
    [InlineData("%/bin/directory", "it is a directory")]
    [InlineData("%/bin/not-executable", "permission denied")]
    [InlineData("", "the command is empty")]
    public async Task The_reason_is_said_in_words(string command, string reason)
    {
        await using var main = RunningProcess.Start(Init.Proa(In(command)), new Dictionary<string, string?> { ["PATH"] = "/bin" });
        var (_, output, errors) = await main.ResultAsync();
        Assert.Equal("", output);
        Assert.Contains(reason.Replace("\"", "\\\"", StringComparison.Ordinal), Assert.Single(errors.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_shell_a_script_without_an_interpreter_line_gives_127()
    {
        Executables.RequireRoot("change the root directory");
        foreach (var (name, program) in (ReadOnlySpan<(string, string)>)[("root/proa", Executables.Proa), ("root/puppet", Executables.Puppet)])
        {
            Directory.CreateDirectory(_directory["root"]);
            Executables.Copy(program, _directory[name]);
        }

        _directory.WriteProgram("root/plain", "echo plain\n");
        foreach (var start in (string[][])[["/puppet", "execvp"], ["/proa", "--no-wait", "--"]])
        {
            await using var process = RunningProcess.Start(["unshare", $"--root={_directory["root"]}", .. start, "/plain"]);
            Assert.Equal(127, await process.ExitCodeAsync());
        }
    }

    private async Task ComparesAsync(int? exitCode, string? path, string command, string[]? arguments = null, params string[] settings)
    {
        var variables = new Dictionary<string, string?> { ["PATH"] = path is null ? null : In(path) };
        string[] main = [In(command), .. arguments ?? []];
        string[] under = Init.Puppet(["under", $"cwd={_directory["bin"]}", .. settings, "--"]);
        await using var expected = RunningProcess.Start([.. under, .. Init.Puppet(["execvp", .. main])], variables);
        await using var actual = RunningProcess.Start([.. under, .. Init.Proa(main)], variables);
        var (expectedCode, expectedOutput, expectedErrors) = await expected.ResultAsync();
        var (actualCode, actualOutput, actualErrors) = await actual.ResultAsync();
        Assert.Equal((expectedCode, expectedOutput), (actualCode, actualOutput));
        if (exitCode is not null) Assert.True(exitCode == actualCode, $"{actualCode}: {expectedErrors} {actualErrors}");
    }

    private string In(string text) => text.Replace("%", _directory.Path, StringComparison.Ordinal);
}
