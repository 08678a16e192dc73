namespace Proa.Ending;

/// <summary>A variable's value as that of a header.</summary>
internal static class HeaderValue
{
    /// <summary>
    /// The text without the white space at its end, which a file's or an echo's line break leaves there; null where the rest cannot be in a
    /// header: another line break would begin a header of its own.
    /// </summary>
    public static string? Of(string text)
    {
        var value = text.TrimEnd();
        return value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? null : value;
    }
}
