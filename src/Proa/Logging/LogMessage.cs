using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Proa.Logging;

/// <summary>A value of a message by its name, as <c>("exitCode", 1)</c>: in JSON a field. A null or empty value is left out.</summary>
/// <param name="Number">Where JSON has it as a number; the text is then null.</param>
internal readonly record struct LogField(string Name, string? Text, int? Number = null)
{
    /// <summary>The value as a text; empty where there is none.</summary>
    public string Shown => Number?.ToString(CultureInfo.InvariantCulture) ?? Text ?? "";

    public static implicit operator LogField((string Name, string? Text) field) => new(field.Name, field.Text);

    public static implicit operator LogField((string Name, int Number) field) => new(field.Name, null, field.Number);
}

/// <summary>
/// What a message says: <c>$"main exited with {exitCode}"</c> is the text, and the field exitCode. If its level is not logged, the values in it are not
/// computed. Memory that is used up leaves words out, and ends nothing: PID 1 logs, too.
/// </summary>
[InterpolatedStringHandler]
internal readonly ref struct LogMessage
{
    private readonly StringBuilder? _text;
    private readonly List<LogField>? _fields;

    public LogMessage(int literalLength, int formattedCount, Log log, LogLevel level, out bool isEnabled)
    {
        isEnabled = log.IsEnabled(level);
        if (!isEnabled) return;
        try
        {
            _text = new(literalLength + (16 * formattedCount));
            _fields = new(formattedCount);
        }
        catch (OutOfMemoryException)
        {
            isEnabled = false;
        }
    }

    /// <summary>Whether there is a message: its level is logged, and there was memory for it.</summary>
    public bool IsLogged => _fields is not null;

    public string Text => _text?.ToString() ?? "";

    public ReadOnlySpan<LogField> Fields => CollectionsMarshal.AsSpan(_fields);

    public void AppendLiteral(string text) => Append(text, null);

    public void AppendFormatted(string value, [CallerArgumentExpression(nameof(value))] string name = "") => Append(null, (name, value));

    public void AppendFormatted(int value, [CallerArgumentExpression(nameof(value))] string name = "") => Append(null, (name, value));

    public void AppendFormatted(long value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        Append(null, (name, value.ToString(CultureInfo.InvariantCulture)));

    public void AppendFormatted(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        Append(null, (name, value.ToString(CultureInfo.InvariantCulture)));

    private void Append(string? literal, LogField? field)
    {
        try
        {
            _text!.Append(literal ?? field?.Shown);
            if (field is { } named) _fields!.Add(named);
        }
        catch (OutOfMemoryException)
        {
        }
    }
}
