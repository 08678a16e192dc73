using System.Text;
using System.Text.Json;
using Proa.Logging;
using Proa.Pods;

namespace Proa.Unit.Tests.Logging;

public sealed class LogLineTests
{
    private static readonly DateTimeOffset _time = new(2026, 11, 22, 12, 26, 17, 89, TimeSpan.Zero);

    [Theory]
    [InlineData(LogLevel.Trace, "trace")]
    [InlineData(LogLevel.Debug, "debug")]
    [InlineData(LogLevel.Info, "info")]
    [InlineData(LogLevel.Warn, "warning")]
    [InlineData(LogLevel.Error, "error")]
    internal void The_level_is_said_in_both_forms_but_info_not_in_the_text(LogLevel level, string name)
    {
        Assert.Equal(level == LogLevel.Info ? "proa: ready\n" : $"proa: {name}: ready\n", Text(level, "ready"));
        Assert.Equal($$"""{"time":"2026-11-22T12:26:17.089Z","level":"{{name}}","msg":"ready"}""" + "\n", Json(level, "ready"));
    }

    [Fact]
    public void In_text_the_hint_has_a_line_of_its_own_and_nothing_else_of_the_values_has() => Assert.Equal(
        "proa: error: no Pod\nproa: hint: say --pod\n",
        Text(LogLevel.Error, "no Pod", ("problem", "no Pod"), ("exitCode", 125), ("hint", "say --pod")));

    [Fact]
    public void A_hint_of_several_lines_is_indented_below_its_first() =>
        Assert.Equal("proa: x\nproa: hint: apply\n  kind: List\n", Text(LogLevel.Info, "x", ("hint", "apply\nkind: List")));

    [Fact]
    public void An_empty_hint_is_none() => Assert.Equal("proa: x\n", Text(LogLevel.Info, "x", ("hint", "")));

    [Fact]
    public void In_JSON_the_values_are_fields_and_numbers_are_numbers() => Assert.Equal(
        """{"time":"2026-11-22T12:26:17.089Z","level":"error","msg":"asked b","exitCode":125,"podNamespace":"lab"}""" + "\n",
        Json(LogLevel.Error, "asked b", ("exitCode", 125), ("podNamespace", "lab")));

    [Fact]
    public void What_says_nothing_or_what_the_message_says_is_no_field() => Assert.Equal(
        """{"time":"2026-11-22T12:26:17.089Z","level":"info","msg":"no Pod"}""" + "\n",
        Json(LogLevel.Info, "no Pod", ("problem", "no Pod"), ("hint", ""), ("detail", null)));

    [Theory]
    [InlineData("a\nproa: error: b")]
    [InlineData("a\u001b[2J")]
    [InlineData("a\u0085b")]
    [InlineData("a\u202eb")]
    [InlineData("a\u2028b")]
    [InlineData("\"\\")]
    public void Foreign_text_is_printable_in_one_line_of_either_form_and_JSON_gives_it_back(string text)
    {
        LogField field = ("name", "b" + text);
        foreach (var line in (string[])[Text(LogLevel.Warn, text, field), Json(LogLevel.Warn, text, field)])
        {
            Assert.EndsWith("\n", line, StringComparison.Ordinal);
            Assert.Equal(Printable.Line(line[..^1]), line[..^1]);
        }

        using var json = JsonDocument.Parse(Json(LogLevel.Warn, text, field));
        Assert.Equal((text, "b" + text), (json.RootElement.GetProperty("msg").GetString(), json.RootElement.GetProperty("name").GetString()));
    }

    private static string Text(LogLevel level, string message, params LogField[] fields) => Encoding.UTF8.GetString(LogLine.Text(level, message, fields));

    private static string Json(LogLevel level, string message, params LogField[] fields) =>
        Encoding.UTF8.GetString(LogLine.Json(_time, level, message, fields));
}
