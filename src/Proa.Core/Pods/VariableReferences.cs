using System.Text;

namespace Proa.Pods;

/// <summary>
/// <c>$(NAME)</c> in a command, an argument or a variable's value, as the kubelet expands it ("Define Dependent Environment Variables"):
/// <c>$$</c> is a dollar sign, and what has no value stays as it is.
/// </summary>
internal static class VariableReferences
{
    private const string Begin = "$(";

    /// <summary>Whether there is one in the text.</summary>
    public static bool Are(string text) => text.Contains(Begin, StringComparison.Ordinal);

    /// <summary>Whether the text begins with one.</summary>
    public static bool AreFirst(string text) => text.StartsWith(Begin, StringComparison.Ordinal);

    /// <param name="value">A variable's value, or null.</param>
    public static string Expand(string text, Func<string, string?> value)
    {
        var word = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                word.Append(text[i]);
                continue;
            }

            var end = text[i + 1] == '(' ? text.IndexOf(')', i) : -1;
            if (end < 0)
            {
                word.Append('$');
                if (text[i + 1] == '$') i++;
                continue;
            }

            if (value(text[(i + 2)..end]) is { } found) word.Append(found);
            else word.Append(text, i, end + 1 - i);
            i = end;
        }

        return word.ToString();
    }
}
