using Proa.CommandLine;

namespace Proa.Tests.CommandLine;

public sealed class RustLogTests
{
    [Theory]
    [InlineData("trace", LogLevel.Trace)]
    [InlineData("debug", LogLevel.Debug)]
    [InlineData("info", LogLevel.Info)]
    [InlineData("warn", LogLevel.Warn)]
    [InlineData("error", LogLevel.Error)]
    [InlineData("off", LogLevel.Off)]
    [InlineData("DEBUG", LogLevel.Debug)]
    [InlineData("0", LogLevel.Off)]
    [InlineData("1", LogLevel.Error)]
    [InlineData("2", LogLevel.Warn)]
    [InlineData("3", LogLevel.Info)]
    [InlineData("4", LogLevel.Debug)]
    [InlineData("5", LogLevel.Trace)]
    [InlineData("proa", LogLevel.Trace)]
    [InlineData("proa,warn", LogLevel.Trace)]
    [InlineData("warn,proa", LogLevel.Trace)]
    [InlineData("proa=debug", LogLevel.Debug)]
    [InlineData("proa=debug,kube=warn", LogLevel.Debug)]
    [InlineData("kube=trace,error", LogLevel.Error)]
    [InlineData("warn,proa=info", LogLevel.Info)]
    [InlineData("proa=info,warn", LogLevel.Info)]
    [InlineData(" warn , kube=trace ", LogLevel.Warn)]
    [InlineData("warn,error", LogLevel.Error)]
    internal void The_level_for_proa_is_found(string directives, LogLevel level) => Assert.Equal(level, RustLog.LevelOf(directives));

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("kube=debug")]
    [InlineData("kube")]
    [InlineData("proa=loud")]
    [InlineData("=debug")]
    [InlineData("proa::watch=debug")]
    public void What_names_no_level_for_proa_says_nothing(string directives) => Assert.Null(RustLog.LevelOf(directives));
}
