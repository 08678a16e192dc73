using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CsCheck;

namespace Proa.Tests;

public sealed class PrintableTests
{
    private static readonly JsonSerializerOptions _relaxed = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
    };

    /// <summary>Any UTF-16, lone surrogates and all, with more of what is delicate than chance would give.</summary>
    private static readonly Gen<string> _text = Gen.OneOf(
        Gen.Char,
        Gen.OneOf(
            '\n',
            '\r',
            '\t',
            '\u001b',
            '\u007f',
            '\u0085',
            '\u009b',
            '\u2028',
            '\u2029',
            '\u202e',
            '\u2066',
            '\ufeff',
            '\ue000',
            '\ud834',
            '\udd1e',
            'x',
            '\\',
            '"')).Array[0, 40]
            .Select(chars => new string(chars));

    [Theory]
    [InlineData("a plain text, \\ and \"quotes\"", "a plain text, \\ and \"quotes\"")]
    [InlineData("Zürich 東京 𝄞 €", "Zürich 東京 𝄞 €")]
    [InlineData("", "")]
    [InlineData("red \u001b[31m", "red \\u001b[31m")]
    [InlineData("one\ntwo\r\n\tthree", "one\\ntwo\\r\\n\\tthree")]
    [InlineData("\0\a\u007f", "\\u0000\\u0007\\u007f")]
    [InlineData("\u0085\u009b31m", "\\u0085\\u009b31m")]
    [InlineData("\u2028\u2029", "\\u2028\\u2029")]
    [InlineData("\u202e\u2066\u200f\ufeff\u00ad", "\\u202e\\u2066\\u200f\\ufeff\\u00ad")]
    [InlineData("\ue000\U000e0041\uffff", "\\ue000\\U000e0041\\uffff")]
    public void What_a_terminal_would_obey_is_escaped_and_the_rest_stays(string text, string shown)
    {
        Assert.Equal(shown, Printable.Line(text));
        Assert.Equal(shown, Printable.Line(shown));
    }

    [Fact]
    public void Half_a_character_is_replaced() =>
        Assert.Equal("a\ufffdb\ufffd\u202e".Replace("\u202e", "\\u202e", StringComparison.Ordinal), Printable.Line("a\ud834b\udd1e\u202e"));

    [Fact]
    public void Lines_are_kept_where_they_are_wanted_and_none_but_the_first_begins_at_the_margin() =>
        Assert.Equal("apply:\n  kind: Role\n  proa: \\u001b[2J\n  ", Printable.Lines("apply:\nkind: Role\nproa: \u001b[2J\n", "  "));

    [Fact]
    public void Any_text_becomes_one_printable_line() => _text.Sample(text => Printable.Line(text).EnumerateRunes().All(IsHarmless));

    [Fact]
    public void Of_any_text_each_line_but_the_first_is_indented() =>
        _text.Sample(text => Printable.Lines(text, "> ").Split('\n').Skip(1).All(line => line.StartsWith("> ", StringComparison.Ordinal)));

    [Fact]
    public void JSON_is_printable_too_and_means_the_same() => _text.Sample(text =>
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["text"] = text }, _relaxed);
        var escaped = Printable.Json(plain);
        using var before = JsonDocument.Parse(plain);
        using var after = JsonDocument.Parse(escaped.ToArray());
        return Encoding.UTF8.GetString(escaped).EnumerateRunes().All(IsHarmless)
            && before.RootElement.GetProperty("text").GetString() == after.RootElement.GetProperty("text").GetString();
    });

    [Theory]
    [InlineData("\u202e", "\"\\u202E\"")]
    [InlineData("\U000e0041", "\"\\uDB40\\uDC41\"")]
    [InlineData("東京 𝄞 'a' <b>", "\"東京 𝄞 'a' <b>\"")]
    public void JSON_escapes_no_more_than_it_must(string text, string json) =>
        Assert.Equal(
            json.Replace("𝄞", "\\uD834\\uDD1E", StringComparison.Ordinal),
            Encoding.UTF8.GetString(Printable.Json(JsonSerializer.SerializeToUtf8Bytes(text, _relaxed))));

    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
