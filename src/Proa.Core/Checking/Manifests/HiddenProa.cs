using Proa.Manifests;

namespace Proa.Checking.Manifests;

/// <summary>Proa within a longer text: a shell's command line, or a command whose words were written as one.</summary>
internal static class HiddenProa
{
    private static readonly char[] _separators = [' ', '\t', '\n', ';', '&', '|', '(', ')', '"', '\''];

    /// <summary>A command that no program has as its name.</summary>
    public static Problem? ProblemIn(Node container)
    {
        var first = container.List("command").Concat(container.List("args")).FirstOrDefault();
        if (first?.Text is not { } text || !IsIn(text) || !text.StartsWith(Words(text)[0], StringComparison.Ordinal) || !IsProgram(Words(text)[0])) return null;
        return new(
            first.Line,
            $"{container.Word("name")}: its command is one word with spaces in it, and no program has that name",
            "write each word as an item of its own, like [/proa, --, work]");
    }

    public static string? NoteOn(Node container) =>
        container.Words("command").Concat(container.Words("args")).Any(IsIn)
            ? $"{container.Word("name")}: proa is part of a longer text, such as a shell's command line, which --check does not read"
            : null;

    /// <summary>Whether it is followed by an option, or by --.</summary>
    private static bool IsIn(string text)
    {
        var words = Words(text);
        for (var i = 0; i + 1 < words.Length; i++)
        {
            if (IsProgram(words[i]) && words[i + 1].StartsWith('-')) return true;
        }

        return false;
    }

    private static bool IsProgram(string word) => FileName.Of(word) == ProaContainer.Program;

    private static string[] Words(string text) => text.Split(_separators, StringSplitOptions.RemoveEmptyEntries);
}
