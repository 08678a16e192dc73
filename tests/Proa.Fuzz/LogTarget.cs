using System.Globalization;
using System.Text;
using System.Text.Json;
using Proa.Checking;
using Proa.Logging;
using Proa.Workers;

namespace Proa.Fuzz;

/// <summary>Foreign text on its way to the log, in both forms, and to the termination message.</summary>
internal sealed class LogTarget : Target
{
    private const int LongestTerminationMessage = 4096;

    public override string Name => "log";

    protected override int MemoryPerByte => 400;

    public override IEnumerable<byte[]> FirstInputs() =>
        ((string[])
        [
            "ImagePullBackOff", "one\ntwo\r\nthree\0four", "\u001b[31mred\u001b[0m \u009b2J \u007f", "\u2028\u2029\u202e\u2066\ufeff\u00ad\ue000\uffff",
            "Zürich 東京 𝄞 \U000e0041", "\\u001b \"quoted\"", new string('é', 3000),
        ])
            .Select(Encoding.UTF8.GetBytes)
            .Append([0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80]);

    public override IEnumerable<string> Words() =>
        ["\n", "\r\n", "\u001b[", "\u001b]0;", "\u009b", "\u0085", "\u2028", "\u2029", "\u202e", "\u2066", "\ufeff", "\U000e0041", "𝄞", "\\", "\"", "proa: "];

    public override void Read(byte[] input)
    {
        // As UTF-8, and as UTF-16 with its lone surrogates, as a JSON string or a variable may have them.
        foreach (
            var text in (string[])[Encoding.UTF8.GetString(input), Encoding.Unicode.GetString(input), new(input.Select(b => (char)(0xd7f0 + b)).ToArray())])
        {
            var hint = text + "\n" + text;
            LogField[] fields = [("foreign", text), ("hint", hint)];
            CheckLines(Bounded(input, _ => LogLine.Text(LogLevel.Error, text, fields)));
            CheckTerminationMessage(Bounded(input, _ => TerminationMessage.Of(text, hint).ToArray()));
            CheckJson(Bounded(input, _ => LogLine.Json(DateTimeOffset.UnixEpoch, LogLevel.Error, text + "!", fields)), text);
        }
    }

    /// <summary>A line of the log begins with proa's own words, or it is indented.</summary>
    private static void CheckLines(byte[] bytes)
    {
        var text = Printable(bytes, '\n');
        Require(text.EndsWith('\n'), "the last line does not end");
        var lines = text[..^1].Split('\n');
        Require(lines.Length > 1 && Begins(lines[0], "proa: error: ") && Begins(lines[1], "proa: hint: "), "it is no message with its hint");
        Require(lines[2..].All(line => Begins(line, LogLine.Indent)), "a line passes for a message");
    }

    /// <summary>The hint has no words in front of it here.</summary>
    private static void CheckTerminationMessage(byte[] bytes)
    {
        var lines = Printable(bytes, '\n').Split('\n');
        Require(bytes.Length <= LongestTerminationMessage, "the termination message is too long");
        Require(Begins(lines[0], "proa: ") && lines.Skip(2).All(line => Begins(line, LogLine.Indent) || line is "" or " "), "a line passes for a message");
    }

    private static bool Begins(string line, string beginning) => line.StartsWith(beginning, StringComparison.Ordinal);

    private static void CheckJson(byte[] bytes, string text)
    {
        Require(bytes is [.., (byte)'\n'] && !bytes.AsSpan(..^1).Contains((byte)'\n'), "it is not one line");
        _ = Printable(bytes.AsSpan(..^1), null);
        using var json = JsonDocument.Parse(bytes);
        var read = json.RootElement.TryGetProperty("foreign", out var foreign) ? foreign.GetString() : "";
        Require(read == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)), "the JSON has another text");
    }

    /// <summary>The text, which has nothing in it that is not printable but what is allowed.</summary>
    private static string Printable(ReadOnlySpan<byte> bytes, char? allowed)
    {
        var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        foreach (var rune in text.EnumerateRunes())
        {
            Require(
                rune.Value == allowed
                    || Rune.GetUnicodeCategory(rune) is not (
                        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned),
                $"U+{rune.Value:X4} is not printable");
        }

        return text;
    }
}
