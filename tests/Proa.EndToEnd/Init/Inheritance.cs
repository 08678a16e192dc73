using System.Text;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Init;

/// <summary>
/// <c>puppet report</c> writes down all that a process can see of how it was started. Under proa it must be the same, but for the
/// process group, which is main's own.
/// </summary>
public sealed class Inheritance : IDisposable
{
    private const string OwnGroup = "leads its process group=1";

    private readonly TemporaryDirectory _directory = new();

    public Inheritance() => File.SetUnixFileMode(_directory.Path, (UnixFileMode)0x1ff);

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("nothing special")]
    [InlineData("HUP ignored, as by nohup", "ignore=1")]
    [InlineData("PIPE, CHLD and INT ignored", "ignore=13,17,2")]
    [InlineData("PIPE and CHLD at their defaults", "default=13,17")]
    [InlineData("everything ignored", "ignore=all")]
    [InlineData("nothing ignored", "default=all")]
    [InlineData("some signals blocked", "block=1,10,13,17,34,35,64")]
    [InlineData("every signal blocked", "block=all")]
    [InlineData("libc's signals blocked", "block=32,33")]
    [InlineData("umask 027", "umask=027")]
    [InlineData("umask 777", "umask=777")]
    [InlineData("nice 5", "nice=5")]
    [InlineData("a low limit of open files", "limit=7:64:128")]
    [InlineData("an uneven limit of open files", "limit=7:1021:2039")]
    [InlineData("room for two more descriptors", "limit=7:8:8", "close-from=3")]
    [InlineData("no core dumps", "limit=4:0:0")]
    [InlineData("a small stack", "limit=3:1048576:2097152")]
    [InlineData("little address space", "limit=9:2000000000:2000000000")]
    [InlineData("no locked memory", "limit=8:0:0")]
    [InlineData("no file size", "limit=1:100000:100000")]
    [InlineData("few pending signals", "limit=11:1:1")]
    [InlineData("little CPU time", "limit=0:1000:2000")]
    [InlineData("no more descriptors than the standard ones", "close-from=3")]
    [InlineData("a descriptor 3", "read=3:/dev/null")]
    [InlineData("descriptors 3, 4, 5, 7 and 63", "read=3:/dev/null", "read=4:/dev/zero", "write=5:/dev/full", "read=7:/etc/passwd", "read=63:/etc/hosts")]
    [InlineData("stdin closed", "close=0", "close-from=3")]
    [InlineData("stdout closed", "close=1", "close-from=3")]
    [InlineData("stderr closed", "close=2", "close-from=3")]
    [InlineData("all closed", "close-from=0")]
    [InlineData("all closed but 4", "close-from=0", "read=4:/dev/null")]
    [InlineData("another working directory", "cwd=%")]
    [InlineData("a working directory that has been removed", "deleted-cwd=%/gone")]
    [InlineData("arguments that are empty or not UTF-8", "argument=", "argument=ff00", "argument=c328", "argument=20", "argument=", "argument=2d2d")]
    [InlineData("variables that are not UTF-8", "variable=413dff", "variable=ff3dfe", "variable=c328")]
    [InlineData("variables twice, without a name, without a value", "variable=413d31", "variable=413d32", "variable=3d3d", "variable=42", "variable=")]
    [InlineData("proa's own variables", "variable=50524f415f4c4f473d7761726e", "variable=50524f415f5349474e414c5f47524f55503d31")]
    [InlineData("no variables", "no-variables")]
    [InlineData("very many variables", "no-variables", "variables-of-size=1900000")]
    [InlineData("no new privileges", "no-new-privs")]
    [InlineData("an OOM score", "oom-score-adj=500")]
    [InlineData("a core dump filter", "coredump-filter=0x13")]
    [InlineData("batch scheduling", "batch")]
    [InlineData("one CPU", "cpu=0")]
    [InlineData("idle I/O", "idle-io")]
    [InlineData("no address space randomization", "personality")]
    [InlineData("a timer slack", "timer-slack=100000")]
    [InlineData("no huge pages", "no-huge-pages")]
    public async Task Main_is_started_as_without_proa(string condition, params string[] settings)
    {
        Assert.NotEmpty(condition);
        await ComparesAsync([.. settings.Select(setting => setting.Replace("%", _directory.Path, StringComparison.Ordinal))]);
    }

    [Fact]
    public async Task Main_has_the_user_the_groups_and_the_capabilities_that_proa_was_given()
    {
        Executables.RequireRoot("become another user");
        await using (var probe = RunningProcess.Start(Init.Puppet(["under", "user=65534", "--", .. Init.Puppet("exit", "0")])))
            Assert.SkipUnless(await probe.ExitCodeAsync() == 0, "another user cannot run a program from this directory");
        await ComparesAsync("user=65534");

        Executables.Require("setpriv", "util-linux");
        string[] setpriv =
        [
            "setpriv", "--no-new-privs", "--reuid=65534", "--regid=65534", "--groups=1,2,3",
            "--inh-caps=-all,+kill", "--ambient-caps=-all,+kill", "--bounding-set=-all,+kill,+chown",
        ];
        AssertSame(await ReportAsync(setpriv), await ReportAsync([.. setpriv, .. Init.Proa()]));
    }

    [Fact]
    public async Task Main_is_started_by_PID_1_as_without_proa()
    {
        // PID 1 of two namespaces: the namespaces themselves differ, and without proa main leads no group. The signal at the
        // parent's death is how the test makes sure that PID 1 does not outlive it.
        var with = await ReportAsync(Init.AsPid1(Init.Proa()));
        var without = await ReportAsync(Init.AsPid1());
        Assert.Equal(without.Where(Comparable), with.Where(Comparable));

        static bool Comparable(string line) => !line.StartsWith("pid=", StringComparison.Ordinal) && !line.StartsWith("mnt=", StringComparison.Ordinal)
            && !line.StartsWith("leads", StringComparison.Ordinal) && !line.StartsWith("parent death", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Mains_stdin_is_untouched(How how)
    {
        await using var main = Init.Start(how, Init.Proa("cat"));
        var text = string.Concat(Enumerable.Range(0, 1000).Select(i => $"line {i}\n"));
        await main.TypeAsync(text);
        main.CloseInput();
        Assert.Equal(text, await main.SucceedsAsync());
    }

    [Fact]
    public async Task Main_that_writes_into_a_pipe_that_nobody_reads_is_ended_by_SIGPIPE()
    {
        await using var main = RunningProcess.Start(
            Init.Puppet(["under", "default=13", "--", "bash", "-c", "\"$@\" | head -n 1; echo ${PIPESTATUS[0]}", "bash", .. Init.Proa("yes")]));
        Assert.Equal("y\n141\n", await main.SucceedsAsync());
    }

    [Fact]
    public async Task What_main_closes_is_closed_and_not_held_open_by_proa()
    {
        await using var main = Init.Start(How.Process, Init.Proa("sh", "-c", "echo one; exec >&-; read line; exit 4"));
        // The end of the output comes while main runs.
        Assert.Equal(["one"], await main.RestOfLinesAsync());
        main.CloseInput();
        Assert.Equal(4, await main.ExitCodeAsync());
    }

    private async Task ComparesAsync(params string[] settings)
    {
        string[] under = Init.Puppet(["under", .. settings, "--"]);
        AssertSame(await ReportAsync(under), await ReportAsync([.. under, .. Init.Proa()]));
    }

    private static void AssertSame(string[] without, string[] with)
    {
        Assert.Contains(OwnGroup, with);
        Assert.Equal(without.Where(line => !line.StartsWith("leads", StringComparison.Ordinal)), with.Where(line => line != OwnGroup));
    }

    /// <summary>Runs <c>puppet report</c> on files instead of pipes, which have names of their own each time.</summary>
    private async Task<string[]> ReportAsync(string[] starter)
    {
        var report = _directory["report"];
        File.WriteAllText(report, "");
        File.SetUnixFileMode(report, (UnixFileMode)0x1b6);
        File.WriteAllText(_directory["input"], "not read");
        // What this process has open is none of a test's.
        string[] files = ["close-from=3", $"read=0:{_directory["input"]}", $"write=1:{_directory["output"]}", $"write=2:{_directory["errors"]}"];
        await using var process = RunningProcess.Start(Init.Puppet(["under", .. files, "--", .. starter, .. Init.Puppet("report", report)]));
        Assert.Equal(0, await process.ExitCodeAsync());
        Assert.Equal("", File.ReadAllText(_directory["errors"]));
        var lines = File.ReadAllLines(report, Encoding.Latin1);
        Assert.NotEmpty(lines);
        return lines;
    }
}
