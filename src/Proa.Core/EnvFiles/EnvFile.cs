using System.Diagnostics.CodeAnalysis;

namespace Proa.EnvFiles;

/// <summary>A variable of a file.</summary>
/// <param name="Name">May be empty, and is then no variable: the syntax allows it.</param>
/// <param name="Line">Where it stands, from 1.</param>
internal sealed record EnvFileVariable(string Name, string Value, int Line);

/// <summary>Why a file cannot be read. What is wrong is not repeated: it may be part of a secret.</summary>
/// <param name="Line">Where, from 1.</param>
internal sealed record EnvFileError(int Line, string Problem);

/// <summary>
/// Reads what godotenv (github.com/joho/godotenv, its main branch) reads, to the same result: comments, <c>export</c>, both kinds of quotes,
/// escapes, expansion, values of several lines, <c>NAME: value</c>. Text is Latin-1 here, a character for each byte, so that no byte is lost;
/// what godotenv decodes as UTF-8, its spaces, is looked for as bytes.
/// </summary>
internal sealed class EnvFile
{
    /// <summary>In UTF-8, a character for each byte.</summary>
    private const string ByteOrderMark = "\u00ef\u00bb\u00bf";

    /// <summary>Of all values together: an expansion may make much of a small file, and a worker has little memory.</summary>
    private const int MostOfValues = 1024 * 1024;

    /// <summary>What a variable counts beside its value.</summary>
    private const int WeightOfOne = 64;

    private readonly string _text;
    private readonly Func<string, string?> _outside;
    private readonly Dictionary<string, string> _values = [];
    private readonly List<EnvFileVariable> _variables = [];
    private int _at;
    private int _length;

    /// <summary>The line of the place up to which lines have been counted.</summary>
    private int _line = 1;
    private int _counted;

    private EnvFile(string text, Func<string, string?> outside) => (_text, _outside) = (text.Replace("\r\n", "\n", StringComparison.Ordinal), outside);

    /// <param name="text">The file, a character for each byte.</param>
    /// <param name="outside">Gives a variable that the file itself has not set yet, for expansion; null where it is not set.</param>
    public static bool TryRead(
        string text,
        Func<string, string?> outside,
        [NotNullWhen(true)] out IReadOnlyList<EnvFileVariable>? variables,
        [NotNullWhen(false)] out EnvFileError? error)
    {
        var file = new EnvFile(text, outside);
        error = file.Read();
        variables = error is null ? file._variables : null;
        return error is null;
    }

    private char Now => _at < _text.Length ? _text[_at] : '\0';

    private bool IsAtEnd => _at >= _text.Length;

    private EnvFileError? Read()
    {
        while (FindStatement())
        {
            var line = Line(_at);
            if (ReadName() is not { } name)
                return _text.StartsWith(ByteOrderMark, StringComparison.Ordinal)
                    ? new(1, "the file begins with a byte order mark: save it as UTF-8 without one")
                    : new(Line(_at), "a name has letters, digits, \"_\", \".\" and \"-\", and \"=\" or \":\" follows");
            if (ReadValue() is not { } value) return new(line, "a quote is not closed");
            if (value.Contains('\0', StringComparison.Ordinal)) return new(line, "a value has a NUL in it");
            _length += value.Length + WeightOfOne;
            if (_length > MostOfValues) return new(line, "up to this line the values, expanded, are larger than proa allows");
            _values[name] = value;
            _variables.Add(new(name, value, line));
        }

        return null;
    }

    /// <summary>Goes to the next statement; false where there is none.</summary>
    private bool FindStatement()
    {
        while (true)
        {
            while (EnvFileSpace.WideAt(_text, _at) is > 0 and var width) _at += width;
            if (IsAtEnd) return false;
            if (Now != '#') return true;
            while (!IsAtEnd && Now != '\n') _at++;
        }
    }

    /// <summary>
    /// The name, and goes behind what separates it from the value; null where there is what no name has. A last line without a separator is a
    /// value without a name.
    /// </summary>
    private string? ReadName()
    {
        const string export = "export";
        var afterExport = _at + export.Length;
        if (string.CompareOrdinal(_text, _at, export, 0, export.Length) == 0 && EnvFileSpace.At(_text, afterExport) > 0)
        {
            _at = afterExport;
            SkipSpaces();
        }

        var start = _at;
        var end = start;
        while (end < _text.Length && _text[end] is not ('=' or ':'))
        {
            if (!IsOfName(_text[end]))
            {
                _at = end;
                return null;
            }

            end++;
        }

        // After a last "export" nothing is left.
        if (start == _text.Length) return null;
        var hasSeparator = end < _text.Length;
        _at = hasSeparator ? end + 1 : start;
        SkipSpaces();
        return hasSeparator ? EnvFileSpace.TrimEnd(_text[start..end]) : "";
    }

    /// <summary>godotenv takes each byte for a character of its own here: of those above 127 it takes Latin-1's letters and digits.</summary>
    private static bool IsOfName(char c) => c is '_' or '.' or '-' || char.IsLetter(c) || char.IsNumber(c) || EnvFileSpace.IsByte(c);

    private void SkipSpaces()
    {
        while (EnvFileSpace.At(_text, _at) is > 0 and var width) _at += width;
    }

    /// <summary>The value; null where a quote is not closed.</summary>
    private string? ReadValue()
    {
        if (Now is ('"' or '\'') and var quote) return ReadQuoted(quote);
        var start = _at;
        while (!IsAtEnd && Now is not ('\n' or '\r')) _at++;
        return Expand(EnvFileSpace.Trim(WithoutComment(_text[start.._at])));
    }

    private static string WithoutComment(string line)
    {
        for (var i = line.IndexOf('#', StringComparison.Ordinal); i >= 0; i = line.IndexOf('#', i + 1))
        {
            if (EnvFileSpace.IsBefore(line, i)) return line[..i];
        }

        return line;
    }

    private string? ReadQuoted(char quote)
    {
        var start = _at;
        for (var end = start + 1; end < _text.Length; end++)
        {
            if (_text[end] != quote || IsEscaped(start, end)) continue;
            _at = end + 1;
            var value = _text[start..end].Trim(quote);
            return quote == '"' ? Expand(EnvFileEscapes.Resolve(value)) : value;
        }

        return null;
    }

    private bool IsEscaped(int start, int at)
    {
        var backslashes = 0;
        while (at - 1 - backslashes >= start && _text[at - 1 - backslashes] == '\\') backslashes++;
        return backslashes % 2 == 1;
    }

    private string Expand(string value) =>
        EnvFileEscapes.Expand(value, MostOfValues, name => _values.TryGetValue(name, out var own) ? own : _outside(name) ?? "");

    /// <param name="at">No smaller than the last time.</param>
    private int Line(int at)
    {
        var end = Math.Min(at, _text.Length);
        _line += _text.AsSpan(_counted, end - _counted).Count('\n');
        _counted = end;
        return _line;
    }
}
