using Proa.Supervision;

namespace Proa.Tests;

public sealed class SignalNamesTests
{
    /// <summary>signal(7), "Signal numbering for standard signals", the column of x86 and ARM.</summary>
    [Theory]
    [InlineData(1, "SIGHUP")]
    [InlineData(2, "SIGINT")]
    [InlineData(3, "SIGQUIT")]
    [InlineData(4, "SIGILL")]
    [InlineData(5, "SIGTRAP")]
    [InlineData(6, "SIGABRT")]
    [InlineData(7, "SIGBUS")]
    [InlineData(8, "SIGFPE")]
    [InlineData(9, "SIGKILL")]
    [InlineData(10, "SIGUSR1")]
    [InlineData(11, "SIGSEGV")]
    [InlineData(12, "SIGUSR2")]
    [InlineData(13, "SIGPIPE")]
    [InlineData(14, "SIGALRM")]
    [InlineData(15, "SIGTERM")]
    [InlineData(16, "SIGSTKFLT")]
    [InlineData(17, "SIGCHLD")]
    [InlineData(18, "SIGCONT")]
    [InlineData(19, "SIGSTOP")]
    [InlineData(20, "SIGTSTP")]
    [InlineData(21, "SIGTTIN")]
    [InlineData(22, "SIGTTOU")]
    [InlineData(23, "SIGURG")]
    [InlineData(24, "SIGXCPU")]
    [InlineData(25, "SIGXFSZ")]
    [InlineData(26, "SIGVTALRM")]
    [InlineData(27, "SIGPROF")]
    [InlineData(28, "SIGWINCH")]
    [InlineData(29, "SIGIO")]
    [InlineData(30, "SIGPWR")]
    [InlineData(31, "SIGSYS")]
    [InlineData(34, "SIGRTMIN")]
    [InlineData(35, "SIGRTMIN+1")]
    [InlineData(64, "SIGRTMIN+30")]
    public void A_signal_has_its_name(int signal, string name) => Assert.Equal(name, Signals.Of(signal));

    [Fact]
    public void TERM_INT_HUP_and_QUIT_are_the_stop_signals() => Assert.Equal([1, 2, 3, 15], Signals.Stop.ToArray());

    [Theory]
    [InlineData(-1, "-1")]
    [InlineData(0, "0")]
    [InlineData(32, "32")]
    [InlineData(33, "33")]
    [InlineData(65, "65")]
    public void What_has_no_name_is_given_as_a_number(int signal, string name) => Assert.Equal(name, Signals.Of(signal));

    [Theory]
    [InlineData("TERM", 15)]
    [InlineData("SIGTERM", 15)]
    [InlineData("term", 15)]
    [InlineData("SigTerm", 15)]
    [InlineData("15", 15)]
    [InlineData("1", 1)]
    [InlineData("64", 64)]
    [InlineData("IOT", 6)]
    [InlineData("POLL", 29)]
    [InlineData("RTMIN", 34)]
    [InlineData("SIGRTMIN+1", 35)]
    [InlineData("RTMIN+30", 64)]
    [InlineData("RTMAX", 64)]
    [InlineData("rtmax-1", 63)]
    [InlineData("RTMAX-30", 34)]
    public void A_signal_is_read(string text, int signal)
    {
        Assert.True(Signals.TryParse(text, out var read));
        Assert.Equal(signal, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SIG")]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("-15")]
    [InlineData("+15")]
    [InlineData(" 15")]
    [InlineData("99999999999")]
    [InlineData("TREM")]
    [InlineData("SIGSIGTERM")]
    [InlineData("SIG15")]
    [InlineData("RTMIN+")]
    [InlineData("RTMIN+31")]
    [InlineData("RTMIN-1")]
    [InlineData("RTMAX+1")]
    [InlineData("RTMAX-31")]
    public void What_is_no_signal_is_refused(string text) => Assert.False(Signals.TryParse(text, out _));

    [Fact]
    public void All_but_those_that_cannot_be_caught_and_those_that_proa_itself_needs_are_forwarded() =>
        Assert.Equal([9, 17, 19, 32, 33, 34], Enumerable.Range(1, 64).Where(signal => !Signals.IsForwarded(signal)));

    [Fact]
    public void Every_name_is_read_back()
    {
        foreach (var signal in Enumerable.Range(1, 64))
        {
            Assert.True(Signals.TryParse(Signals.Of(signal), out var read));
            Assert.Equal(signal, read);
        }
    }
}
