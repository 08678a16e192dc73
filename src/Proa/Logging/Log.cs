using System.Globalization;
using System.Runtime.CompilerServices;
using Proa.Linux;

namespace Proa.Logging;

/// <summary>Writes a line. False if it is dropped.</summary>
internal delegate bool LineWriter(ReadOnlySpan<byte> line);

/// <summary>
/// Writes each message as one line with one write(2) to stderr, so that the lines of the supervisor and of a worker do not mix.
/// stdout is main's. A line that a reader does not take in time is dropped and counted: a log must not hold up a Pod.
/// </summary>
/// <remarks>
/// Not Microsoft.Extensions.Logging: its ILogger.Log is a generic virtual method, for which NativeAOT loads types at run time, in each process that
/// logs a line.
/// </remarks>
/// <param name="threshold">Messages below this level are left out.</param>
internal sealed class Log(LogLevel threshold, LogFormat format, TimeProvider time, LineWriter writer)
{
    private readonly Lock _lock = new();
    private readonly bool _asJson = format == LogFormat.Json || (format == LogFormat.Auto && Libc.isatty(Libc.StandardError) == 0);
    private int _dropped;

    /// <summary>Writes nothing.</summary>
    public static Log None { get; } = new(LogLevel.Off, LogFormat.Text, TimeProvider.System, _ => true);

    /// <summary>The log of this process, on stderr.</summary>
    public static Log OnStandardError(LogLevel threshold, LogFormat format) => new(threshold, format, TimeProvider.System, new LogStream().Write);

    public bool IsEnabled(LogLevel level) => level >= threshold && level != LogLevel.Off;

    /// <param name="fields">JSON has them after the message's own fields. Text shows only the field named hint.</param>
    public void Write(LogLevel level, [InterpolatedStringHandlerArgument("", nameof(level))] LogMessage message, params ReadOnlySpan<LogField> fields)
    {
        if (!message.IsLogged) return;
        try
        {
            Write(Line(level, message.Text, [.. message.Fields, .. fields]));
        }
#pragma warning disable CA1031 // PID 1 must not end over a line that cannot be written.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private byte[] Line(LogLevel level, string message, ReadOnlySpan<LogField> fields) =>
        _asJson ? LogLine.Json(time.GetUtcNow(), level, message, fields) : LogLine.Text(level, message, fields);

    /// <summary>What has been dropped is said with the first line that fits again.</summary>
    private void Write(byte[] line)
    {
        lock (_lock)
        {
            if (_dropped > 0 && IsEnabled(LogLevel.Warn))
            {
                var notice = string.Create(CultureInfo.InvariantCulture, $"{_dropped} lines of proa's log were dropped: stderr is not read fast enough");
                line = [.. Line(LogLevel.Warn, notice, [("dropped", _dropped)]), .. line];
            }

            _dropped = writer(line) ? 0 : _dropped + 1;
        }
    }
}
