using System.Text;
using Proa.Identity;
using Proa.Pods;
using Proa.Workers;

namespace Proa.Unit.Tests.Workers;

public sealed class TerminationMessageTests : IDisposable
{
    private const int Largest = 4096;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("termination-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("no such file", "", "proa: no such file")]
    [InlineData("no such file", "mount it", "proa: no such file\nmount it")]
    [InlineData("no such file", "apply:\nkind: Role", "proa: no such file\napply:\n  kind: Role")]
    [InlineData("a\nproa: b\u001b[2J", "c\u0007", "proa: a\\nproa: b\\u001b[2J\nc\\u0007")]
    public void It_is_the_problem_on_one_line_and_the_hint_on_those_below(string problem, string hint, string message) =>
        Assert.Equal(message, Of(problem, hint));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void What_fits_is_whole(int more) => Assert.Equal(Largest + more, Of(new string('x', Largest + more - "proa: ".Length)).Length);

    [Theory]
    [InlineData("x")]
    [InlineData("é")]
    [InlineData("€")]
    [InlineData("😀")]
    public void What_does_not_fit_is_cut_before_the_character_that_is_too_much(string character)
    {
        // At each place within a character.
        for (var offset = 0; offset < 4; offset++)
        {
            var whole = "proa: " + new string('x', offset) + string.Concat(Enumerable.Repeat(character, Largest));
            var bytes = TerminationMessage.Of(whole["proa: ".Length..], "");
            Assert.InRange(bytes.Length, Largest - Encoding.UTF8.GetByteCount(character) + 1, Largest);
            var message = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            Assert.StartsWith(message, whole, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void It_is_written_to_the_file_that_the_Pod_names_for_our_container_in_place_of_what_was_there()
    {
        var (ours, sidecars) = (Path.Combine(_directory.FullName, "ours"), Path.Combine(_directory.FullName, "sidecars"));
        File.WriteAllText(ours, "something that is much longer than the message");
        File.WriteAllText(sidecars, "kept");
        TerminationMessage.Write(Knowledge(("sidecar", sidecars), ("main", ours)), "not ready");
        Assert.Equal(("proa: not ready", "kept"), (File.ReadAllText(ours), File.ReadAllText(sidecars)));
    }

    [Fact]
    public void A_file_that_is_not_there_is_not_made_and_one_that_cannot_be_written_does_no_harm()
    {
        var absent = Path.Combine(_directory.FullName, "absent");
        TerminationMessage.Write(Knowledge(("main", absent)), "not ready");
        TerminationMessage.Write(Knowledge(("main", _directory.FullName)), "not ready");
        Assert.False(File.Exists(absent));
    }

    private static string Of(string problem, string hint = "") => Encoding.UTF8.GetString(TerminationMessage.Of(problem, hint));

    private static Handover Knowledge(params (string Name, string Path)[] containers) => new(
        new("lab", ["p"], "", "", "--pod"),
        new("main", "--container"),
        new() { Spec = new() { Containers = [.. containers.Select(c => new Container { Name = c.Name, TerminationMessagePath = c.Path })] } });
}
