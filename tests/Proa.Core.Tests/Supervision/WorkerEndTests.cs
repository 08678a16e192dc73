using Proa.Supervision;

namespace Proa.Tests.Supervision;

public sealed class WorkerEndTests
{
    [Theory]
    [InlineData(9, "it was killed by SIGKILL", "memory limit")]
    [InlineData(6, "it was killed by SIGABRT", "too few processes")]
    [InlineData(11, "it was killed by SIGSEGV", "bug in proa")]
    [InlineData(7, "it was killed by SIGBUS", "bug in proa")]
    [InlineData(31, "it was killed by SIGSYS", "seccomp")]
    [InlineData(25, "it was killed by SIGXFSZ", "ulimit -f")]
    [InlineData(24, "it was killed by SIGXCPU", "ulimit -t")]
    [InlineData(14, "it was killed by SIGALRM", "it took too long")]
    [InlineData(15, "it was killed by SIGTERM", "sent this signal")]
    [InlineData(64, "it was killed by SIGRTMIN+30", "sent this signal")]
    public void A_signal_tells_what_to_look_at(int signal, string problem, string hint) => Says(WorkerEnd.OfSignal(signal), problem, hint);

    [Theory]
    [InlineData(70, "it exited with 70", "the line before")]
    [InlineData(71, "it exited with 71", "its memory is limited")]
    [InlineData(255, "it exited with 255", "ulimit -u")]
    [InlineData(3, "it exited with 3", "proa --check")]
    public void So_does_an_exit_code(int exitCode, string problem, string hint) => Says(WorkerEnd.OfExitCode(exitCode), problem, hint);

    [Theory]
    [InlineData(2, "/proc mounted")]
    [InlineData(11, "ulimit -u")]
    [InlineData(12, "memory limit")]
    [InlineData(1, "seccomp")]
    [InlineData(13, "mode 755")]
    [InlineData(38, "seccomp")]
    [InlineData(8, "from /proc")]
    public void So_does_an_error_of_the_start(int errno, string hint) =>
        Says(WorkerEnd.OfStart(errno, "some error"), "it could not be started from /proc/self/exe: some error", hint);

    [Theory]
    [InlineData(124, "it hangs: it has not ended in time", "ulimit -u")]
    [InlineData(125, "it hangs: it has not responded for 60 s", "throttled")]
    public void So_does_a_hang(int exitCode, string problem, string hint) => Says(WorkerEnd.OfHang(exitCode), problem, hint);

    [Fact]
    public void Memory_is_not_named_for_every_end() =>
        Assert.DoesNotContain(((int[])[25, 24, 31, 14, 15]).Select(WorkerEnd.OfSignal), end => end.Hint.Contains("memory", StringComparison.Ordinal));

    private static void Says(WorkerEnd end, string problem, string hint)
    {
        Assert.Equal(problem, end.Problem);
        Assert.Contains(hint, end.Hint, StringComparison.Ordinal);
    }
}
