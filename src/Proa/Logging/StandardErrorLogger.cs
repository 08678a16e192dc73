using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Proa.CommandLine;
using Proa.Linux;

namespace Proa.Logging;

/// <summary>
/// Writes each message as one line with one write(2) to stderr, so that the lines of the supervisor and of a worker do not mix.
/// stdout is main's. A line that a reader does not take in time is dropped and counted: a log must not hold up a Pod.
/// </summary>
internal sealed class StandardErrorLogger(LogThreshold threshold, LogFormat format, TimeProvider time) : ILogger
{
    private const string Template = "{OriginalFormat}";

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly LogStream _stream = new();
    private readonly Lock _lock = new();
    private int _dropped;
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
            Write(Line(logLevel, message, values, exception));
        }
#pragma warning disable CA1031 // PID 1 must not end over a line that cannot be written.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private ReadOnlySpan<byte> Line(LogLevel level, string message, IReadOnlyList<KeyValuePair<string, object?>> values, Exception? exception) =>
        _asJson ? Json(level, message, values, exception) : Text(level, message, values, exception);

    private ReadOnlySpan<byte> Json(LogLevel level, string message, IReadOnlyList<KeyValuePair<string, object?>> values, Exception? exception)
    {
        var line = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(line, _json);
        json.WriteStartObject();
        json.WriteString("time", time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        json.WriteString("level", Name(level));
        json.WriteString("msg", message);
        foreach (var (key, value) in values)
        {
            if (key == Template || value is null or "" || value.Equals(message)) continue;
            var name = JsonNamingPolicy.CamelCase.ConvertName(key);
            if (value is int number) json.WriteNumber(name, number);
            else json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
        }

        if (exception is not null) json.WriteString("exception", exception.ToString());
        json.WriteEndObject();
        json.Flush();
        line.Write("\n"u8);
        return line.WrittenSpan;
    }

    private static byte[] Text(LogLevel level, string message, IReadOnlyList<KeyValuePair<string, object?>> values, Exception? exception)
    {
        var line = new StringBuilder("proa: ");
        if (level != LogLevel.Information) line.Append(Name(level)).Append(": ");
        line.Append(message).Append('\n');
        if (values.FirstOrDefault(v => v.Key.Equals("hint", StringComparison.OrdinalIgnoreCase)).Value is string { Length: > 0 } hint)
            line.Append("proa: hint: ").Append(hint).Append('\n');
        if (exception is not null) line.Append(exception).Append('\n');
        return Encoding.UTF8.GetBytes(line.ToString());
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error or LogLevel.Critical => "error",
        LogLevel.None => "",
    };

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
