namespace Proa.Tests;

public sealed class ExitCodesTests
{
    [Fact]
    public void They_are_those_of_timeout_and_env() =>
        Assert.Equal((124, 125, 126, 127), (ExitCodes.NotReadyInTime, ExitCodes.CannotRun, ExitCodes.NotExecutable, ExitCodes.NotFound));

    [Theory]
    [InlineData(1, 129)]
    [InlineData(2, 130)]
    [InlineData(9, 137)]
    [InlineData(15, 143)]
    [InlineData(64, 192)]
    public void A_signal_is_128_and_its_number(int signal, int exitCode) => Assert.Equal(exitCode, ExitCodes.OfSignal(signal));

    [Theory]
    [InlineData(2, 127)] // ENOENT
    [InlineData(1, 126)] // EPERM
    [InlineData(7, 126)] // E2BIG
    [InlineData(8, 126)] // ENOEXEC
    [InlineData(12, 126)] // ENOMEM
    [InlineData(13, 126)] // EACCES
    [InlineData(20, 126)] // ENOTDIR
    [InlineData(40, 126)] // ELOOP
    public void A_main_that_is_not_there_is_127_and_one_that_cannot_be_executed_is_126(int errno, int exitCode) =>
        Assert.Equal(exitCode, ExitCodes.OfExecError(errno));
}
