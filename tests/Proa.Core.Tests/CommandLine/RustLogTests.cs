using Proa.CommandLine;

namespace Proa.Tests.CommandLine;

public sealed class RustLogTests
{
    [Theory]
    [InlineData("trace", LogThreshold.Trace)]
    [InlineData("debug", LogThreshold.Debug)]
    [InlineData("info", LogThreshold.Info)]
    [InlineData("warn", LogThreshold.Warn)]
    [InlineData("error", LogThreshold.Error)]
    [InlineData("off", LogThreshold.Off)]
    [InlineData("DEBUG", LogThreshold.Debug)]
    [InlineData("0", LogThreshold.Off)]
    [InlineData("1", LogThreshold.Error)]
    [InlineData("2", LogThreshold.Warn)]
    [InlineData("3", LogThreshold.Info)]
    [InlineData("4", LogThreshold.Debug)]
    [InlineData("5", LogThreshold.Trace)]
    [InlineData("proa", LogThreshold.Trace)]
    [InlineData("proa,warn", LogThreshold.Trace)]
    [InlineData("warn,proa", LogThreshold.Trace)]
    [InlineData("proa=debug", LogThreshold.Debug)]
    [InlineData("proa=debug,kube=warn", LogThreshold.Debug)]
    [InlineData("kube=trace,error", LogThreshold.Error)]
    [InlineData("warn,proa=info", LogThreshold.Info)]
    [InlineData("proa=info,warn", LogThreshold.Info)]
    [InlineData(" warn , kube=trace ", LogThreshold.Warn)]
    [InlineData("warn,error", LogThreshold.Error)]
    internal void The_level_for_proa_is_found(string directives, LogThreshold level) => Assert.Equal(level, RustLog.LevelOf(directives));

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
