namespace Proa.EnvFiles;

/// <summary>What counts as a space in a file that godotenv reads. Each character is a byte: one that is a space in UTF-8 may have several.</summary>
internal static class EnvFileSpace
{
    /// <summary>Unicode's spaces other than those that end no line: U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000.</summary>
    private static readonly string[] _wide =
    [
        "\u00e1\u009a\u0080",
        "\u00e2\u0080\u0080", "\u00e2\u0080\u0081", "\u00e2\u0080\u0082", "\u00e2\u0080\u0083", "\u00e2\u0080\u0084", "\u00e2\u0080\u0085",
        "\u00e2\u0080\u0086", "\u00e2\u0080\u0087", "\u00e2\u0080\u0088", "\u00e2\u0080\u0089", "\u00e2\u0080\u008a",
        "\u00e2\u0080\u00a8", "\u00e2\u0080\u00a9", "\u00e2\u0080\u00af", "\u00e2\u0081\u009f", "\u00e3\u0080\u0080",
    ];

    /// <summary>Whether a byte alone is a space, where bytes are looked at one by one: in a name.</summary>
    public static bool IsByte(char c) => c is '\t' or '\v' or '\f' or '\r' or ' ' or '\u0085' or '\u00a0';

    /// <summary>How many characters the space within a line has that begins here; 0 where none does.</summary>
    public static int At(string text, int at)
    {
        if (at >= text.Length) return 0;
        if (text[at] is '\t' or '\v' or '\f' or '\r' or ' ') return 1;
        return text[at] == '\u00c2' && at + 1 < text.Length && text[at + 1] is '\u0085' or '\u00a0' ? 2 : 0;
    }

    /// <summary>The same between statements, where an end of line is a space, and every space that Unicode has.</summary>
    public static int WideAt(string text, int at) =>
        at < text.Length && text[at] == '\n' ? 1
        : At(text, at) is > 0 and var width ? width
        : _wide.FirstOrDefault(space => string.CompareOrdinal(text, at, space, 0, space.Length) == 0)?.Length ?? 0;

    /// <summary>Whether a space within a line ends right before this place.</summary>
    public static bool IsBefore(string text, int at) => (at >= 1 && At(text, at - 1) == 1) || (at >= 2 && At(text, at - 2) == 2);

    /// <summary>Without the spaces within a line that it begins and ends with.</summary>
    public static string Trim(string text)
    {
        var start = 0;
        while (At(text, start) is > 0 and var width) start += width;
        var end = text.Length;
        while (end > start && IsBefore(text, end)) end -= At(text, end - 1) == 1 ? 1 : 2;
        return text[start..end];
    }

    /// <summary>Without the spaces, of any kind, that it ends with.</summary>
    public static string TrimEnd(string text)
    {
        var end = text.Length;
        while (LastWidth(text, end) is > 0 and var width) end -= width;
        return text[..end];
    }

    private static int LastWidth(string text, int end)
    {
        for (var width = 1; width <= 3 && width <= end; width++)
        {
            if (WideAt(text, end - width) == width) return width;
        }

        return 0;
    }
}
