using System.Text;
using Proa.Logging;

namespace Proa.Unit.Tests.Logging;

public sealed class LogTests
{
    private static readonly DateTimeOffset _time = new(2026, 11, 22, 12, 26, 17, 89, TimeSpan.Zero);

    private readonly List<string> _lines = [];
    private bool _isRead = true;

    [Fact]
    public void A_value_of_the_message_is_a_field_of_its_name()
    {
        var (exitCode, signal) = (3, "SIGTERM");
        Of(LogLevel.Info, LogFormat.Json).Write(LogLevel.Info, $"main exited with {exitCode} after {signal}", ("pid", 7));
        Assert.Equal(
            ["""{"time":"2026-11-22T12:26:17.089Z","level":"info","msg":"main exited with 3 after SIGTERM","exitCode":3,"signal":"SIGTERM","pid":7}""" + "\n"],
            _lines);
    }

    [Fact]
    public void A_large_number_and_one_with_a_fraction_are_text_in_JSON()
    {
        var (user, seconds) = (4294967294, 1.5);
        Of(LogLevel.Info, LogFormat.Json).Write(LogLevel.Warn, $"{user} has {seconds} s");
        Assert.EndsWith(""","msg":"4294967294 has 1.5 s","user":"4294967294","seconds":"1.5"}""" + "\n", Assert.Single(_lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LogLevel.Trace, 5)]
    [InlineData(LogLevel.Debug, 4)]
    [InlineData(LogLevel.Info, 3)]
    [InlineData(LogLevel.Warn, 2)]
    [InlineData(LogLevel.Error, 1)]
    [InlineData(LogLevel.Off, 0)]
    internal void What_is_below_the_threshold_is_left_out(LogLevel threshold, int lines)
    {
        var log = Of(threshold, LogFormat.Text);
        foreach (var level in Enum.GetValues<LogLevel>()) log.Write(level, $"it");
        Assert.Equal(lines, _lines.Count);
    }

    [Fact]
    public void What_is_left_out_is_not_computed()
    {
        Of(LogLevel.Warn, LogFormat.Text).Write(LogLevel.Info, $"{Computed()}");
        Assert.Empty(_lines);

        static string Computed() => throw new InvalidOperationException("it is computed");
    }

    [Fact]
    public void Lines_that_nothing_reads_are_counted_and_told_with_the_next_one_that_is_read()
    {
        var log = Of(LogLevel.Info, LogFormat.Text);
        _isRead = false;
        log.Write(LogLevel.Info, $"one");
        log.Write(LogLevel.Info, $"two");
        _isRead = true;
        log.Write(LogLevel.Info, $"three");
        log.Write(LogLevel.Info, $"four");
        Assert.Equal(
            ["proa: warning: 2 lines of proa's log were dropped: stderr is not read fast enough\nproa: three\n", "proa: four\n"],
            _lines);
    }

    [Fact]
    public void A_line_that_cannot_be_written_ends_nothing()
    {
        var log = new Log(LogLevel.Info, LogFormat.Text, TimeProvider.System, _ => throw new IOException("no"));
        log.Write(LogLevel.Error, $"it");
    }

    private Log Of(LogLevel threshold, LogFormat format) => new(threshold, format, new Clock(), line =>
    {
        if (_isRead) _lines.Add(Encoding.UTF8.GetString(line));
        return _isRead;
    });

    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => _time;
    }
}
