using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Commands;

public sealed class Install : IDisposable
{
    private const UnixFileMode Everyones = (UnixFileMode)0b111_101_101;
    private const string Remedy = "mount a volume there that this user may write to, such as an emptyDir";

    private static readonly Dictionary<string, string?> _text = new() { ["PROA_LOG_FORMAT"] = "text" };

    private readonly TemporaryDirectory _directory = new();

    public Install() => File.SetUnixFileMode(_directory.Path, Everyones);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_installed_file_is_the_same_byte_for_byte_and_everyone_may_execute_it()
    {
        var path = _directory["proa"];
        await using (var proa = RunningProcess.Start(["sh", "-c", "umask 077; exec \"$0\" --install \"$1\"", Executables.Proa, path], _text))
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
    public async Task A_relative_path_is_from_the_working_directory(string path)
    {
        Directory.CreateDirectory(_directory["bin"]);
        await using var proa = RunningProcess.Start(["sh", "-c", "cd \"$1\" && exec \"$0\" --install \"$2\"", Executables.Proa, _directory.Path, path], _text);
        Assert.Equal(0, await proa.ExitCodeAsync());
        AssertInstalled(_directory["proa"]);
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
    [InlineData("/none/proa", "cannot install %/none/proa: no file can be made in %/none: is it there?")]
    [InlineData("/file/proa", "cannot install %/file/proa: no file can be made in %/file: is it there?")]
    public async Task A_path_that_cannot_be_a_file_is_named_with_the_reason(string path, string problem)
    {
        _directory.Write("file", "");
        await FailsAsync([Executables.Proa, "--install", _directory.Path + path], problem.Replace("%", _directory.Path, StringComparison.Ordinal), "");
        Assert.Equal([_directory["file"]], Directory.GetFileSystemEntries(_directory.Path));
    }

    [Theory]
    [InlineData("--install has an empty name", "give a name", "--install", "")]
    [InlineData("--install has an empty name", "give a name", "--install=")]
    [InlineData("option --install needs an argument", "write --install PATH", "--install")]
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
        await using var proa = RunningProcess.Start([Executables.Proa, "--check", "--no-wait", "--install", _directory["proa"]], _text);
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
        await using var shell = RunningProcess.Start([.. apart, "sh", "-ec", script, Executables.Proa, _directory.Path, options, then], _text);
        Assert.Equal((125, "proa\nolder\n", $"proa: error: cannot install {_directory.Path}/proa: {reason}\nproa: hint: {Remedy}\n"), await shell.ResultAsync());
    }

    [Fact]
    public async Task An_image_that_has_nothing_else_is_enough()
    {
        Executables.RequireRoot("make a root directory of one's own");
        await Copy.OfAsync(Executables.Proa, _directory["proa"]);
        foreach (var name in (string[])["proc", "shared"]) Directory.CreateDirectory(_directory[name]);
        await using var proa = RunningProcess.Start(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", "mount -t proc proc \"$0/proc\"; exec chroot \"$0\" /proa --install /shared/proa", _directory.Path], _text);
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

    private static async Task InstallsAsync(string path, string? by = null)
    {
        await using var proa = RunningProcess.Start([by ?? Executables.Proa, "--install", path], _text);
        Assert.Equal((0, "", $"proa: installed {path}\n"), await proa.ResultAsync());
    }

    private static async Task FailsAsync(string[] command, string problem, string hint)
    {
        await using var proa = RunningProcess.Start(command, _text);
        var (exitCode, output, errors) = await proa.ResultAsync();
        Assert.Equal((125, ""), (exitCode, output));
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
