namespace Proa.Logging;

/// <summary>Fits what others say into proa's own messages.</summary>
internal static class Wording
{
    /// <summary>The text with a small first letter, unless it begins with an abbreviation.</summary>
    public static string WithSmallInitial(string text) =>
        text.Length > 1 && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
}
