using Microsoft.Extensions.Logging;
using Proa.CommandLine;
using Proa.Linux;

namespace Proa.Logging;

/// <summary>
/// Writes each message as one line with one write(2) to stderr, so that the lines of the supervisor and of a worker do not mix.
/// stdout is main's. A line that a reader does not take in time is dropped: a log must not hold up a Pod.
/// </summary>
internal sealed class StandardErrorLogger(LogThreshold threshold, LogFormat format, TimeProvider time) : ILogger
{
    private const int PatienceMilliseconds = 100;

    private readonly bool _asJson = format == LogFormat.Json || (format == LogFormat.Auto && Libc.isatty(Libc.StandardError) == 0);

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
            Write(_asJson ? LogLine.Json(time.GetUtcNow(), logLevel, message, values, exception) : LogLine.Text(logLevel, message, values, exception));
        }
#pragma warning disable CA1031 // PID 1 must not end over a line that cannot be written.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private static unsafe void Write(ReadOnlySpan<byte> line)
    {
        var writable = new Libc.PollDescriptor { Descriptor = Libc.StandardError, Events = Libc.POLLOUT };
        if (Libc.poll(&writable, 1, PatienceMilliseconds) > 0) Descriptors.WriteAll(Libc.StandardError, line);
    }
}
