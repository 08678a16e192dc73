using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Commands;

public sealed class Install : IDisposable
{
    private const UnixFileMode Everyones = (UnixFileMode)0b111_101_101;
    private const string Remedy = "mount a volume there that this user may write to, such as an emptyDir";

    private readonly TemporaryDirectory _directory = new();

    public Install() => File.SetUnixFileMode(_directory.Path, Everyones);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_installed_file_is_the_same_byte_for_byte_and_everyone_may_execute_it()
    {
        var path = _directory["proa"];
        await using (var proa = RunningProcess.Start(["sh", "-c", "umask 077; exec \"$0\" --install \"$1\"", Executables.Proa, path], RunningProcess.TextLog))
            Assert.Equal((0, "", $"proa: installed {path}\n"), await proa.ResultAsync());
        AssertInstalled(path);
        Assert.Equal([path], Directory.GetFileSystemEntries(_directory.Path));

        await using var installed = RunningProcess.Start([path, "--version"]);
        await using var original = RunningProcess.Start([Executables.Proa, "--version"]);
        Assert.Equal(await original.SucceedsAsync(), await installed.SucceedsAsync());
        await using var init = RunningProcess.Start([path, "--no-wait", "--", "sh", "-c", "exit 3"]);
        Assert.Equal(3, await init.ExitCodeAsync());
    }

    [Theory]
    [InlineData("proa")]
    [InlineData("./proa")]
    [InlineData("bin/../proa")]
    [InlineData("./-x")]
    public async Task A_relative_path_is_from_the_working_directory(string path)
    {
        Directory.CreateDirectory(_directory["bin"]);
        await using var proa = RunningProcess.Start(
            ["sh", "-c", "cd \"$1\" && exec \"$0\" --install \"$2\"", Executables.Proa, _directory.Path, path],
            RunningProcess.TextLog);
        Assert.Equal(0, await proa.ExitCodeAsync());
        AssertInstalled(_directory[Path.GetFileName(path)]);
    }

