using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Proa.Logging;

/// <summary>A message in either form. Much in it is foreign text, and only printable text gets through.</summary>
internal static class LogLine
{
    /// <summary>What stands before the second line of a hint and those after it, so that none passes for a message.</summary>
    public const string Indent = "  ";

    private const string Template = "{OriginalFormat}";

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>One JSON object on one line.</summary>
    public static ReadOnlySpan<byte> Json(
        DateTimeOffset time, LogLevel level, string message, IReadOnlyList<KeyValuePair<string, object?>> values, Exception? exception)
    {
        var line = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(line, _json))
        {
            json.WriteStartObject();
            json.WriteString("time", time.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
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
        }

        return (byte[])[.. Printable.Json(line.WrittenSpan), (byte)'\n'];
    }

    /// <summary>A line, and one or more for the hint.</summary>
    public static byte[] Text(LogLevel level, string message, IReadOnlyList<KeyValuePair<string, object?>> values, Exception? exception)
    {
        var line = new StringBuilder("proa: ");
        if (level != LogLevel.Information) line.Append(Name(level)).Append(": ");
        line.Append(Printable.Line(message)).Append('\n');
        if (values.FirstOrDefault(v => v.Key.Equals("hint", StringComparison.OrdinalIgnoreCase)).Value is string { Length: > 0 } hint)
            line.Append("proa: hint: ").Append(Printable.Lines(hint, Indent)).Append('\n');
        if (exception is not null) line.Append(Indent).Append(Printable.Lines(exception.ToString(), Indent)).Append('\n');
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
}
