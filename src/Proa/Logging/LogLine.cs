using System.Globalization;
using System.Text;

namespace Proa.Logging;

/// <summary>A message in either form. Much in it is foreign text, and only printable text gets through.</summary>
internal static class LogLine
{
    /// <summary>What stands before the second line of a hint and those after it, so that none passes for a message.</summary>
    public const string Indent = "  ";

    private const int UntilMilliseconds = 23; // of ISO 8601's 2026-11-22T12:26:17.089

    /// <summary>One JSON object on one line.</summary>
    public static byte[] Json(DateTimeOffset time, LogLevel level, string message, ReadOnlySpan<LogField> fields)
    {
        var line = new StringBuilder(256);
        line.Append("{\"time\":\"").Append(time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), 0, UntilMilliseconds)
            .Append("Z\",\"level\":\"").Append(Name(level))
            .Append("\",\"msg\":");
        Printable.AppendJson(line, message);
        foreach (var field in fields)
        {
            var shown = field.Shown;
            // What is the whole message is not said twice.
            if (shown.Length == 0 || shown == message) continue;
            line.Append(",\"").Append(field.Name).Append("\":");
            if (field.Number is not null) line.Append(shown);
            else Printable.AppendJson(line, shown);
        }

        return Encoding.UTF8.GetBytes(line.Append("}\n").ToString());
    }

    /// <summary>A line, and one or more for the hint.</summary>
    public static byte[] Text(LogLevel level, string message, ReadOnlySpan<LogField> fields)
    {
        var line = new StringBuilder("proa: ", 256);
        if (level != LogLevel.Info) line.Append(Name(level)).Append(": ");
        line.Append(Printable.Line(message)).Append('\n');
        foreach (var field in fields)
        {
            if (field is { Name: "hint", Text: { Length: > 0 } hint }) line.Append("proa: hint: ").Append(Printable.Lines(hint, Indent)).Append('\n');
        }

        return Encoding.UTF8.GetBytes(line.ToString());
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Info => "info",
        LogLevel.Warn => "warning",
        LogLevel.Error => "error",
        LogLevel.Off => "",
    };
}
