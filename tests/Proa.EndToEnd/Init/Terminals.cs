using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Init;

/// <summary>On a real terminal: what is typed goes to the puppet's stdin, what appears comes from its stdout.</summary>
public sealed class Terminals
{
    private const string CtrlC = "\u0003";
    private const string CtrlD = "\u0004";
    private const string CtrlZ = "\u001a";
    private const string CtrlBackslash = "\u001c";

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Main_is_in_the_foreground_and_reads_the_terminal(How how)
    {
        await using var terminal = OnTerminal(how, Init.Proa(Init.Puppet("read-tty")));
        await ReadsAsync(terminal);
    }

    [Fact]
    public async Task Main_has_the_session_and_the_controlling_terminal_that_proa_has()
    {
        using var directory = new TemporaryDirectory();
        await using var terminal = OnTerminal(
            How.Process,
            Init.Puppet(["under", "say=started", "--", .. Init.Proa("sh", "-c", "\"$0\" report \"$1\"; read line", Executables.Puppet, directory["report"])]));
        await terminal.SeesAsync("started");
        await ProcFile.UntilAsync(
            () => File.Exists(directory["report"])
                && File.ReadAllLines(directory["report"]).Any(line => line.StartsWith("controlling", StringComparison.Ordinal)));
        var report = File.ReadAllLines(directory["report"]);
        Assert.Contains($"session={ProcFile.Child(terminal.Id)}", report);
        Assert.Contains("controlling terminal=in the foreground", report);
        await terminal.TypeAsync("\n");
        Assert.Equal(0, await terminal.ExitCodeAsync());
    }

    [Theory]
    [InlineData("exit 3", 3)]
    [InlineData("kill -9 $$", 137)]
    public async Task The_terminal_is_given_back_when_main_has_ended(string main, int exitCode)
    {
        await using var terminal = ThenReading(Init.Proa("sh", "-c", main));
        await terminal.SeesAsync($"exit code {exitCode}");
        await ReadsAsync(terminal);
    }

    [Fact]
    public async Task The_terminal_is_given_back_when_main_could_not_be_started()
    {
        await using var terminal = ThenReading(Init.Proa("/no/such/program"));
        await terminal.SeesAsync("exit code 127");
        await ReadsAsync(terminal);
    }

