using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Proa.Logging;

/// <summary>A value of a message by its name, as <c>("exitCode", 1)</c>: in JSON a field. One that is null or empty says nothing.</summary>
/// <param name="IsNumber">Whether JSON has it as a number.</param>
internal readonly record struct LogField(string Name, string? Value, bool IsNumber = false)
{
    public static implicit operator LogField((string Name, string? Value) field) => new(field.Name, field.Value);

    public static implicit operator LogField((string Name, int Value) field) =>
        new(field.Name, field.Value.ToString(CultureInfo.InvariantCulture), IsNumber: true);
}

/// <summary>
/// What a message says: <c>$"main exited with {exitCode}"</c> is the text, and the field exitCode. Where its level is not logged, nothing of it is
/// computed.
/// </summary>
[InterpolatedStringHandler]
internal readonly ref struct LogMessage
{
    private readonly StringBuilder? _text;
    private readonly List<LogField> _fields = [];

    public LogMessage(int literalLength, int formattedCount, Log log, LogLevel level, out bool isEnabled)
    {
        isEnabled = log.IsEnabled(level);
        if (isEnabled) _text = new(literalLength + (16 * formattedCount));
    }

    public string Text => _text?.ToString() ?? "";

    public ReadOnlySpan<LogField> Fields => CollectionsMarshal.AsSpan(_fields);

    public void AppendLiteral(string text) => _text!.Append(text);

    public void AppendFormatted(string value, [CallerArgumentExpression(nameof(value))] string name = "") => Append((name, value));

    public void AppendFormatted(int value, [CallerArgumentExpression(nameof(value))] string name = "") => Append((name, value));

    public void AppendFormatted(long value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        Append((name, value.ToString(CultureInfo.InvariantCulture)));

    public void AppendFormatted(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        Append((name, value.ToString(CultureInfo.InvariantCulture)));

    private void Append(LogField field)
    {
        _text!.Append(field.Value);
        _fields.Add(field);
    }
}
