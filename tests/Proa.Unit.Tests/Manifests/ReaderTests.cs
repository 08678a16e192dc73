using Proa.Kubernetes;

namespace Proa.Unit.Tests.Manifests;

/// <summary>Manifests as texts: what is read of them, and what is refused.</summary>
public sealed class ReaderTests
{
    [Fact]
    public void Every_document_and_every_item_of_a_list_is_an_object()
    {
        var objects = Manifest.Objects("""
            # nothing before the first
            ---
            kind: Pod
            metadata: {name: a}
            ---
            ---
            null
            ---
            {"apiVersion": "v1", "items": [{"kind": "Pod", "metadata": {"name": "b"}}, {"metadata": {"name": "c"}, "kind": "Pod"}], "kind": "List"}
            ---
            kind: PodList
            items:
            - {kind: Pod, metadata: {name: d}}
            ...
            """);
        Assert.Equal([("a", 3), ("b", 9), ("c", 9), ("d", 13)], objects.Select(o => (o["metadata"]!.Word("name"), o.Line)));
    }

    [Fact]
    public void What_is_of_another_kind_is_passed_over_however_large_it_is()
    {
        var large = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"  k{i}: {{a: [1, 2]}}\n"));
        Assert.Equal("Pod", Assert.Single(Manifest.Objects($"kind: CustomResourceDefinition\nspec:\n{large}---\nkind: Pod\n")).Word("kind"));
    }

    [Theory]
    [InlineData("yes", "true")]
    [InlineData("Off", "false")]
    [InlineData("y", "true")]
    [InlineData("N", "false")]
    [InlineData("'yes'", "\"yes\"")]
    [InlineData("!!str yes", "\"yes\"")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("\"\"", "\"\"")]
    [InlineData("0644", "420")]
    [InlineData("0o17", "15")]
    [InlineData("0x1F", "31")]
    [InlineData("-5", "-5")]
    [InlineData("1_000", "1000")]
    [InlineData("1.5", "1.5")]
    [InlineData("1_0.5", "10.5")]
    [InlineData("_1", "\"_1\"")]
    [InlineData("12:30", "\"12:30\"")]
    [InlineData("2026-01-01", "\"2026-01-01\"")]
    [InlineData("1e400", "\"1e400\"")]
    [InlineData("1.5.0", "\"1.5.0\"")]
    [InlineData("08", "8")]
    [InlineData("1m", "\"1m\"")]
    [InlineData("99999999999999999999", "1E+20")]
    [InlineData(".inf", "\".inf\"")]
    [InlineData("|\n  a\n  b", "\"a\\nb\\n\"")]
    [InlineData(">-\n  a\n  b", "\"a b\"")]
    [InlineData("{a: {b: [c, 1]}}", "{\"a\":{\"b\":[\"c\",1]}}")]
    public void A_value_is_what_kubectl_makes_of_it(string yaml, string json) =>
        Assert.Equal($$"""{"v":{{json}}}""", Manifest.Json(Assert.Single(Manifest.Objects($"kind: Pod\nv: {yaml}\n")), "v"));

    [Fact]
    public void The_last_of_a_name_counts_and_a_merged_one_the_least() => Assert.Equal(
        """{"v":{"c":3,"b":2,"a":1}}""",
        Manifest.Json(Manifest.Objects("""
            kind: Pod
            x: &x {a: 0, b: 2}
            y: &y {c: 3, b: 5}
            v: {a: 9, <<: [*x, *y], a: 1}
            """)[0], "v"));

    [Theory]
    [InlineData("hello", "line 1: a manifest is a mapping, with apiVersion and kind")]
    [InlineData("- kind: Pod", "line 1: a manifest is a mapping, with apiVersion and kind")]
    [InlineData("kind: Pod\n---\na: 1\n", "line 3: it has no kind")]
    [InlineData("kind: Pod\na: [\n", "line ")]
    [InlineData("kind: Pod\n\tb: 1\n", "line 1: ")]
    [InlineData("kind: {{ .Values.kind }}\n", "line 1: the name of a field is not a string")]
    [InlineData("{{- if .Values.job }}\nkind: Job\n", "line ")]
    [InlineData("kind: Pod\na: *b\n", "line 2: there is no anchor &b above")]
    [InlineData("kind: List\nitems: [{kind: List, items: [{kind: List, items: []}]}]", "line 2: there is a list in a list")]
    [InlineData("kind: Pod\n? [a]\n: b\n", "line 2: the name of a field is not a string")]
    [InlineData("a: {b: c\nd: e\n", "line ")]
    [InlineData("!!]", "line ")]
    [InlineData("\"\\UFFFFFFFF\"", "line ")]
    [InlineData("kind: Pod\nname: a\0b", "it is not text: it contains a NUL")]
    public void What_is_no_manifest_is_refused_with_the_line_and_the_remedy(string text, string why)
    {
        var refusal = Assert.Throws<CannotRunException>(() => Manifest.Objects(text));
        Assert.StartsWith("cannot read m.yaml: " + why, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("helm template", refusal.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Pod")]
    [InlineData("Other")]
    public void Nesting_has_an_end(string kind) => Assert.Contains(
        "it is nested more than 256 deep",
        Assert.Throws<CannotRunException>(() => Manifest.Objects($"kind: {kind}\na: " + new string('[', 100_000))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Aliases_count_each_time()
    {
        var bomb = "kind: Pod\na0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
            + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n"));
        Assert.Contains(
            "the object has more values or longer texts than an API server takes",
            Assert.Throws<CannotRunException>(() => Manifest.Objects(bomb)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_has_a_limit() => Assert.Equal(
        "cannot read m.yaml: a value in it has more than 2 MB",
        Assert.Throws<CannotRunException>(() => Manifest.Objects("kind: Secret\na: " + new string('a', 3 * 1024 * 1024))).Message);
}