    [Fact]
    public async Task An_older_file_stays_whole_for_whoever_has_it_open()
    {
        var path = _directory.Write("proa", "an older one");
        using var older = File.OpenText(path);
        await InstallsAsync(path);
        AssertInstalled(path);
        Assert.Equal("an older one", await older.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Whoever_opens_it_meanwhile_finds_an_older_file_or_the_whole_new_one()
    {
        var path = _directory.Write("proa", "an older one");
        var whole = new FileInfo(Executables.Proa).Length;
        for (var i = 0; i < 5; i++)
        {
            var installing = InstallsAsync(path);
            while (!installing.IsCompleted)
            {
                using var file = File.OpenRead(path);
                Assert.Contains(file.Length, (long[])["an older one".Length, whole]);
            }

            await installing;
        }
    }

    [Fact]
    public async Task A_file_that_runs_is_replaced_and_goes_on_running()
    {
        var path = _directory["proa"];
        await InstallsAsync(path);
        await using var running = RunningProcess.Start([path, "--no-wait", "--", "cat"]);
        await running.TypeAsync("one\n");
        Assert.Equal("one", await running.NextLineAsync());
        await InstallsAsync(path);
        AssertInstalled(path);
        await running.TypeAsync("two\n");
        Assert.Equal("two", await running.NextLineAsync());
        running.CloseInput();
        Assert.Equal(0, await running.ExitCodeAsync());

        // The installed one can install itself, also where it is.
        await InstallsAsync(path, by: path);
        AssertInstalled(path);
    }

    [Theory]
    [InlineData("", "cannot install %: it is a directory")]
    [InlineData("/", "cannot install %/: it is a directory")]
    [InlineData("/none/proa", "cannot install %/none/proa: cannot create a file in %/none: does it exist?")]
    [InlineData("/file/proa", "cannot install %/file/proa: cannot create a file in %/file: does it exist?")]
    public async Task A_path_that_cannot_be_a_file_is_named_with_the_reason(string path, string problem)
    {
        _directory.Write("file", "");
        await FailsAsync([Executables.Proa, "--install", _directory.Path + path], problem.Replace("%", _directory.Path, StringComparison.Ordinal), "");
        Assert.Equal([_directory["file"]], Directory.GetFileSystemEntries(_directory.Path));
    }

    [Theory]
    [InlineData("mkfifo proa", "it is a FIFO")]
    [InlineData("python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"proa\")'", "it is a socket")]
    [InlineData("ln -s /dev/null proa", "it is a link to a character device")]
    [InlineData("mkfifo other && ln -s other proa", "it is a link to a FIFO")]
    [InlineData("ln -s nowhere proa", "it is a link to nothing")]
    [InlineData("ln -s proa proa", "it is a link to nothing")]
    public Task What_is_no_regular_file_is_not_replaced(string make, string what) => IsNotReplacedAsync(make, what);

    [Theory]
    [InlineData("mknod proa c 1 3", "it is a character device")]
    [InlineData("mknod proa b 7 0", "it is a block device")]
    public Task A_device_is_not_replaced(string make, string what)
    {
        Executables.RequireRoot("make a device");
        return IsNotReplacedAsync(make, what);
    }

    [Fact]
    public async Task A_link_to_a_regular_file_is_replaced_and_the_file_stays()
    {
        _directory.Write("older", "an older one");
        File.CreateSymbolicLink(_directory["proa"], "older");
        await InstallsAsync(_directory["proa"]);
        AssertInstalled(_directory["proa"]);
        Assert.Null(File.ResolveLinkTarget(_directory["proa"], returnFinalTarget: false));
        Assert.Equal("an older one", await File.ReadAllTextAsync(_directory["older"], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("HUP")]
    [InlineData("INT")]
    [InlineData("QUIT")]
    [InlineData("TERM")]
    public async Task A_signal_that_ends_it_leaves_no_partial_file(string signal)
    {
        _directory.Write("proa", "an older one");
        await using var proa = InterruptedBy(signal);
        var (exitCode, _, errors) = await proa.ResultAsync();
        Assert.Equal(128 + Array.IndexOf((string[])["", "HUP", "INT", "QUIT", "", "", "", "", "", "", "", "", "", "", "", "TERM"], signal), exitCode);
        Assert.Contains($"proa: error: cannot install {_directory["proa"]}: SIG{signal} interrupted it\n", errors, StringComparison.Ordinal);
        Assert.Equal([_directory["proa"]], Directory.GetFileSystemEntries(_directory.Path));
        Assert.Equal("an older one", await File.ReadAllTextAsync(_directory["proa"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_it_was_told_to_ignore_does_not_end_it()
    {
        await using var proa = InterruptedBy("HUP", Executables.Puppet, "under", "ignore=1", "--");
        Assert.Equal(0, await proa.ExitCodeAsync());
        AssertInstalled(_directory["proa"]);
    }

    [Fact]
    public async Task What_a_killed_run_leaves_the_next_one_removes()
    {
        await using (var killed = InterruptedBy("KILL")) Assert.Equal(137, await killed.ExitCodeAsync());
        Assert.StartsWith(_directory[".proa-partial-"], Assert.Single(Directory.GetFileSystemEntries(_directory.Path)), StringComparison.Ordinal);
        await InstallsAsync(_directory["proa"]);
        Assert.Equal([_directory["proa"]], Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public async Task What_another_run_is_writing_stays()
    {
        var other = _directory.Write(".proa-partial-of.another", "");
        await using var writer = RunningProcess.Start(["flock", other, "sh", "-c", "echo locked; cat"]);
        Assert.Equal("locked", await writer.NextLineAsync());
        await InstallsAsync(_directory["proa"]);
        Assert.True(File.Exists(other));
        writer.CloseInput();
        Assert.Equal(0, await writer.ExitCodeAsync());
        await InstallsAsync(_directory["proa"]);
        Assert.False(File.Exists(other));
    }

    [Fact]
    public async Task Many_runs_at_once_all_succeed_and_leave_one_file()
    {
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => InstallsAsync(_directory["proa"])));
        AssertInstalled(_directory["proa"]);
        Assert.Equal([_directory["proa"]], Directory.GetFileSystemEntries(_directory.Path));
    }

    [Theory]
    [InlineData("--install has an empty name", "give a name", "--install", "")]
    [InlineData("--install has an empty name", "give a name", "--install=")]
    [InlineData("option --install needs an argument", "write --install PATH", "--install")]
    [InlineData(
        "option --install needs an argument, but \"--check\" follows", "write a path that begins with a dash as \"./--check\"", "--install", "--check")]
    [InlineData("--install \"-x\" begins with a dash", "write \"./-x\"", "--install=-x")]
    [InlineData("--install takes no COMMAND", "start COMMAND through the installed file", "--install", "%/proa", "true")]
    [InlineData("--install takes no COMMAND", "start COMMAND through the installed file", "--install", "%/proa", "--", "true")]
    public async Task A_wrong_command_line_installs_nothing(string problem, string hint, params string[] arguments)
    {
        await FailsAsync([Executables.Proa, .. arguments.Select(argument => argument.Replace("%", _directory.Path, StringComparison.Ordinal))], problem, hint);
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public async Task A_check_changes_nothing_and_so_does_not_install()
    {
        await using var proa = RunningProcess.Start([Executables.Proa, "--check", "--no-wait", "--install", _directory["proa"]], RunningProcess.TextLog);
        Assert.Equal(125, await proa.ExitCodeAsync());
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public async Task Where_this_user_may_not_write_it_says_so()
    {
        var proa = await Copy.OfAsync(Executables.Proa, _directory["proa"]);
        File.SetUnixFileMode(proa, Everyones);
        var closed = Directory.CreateDirectory(_directory["closed"], (UnixFileMode)0b101_101_101).FullName;
        string[] nobody = Libc.geteuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
        await FailsAsync([.. nobody, proa, "--install", $"{closed}/proa"], $"cannot install {closed}/proa: permission denied", Remedy);
        Assert.Empty(Directory.GetFileSystemEntries(closed));
    }

    [Theory]
    [InlineData("size=64m", "ro", "read-only file system")]
    [InlineData("size=1m", "rw", "no space left on device")]
    [InlineData("nr_inodes=2", "rw", "no space left on device")]
    public async Task A_volume_that_is_full_or_read_only_is_told_and_keeps_its_older_file_and_nothing_else(string options, string then, string reason)
    {
        await Executables.RequireContainersAsync();
        string[] apart = Libc.geteuid() == 0 ? ["unshare", "--mount"] : ["unshare", "--user", "--map-root-user", "--mount"];
        const string script = """
            mount -t tmpfs -o "$2" none "$1"
            echo older > "$1/proa"
            [ "$3" = rw ] || mount -o remount,bind,ro "$1"
            status=0
            "$0" --install "$1/proa" || status=$?
            ls -A "$1"
            cat "$1/proa"
            exit $status
            """;
        await using var shell = RunningProcess.Start([.. apart, "sh", "-ec", script, Executables.Proa, _directory.Path, options, then], RunningProcess.TextLog);
        Assert.Equal(
            (125, "proa\nolder\n", $"proa: error: cannot install {_directory.Path}/proa: {reason}\nproa: hint: {Remedy}\n"),
            await shell.ResultAsync());
    }

    [Fact]
    public async Task An_image_that_has_nothing_else_is_enough()
    {
        Executables.RequireRoot("make a root directory of one's own");
        await Copy.OfAsync(Executables.Proa, _directory["proa"]);
        foreach (var name in (string[])["proc", "shared"]) Directory.CreateDirectory(_directory[name]);
        await using var proa = RunningProcess.Start(
            [
                "unshare",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "sh",
                "-ec",
                "mount -t proc proc \"$0/proc\"; exec chroot \"$0\" /proa --install /shared/proa",
                _directory.Path,
            ], RunningProcess.TextLog);
        Assert.Equal((0, "", "proa: installed /shared/proa\n"), await proa.ResultAsync());
        AssertInstalled(_directory["shared/proa"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_proc_it_says_that_it_cannot_read_itself(bool isMountPoint)
    {
        Executables.RequireRoot("change the root directory");
        await Copy.OfAsync(Executables.Proa, _directory["proa"]);
        Directory.CreateDirectory(_directory["shared"]);
        if (isMountPoint) Directory.CreateDirectory(_directory["proc"]);
        await FailsAsync(["unshare", $"--root={_directory.Path}", "/proa", "--install", "/shared/proa"], "cannot install /shared/proa: ", "/proc");
        Assert.Empty(Directory.GetFileSystemEntries(_directory["shared"]));
    }

    private async Task IsNotReplacedAsync(string make, string what)
    {
        await using var shell = RunningProcess.Start(["sh", "-ec", "cd \"$0\"; " + make, _directory.Path]);
        await shell.SucceedsAsync();
        var before = await ListAsync();
        await FailsAsync([Executables.Proa, "--install", _directory["proa"]], $"cannot install {_directory["proa"]}: {what}\n", "");
        Assert.Equal(before, await ListAsync());
    }

    /// <summary>All files, with their types and inodes.</summary>
    private async Task<string> ListAsync()
    {
        await using var list = RunningProcess.Start(["ls", "-Ai", "--file-type", _directory.Path]);
        return await list.SucceedsAsync();
    }

    /// <summary>Installs, and is sent the signal when the partial file is complete.</summary>
    private RunningProcess InterruptedBy(string signal, params string[] under)
    {
        Executables.Require("strace", "strace");
        return RunningProcess.Start(
            [
                "strace",
                "--quiet=all",
                "--output=/dev/null",
                "-f",
                "-e",
                $"inject=fsync:signal={signal}:when=1",
                .. under,
                Executables.Proa,
                "--install",
                _directory["proa"],
            ],
            RunningProcess.TextLog);
    }

    private static async Task InstallsAsync(string path, string? by = null)
    {
        await using var proa = RunningProcess.Start([by ?? Executables.Proa, "--install", path], RunningProcess.TextLog);
        Assert.Equal((0, "", $"proa: installed {path}\n"), await proa.ResultAsync());
    }

    private static async Task FailsAsync(string[] command, string problem, string hint)
    {
        await using var proa = RunningProcess.Start(command, RunningProcess.TextLog);
        var errors = await proa.FailsAsync(125);
        Assert.StartsWith("proa: error: " + problem, errors, StringComparison.Ordinal);
        Assert.Contains("\nproa: hint: ", errors, StringComparison.Ordinal);
        Assert.Contains(hint, errors, StringComparison.Ordinal);
    }

    private static void AssertInstalled(string path)
    {
        Assert.Equal(Everyones, File.GetUnixFileMode(path));
        Assert.True(File.ReadAllBytes(Executables.Proa).AsSpan().SequenceEqual(File.ReadAllBytes(path)));
    }
}