    [Theory]
    [InlineData(How.Process, CtrlC, Signal.INT)]
    [InlineData(How.Pid1, CtrlC, Signal.INT)]
    [InlineData(How.Process, CtrlBackslash, Signal.QUIT)]
    [InlineData(How.Pid1, CtrlBackslash, Signal.QUIT)]
    public async Task A_key_that_signals_reaches_main_once(How how, string key, int signal)
    {
        await using var terminal = OnTerminal(how, Init.Proa(Init.Puppet("signals", $"{Signal.TERM}")));
        await OnceAsync(terminal, how, key, signal);
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Ctrl_C_reaches_main_once_where_stdin_is_not_the_terminal(How how)
    {
        await using var terminal = OnTerminal(how, Init.Puppet(["under", "read=0:/dev/null", "--", .. Init.Proa(Init.Puppet("signals", $"{Signal.TERM}"))]));
        await OnceAsync(terminal, how, CtrlC, Signal.INT);
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Ctrl_C_ends_main_and_proa_with_130(How how)
    {
        await using var terminal = OnTerminal(how, Init.Proa("cat"));
        await EchoesAsync(terminal, "one");
        await terminal.TypeAsync(CtrlC);
        Assert.Equal(130, await terminal.ExitCodeAsync());
    }

    [Fact]
    public async Task Ctrl_Z_stops_proa_and_main_and_fg_continues_both()
    {
        await using var terminal = OnTerminal(How.Process, Init.Puppet(["jobs", .. Init.Proa("cat")]));
        await EchoesAsync(terminal, "one");
        var proa = ProcFile.Child(ProcFile.Child(terminal.Id));
        var main = ProcFile.Child(proa);
        for (var i = 0; i < 5; i++)
        {
            await terminal.TypeAsync(CtrlZ);
            await terminal.SeesAsync($"job stopped {Signal.TSTP}");
            Assert.Equal(('T', 'T'), (ProcFile.State(proa), ProcFile.State(main)));
            await ContinuesAsync(terminal, "job continued");
        }

        await EndsAsync(terminal);
    }

    [Theory]
    [InlineData(Signal.TSTP)]
    [InlineData(Signal.TTIN)]
    [InlineData(Signal.TTOU)]
    public async Task A_stop_signal_from_outside_stops_main_and_proa_and_CONT_continues_both(int signal)
    {
        await using var terminal = OnTerminal(How.Process, Init.Puppet(["jobs", .. Init.Proa("cat")]));
        await EchoesAsync(terminal, "one");
        var proa = ProcFile.Child(ProcFile.Child(terminal.Id));
        var main = ProcFile.Child(proa);
        Libc.Send(proa, signal);
        await terminal.SeesAsync($"job stopped {signal}");
        Assert.Equal(('T', 'T'), (ProcFile.State(proa), ProcFile.State(main)));
        await ContinuesAsync(terminal, "job continued");
        await EndsAsync(terminal);
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task Ctrl_Z_does_not_stop_main_for_ever_where_no_shell_could_continue_it(How how)
    {
        await using var terminal = OnTerminal(how, Init.Proa("cat"));
        await EchoesAsync(terminal, "one");
        await terminal.TypeAsync(CtrlZ);
        await EchoesAsync(terminal, "two");
        await EndsAsync(terminal);
    }

    [Fact]
    public async Task Under_an_interactive_shell_proa_is_a_job_like_any_other()
    {
        await using var terminal = await BashAsync();
        await terminal.TypeAsync("$PROA cat\n");
        await EchoesAsync(terminal, "one");
        await StopsAsync(terminal);
        await terminal.TypeAsync("jobs -l\n");
        await terminal.SeesAsync("Stopped");
        await terminal.SeesAsync("prompt> ");
        await ContinuesAsync(terminal, "cat");
        await terminal.TypeAsync(CtrlC);
        await LeavesShellAfterAsync(terminal, 130);
    }

    [Fact]
    public async Task In_the_background_main_does_not_take_the_terminal_and_gets_it_with_fg()
    {
        await using var terminal = await BashAsync();
        await terminal.TypeAsync("$PROA cat &\n");
        await terminal.SeesAsync("[1]");
        // Whether it has stopped is for the shell to say, the next time that it prompts.
        await terminal.TypeAsync("until jobs | grep Stopped; do :; done\n");
        await terminal.SeesAsync("Stopped");
        await terminal.SeesAsync("Stopped");
        await terminal.SeesAsync("prompt> ");
        await terminal.TypeAsync("fg\n");
        await EchoesAsync(terminal, "one");
        await terminal.TypeAsync(CtrlD);
        await LeavesShellAfterAsync(terminal, 0);
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task An_interactive_shell_works_as_main_with_its_own_job_control(How how)
    {
        await using var terminal = await BashAsync(how, Init.Proa());
        await terminal.TypeAsync("cat\n");
        await EchoesAsync(terminal, "one");
        await StopsAsync(terminal);
        await ContinuesAsync(terminal, "cat");
        await terminal.TypeAsync(CtrlC);
        await LeavesShellAfterAsync(terminal, 130);
        Assert.DoesNotContain("job control", terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Less_works()
    {
        Executables.Require("less", "less");
        using var directory = new TemporaryDirectory();
        var file = directory.Write("text", string.Concat(Enumerable.Range(1, 200).Select(i => $"line {i}.\n")));
        await using var terminal = OnTerminal(How.Process, Init.Proa("env", "TERM=xterm", "less", file));
        await terminal.SeesAsync("line 1.");
        await terminal.TypeAsync("G");
        await terminal.SeesAsync("line 200.");
        await terminal.TypeAsync("q");
        Assert.Equal(0, await terminal.ExitCodeAsync());
    }

    [Fact]
    public async Task Vi_works()
    {
        Executables.Require("vi", "vim-tiny");
        using var directory = new TemporaryDirectory();
        var file = directory.Write("text", "first\n");
        await using var terminal = OnTerminal(How.Process, Init.Proa("env", "TERM=xterm", $"HOME={directory.Path}", "vi", file));
        await terminal.SeesAsync("first");
        await terminal.TypeAsync("ccsecond\u001b:wq\r");
        Assert.Equal(0, await terminal.ExitCodeAsync());
        Assert.Equal("second\n", File.ReadAllText(file));
    }

    private static RunningProcess OnTerminal(How how, params string[] command) =>
        RunningProcess.Start(Init.Puppet(["terminal", .. how == How.Pid1 ? Init.AsPid1(command) : command]));

    /// <summary>A shell without job control, which runs a command and then reads the terminal itself.</summary>
    private static RunningProcess ThenReading(string[] command) =>
        OnTerminal(How.Process, ["sh", "-c", "\"$@\"; echo \"exit code $?\"; exec \"$0\" read-tty", Executables.Puppet, .. command]);

    /// <summary>bash on a terminal, with proa's command line as $PROA.</summary>
    private static async Task<RunningProcess> BashAsync(How how = How.Process, params string[] starter)
    {
        Executables.Require("bash", "bash");
        string[] bash = ["env", "TERM=dumb", "PS1=prompt> ", $"PROA={Executables.Proa} --no-wait --", "bash", "--norc", "--noprofile", "--noediting", "-i"];
        var terminal = OnTerminal(how, [.. starter, .. bash]);
        await terminal.SeesAsync("prompt> ");
        return terminal;
    }

    /// <summary>Types a line into cat: it appears as it is typed, and as cat writes it.</summary>
    private static async Task EchoesAsync(RunningProcess terminal, string text)
    {
        await terminal.TypeAsync(text + "\n");
        await terminal.SeesAsync(text);
        await terminal.SeesAsync(text);
    }

    /// <summary>The puppet that is in the foreground reads a line.</summary>
    private static async Task ReadsAsync(RunningProcess terminal)
    {
        await terminal.SeesAsync("in the foreground");
        await terminal.TypeAsync("hello\n");
        await terminal.SeesAsync("read hello");
        Assert.Equal(0, await terminal.ExitCodeAsync());
    }

    /// <summary>Ctrl-Z stops bash's job.</summary>
    private static async Task StopsAsync(RunningProcess terminal)
    {
        await terminal.TypeAsync(CtrlZ);
        await terminal.SeesAsync("Stopped");
        await terminal.SeesAsync("prompt> ");
    }

    /// <summary>The stopped job, which is cat, goes on, and whoever controls it says so.</summary>
    private static async Task ContinuesAsync(RunningProcess terminal, string said)
    {
        await terminal.TypeAsync("fg\n");
        await terminal.SeesAsync(said);
        await EchoesAsync(terminal, "two");
    }

    /// <summary>cat ends with its input, and all with it.</summary>
    private static async Task EndsAsync(RunningProcess terminal)
    {
        await terminal.TypeAsync(CtrlD);
        Assert.Equal(0, await terminal.ExitCodeAsync());
    }

    /// <summary>bash's job has ended with this exit code.</summary>
    private static async Task LeavesShellAfterAsync(RunningProcess terminal, int exitCode)
    {
        await terminal.SeesAsync("prompt> ");
        await terminal.TypeAsync("echo code $?\n");
        await terminal.SeesAsync($"code {exitCode}");
        await terminal.TypeAsync("exit 5\n");
        Assert.Equal(5, await terminal.ExitCodeAsync());
    }

    private static async Task OnceAsync(RunningProcess terminal, How how, string key, int signal)
    {
        await terminal.SeesAsync("ready");
        var proa = ProcFile.Child(terminal.Id);
        if (how == How.Pid1) proa = ProcFile.Child(proa);
        await terminal.TypeAsync(key);
        await terminal.SeesAsync($"signal {signal}\r\n");
        // A second one would be forwarded before this.
        Libc.Send(proa, Signal.USR1);
        await terminal.SeesAsync("signal 10\r\n");
        Libc.Send(proa, Signal.TERM);
        Assert.Equal(0, await terminal.ExitCodeAsync());
        Assert.Equal(2, terminal.Output.Split($"signal {signal}\r\n").Length);
    }
}
