using System.Text;

namespace Proa.EnvFiles;

/// <summary>Escapes and variables in values, as godotenv's regular expressions take them.</summary>
internal static class EnvFileEscapes
{
    /// <summary>
    /// In double quotes: <c>\n</c> and <c>\r</c> become what they stand for, and then each backslash goes that has another character than
    /// <c>$</c> after it.
    /// </summary>
    public static string Resolve(string value)
    {
        if (!value.Contains('\\', StringComparison.Ordinal)) return value;
        var lines = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            var next = i + 1 < value.Length ? value[i + 1] : '\n';
            if (value[i] != '\\' || next == '\n')
            {
                lines.Append(value[i]);
                continue;
            }

            if (next is 'n' or 'r') lines.Append(next == 'n' ? '\n' : '\r');
            else lines.Append('\\').Append(next);
            i++;
        }

        return Unescape(lines.ToString());
    }

    private static string Unescape(string value)
    {
        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length && value[i + 1] != '$') i++;
            text.Append(value[i]);
        }

        return text.ToString();
    }

    /// <summary>
    /// <c>$NAME</c>, <c>${NAME}</c> and even <c>$(NAME</c> become the variable's value, where the name has capitals, digits and
    /// <c>_</c> alone. <c>\$</c> is a dollar. Braces need not match.
    /// </summary>
    /// <param name="value">What may have variables in it.</param>
    /// <param name="most">How long the result may be; it is cut somewhere beyond.</param>
    /// <param name="variable">Gives a variable's value, empty where there is none.</param>
    public static string Expand(string value, int most, Func<string, string> variable)
    {
        if (!value.Contains('$', StringComparison.Ordinal)) return value;
        var text = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length && text.Length <= most;)
        {
            var isEscaped = value[i] == '\\' && i + 1 < value.Length && value[i + 1] == '$';
            if (value[i] != '$' && !isEscaped)
            {
                text.Append(value[i++]);
                continue;
            }

            var start = i;
            i += isEscaped ? 2 : 1;
            if (Is(i, '(')) i++;
            if (Is(i, '{')) i++;
            var name = i;
            while (i < value.Length && value[i] is (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_') i++;
            var end = i;
            if (Is(i, '}')) i++;
            if (isEscaped) text.Append(value, start + 1, i - start - 1);
            else if (end > name) text.Append(variable(value[name..end]));
            else text.Append(value, start, i - start);
        }

        return text.ToString();

        bool Is(int at, char c) => at < value.Length && value[at] == c;
    }
}
