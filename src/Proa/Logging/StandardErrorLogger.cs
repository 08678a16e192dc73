using System.Globalization;
using Microsoft.Extensions.Logging;
using Proa.Linux;

namespace Proa.Logging;

/// <summary>
/// Writes each message as one line with one write(2) to stderr, so that the lines of the supervisor and of a worker do not mix.
/// stdout is main's. A line that a reader does not take in time is dropped and counted: a log must not hold up a Pod.
/// </summary>
internal sealed class StandardErrorLogger(LogThreshold threshold, LogFormat format, TimeProvider time) : ILogger
{
    private readonly LogStream _stream = new();
    private readonly Lock _lock = new();
    private readonly bool _asJson = format == LogFormat.Json || (format == LogFormat.Auto && Libc.isatty(Libc.StandardError) == 0);
    private int _dropped;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= threshold switch
    {
        LogThreshold.Trace => LogLevel.Trace,
        LogThreshold.Debug => LogLevel.Debug,
        LogThreshold.Info => LogLevel.Information,
        LogThreshold.Warn => LogLevel.Warning,
        LogThreshold.Error => LogLevel.Error,
        LogThreshold.Off => LogLevel.None,
    } && logLevel != LogLevel.None;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        try
        {
            var message = formatter(state, exception);
            var values = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [];
            Write(Line(logLevel, message, values, exception));
        }
#pragma warning disable CA1031 // PID 1 must not end over a line that cannot be written.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private ReadOnlySpan<byte> Line(LogLevel level, string message, IReadOnlyList<KeyValuePair<string, object?>> values, Exception? exception) =>
        _asJson ? LogLine.Json(time.GetUtcNow(), level, message, values, exception) : LogLine.Text(level, message, values, exception);

    /// <summary>What has been dropped is said with the first line that fits again.</summary>
    private void Write(ReadOnlySpan<byte> line)
    {
        lock (_lock)
        {
            if (_dropped > 0 && IsEnabled(LogLevel.Warning))
            {
                var notice = string.Create(CultureInfo.InvariantCulture, $"{_dropped} lines of proa's log were dropped: stderr is not read fast enough");
                line = (byte[])[.. Line(LogLevel.Warning, notice, [new("dropped", _dropped)], null), .. line];
            }

            _dropped = _stream.Write(line) ? 0 : _dropped + 1;
        }
    }
}
