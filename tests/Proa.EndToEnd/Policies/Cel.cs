using System.Globalization;
using System.Text.RegularExpressions;

namespace Proa.EndToEnd.Policies;

/// <summary>
/// As much of the Common Expression Language as the example's admission policies use, evaluated without types: text, numbers, lists, maps, objects, optional
/// values, the macros and the functions on lists and texts. Anything else is an error, and so is a field that is not there, as in an API server.
/// </summary>
internal sealed partial class Cel
{
    private readonly List<string> _tokens;
    private readonly IReadOnlyDictionary<string, object?> _variables;
    private int _at;

    private Cel(string expression, IReadOnlyDictionary<string, object?> variables)
    {
        _tokens = [.. Token().Matches(expression).Select(m => m.Value.Trim()).Where(t => t.Length > 0), ""];
        _variables = variables;
        Assert.Equal(Blank().Replace(expression, ""), Blank().Replace(string.Concat(_tokens), ""));
    }

    /// <summary>Evaluates an expression.</summary>
    public static object? Evaluate(string expression, IReadOnlyDictionary<string, object?> variables)
    {
        var cel = new Cel(expression, variables);
        var value = cel.Conditional()(cel._variables);
        return cel._tokens[cel._at].Length == 0 ? value : throw cel.Wrong("the end");
    }

    private delegate object? Code(IReadOnlyDictionary<string, object?> variables);

    private sealed record Maybe(bool Has, object? Value);

    private Code Conditional()
    {
        var condition = Either();
        if (!Take("?")) return condition;
        var yes = Conditional();
        Expect(":");
        var no = Conditional();
        return v => (bool)condition(v)! ? yes(v) : no(v);
    }

    private Code Either()
    {
        var left = Both();
        while (Take("||"))
        {
            var (one, other) = (left, Both());
            left = v => (bool)one(v)! || (bool)other(v)!;
        }

        return left;
    }

    private Code Both()
    {
        var left = Compared();
        while (Take("&&"))
        {
            var (one, other) = (left, Compared());
            left = v => (bool)one(v)! && (bool)other(v)!;
        }

        return left;
    }

    private Code Compared()
    {
        var left = Sum();
        if (Take("=="))
        {
            var right = Sum();
            return v => Equals(left(v), right(v));
        }

        if (Take("!="))
        {
            var right = Sum();
            return v => !Equals(left(v), right(v));
        }

        return left;
    }

    private Code Sum()
    {
        var left = Not();
        while (Take("+"))
        {
            var (one, other) = (left, Not());
            left = v => (one(v), other(v)) switch
            {
                (List<object?> a, List<object?> b) => a.Concat(b).ToList(),
                (string a, string b) => a + b,
                var (a, b) => throw new InvalidOperationException($"no such overload: {a} + {b}"),
            };
        }

        return left;
    }

    private Code Not()
    {
        if (!Take("!")) return Member();
        var operand = Not();
        return v => !(bool)operand(v)!;
    }

    private Code Member()
    {
        var value = Primary();
        while (true)
        {
            var of = value;
            if (Take("["))
            {
                var index = Conditional();
                Expect("]");
                value = v => Select(of(v), index(v));
            }
            else if (Take("."))
            {
                var isOptional = Take("?");
                var name = Name();
                if (!isOptional && Take("(")) value = Call(of, name);
                else value = v => Select(isOptional ? AsOptional(of(v)) : of(v), name);
            }
            else return value;
        }
    }

    private Code Call(Code of, string name)
    {
        if (name is "map" or "filter" or "exists" or "all")
        {
            var variable = Name();
            Expect(",");
            var body = Conditional();
            Expect(")");
            return v =>
            {
                var items = (List<object?>)of(v)!;
                object? In(object? item) => body(new Dictionary<string, object?>(v) { [variable] = item });
                return name switch
                {
                    "map" => items.Select(In).ToList(),
                    "filter" => items.Where(i => (bool)In(i)!).ToList(),
                    "exists" => items.Any(i => (bool)In(i)!),
                    _ => items.All(i => (bool)In(i)!),
                };
            };
        }

        var argument = Conditional();
        var second = Take(",") ? Conditional() : _ => null;
        Expect(")");
        return v => (name, of(v), argument(v), second(v)) switch
        {
            ("orValue", Maybe maybe, var otherwise, null) => maybe.Has ? maybe.Value : otherwise,
            ("indexOf", List<object?> list, var item, null) => (long)list.IndexOf(item),
            ("split", string text, string separator, null) => text.Split(separator).ToList<object?>(),
            ("endsWith", string text, string end, null) => text.EndsWith(end, StringComparison.Ordinal),
            ("replace", string text, string former, string present) => text.Replace(former, present, StringComparison.Ordinal),
            var (_, value, _, _) => throw new InvalidOperationException($"no such overload: {value}.{name}()"),
        };
    }

    private Code Primary()
    {
        if (Take("("))
        {
            var inner = Conditional();
            Expect(")");
            return inner;
        }

        if (Take("["))
        {
            var items = new List<Code>();
            while (!Take("]"))
            {
                items.Add(Conditional());
                if (!Take(",")) { Expect("]"); break; }
            }

            return v => items.Select(i => i(v)).ToList();
        }

        var token = _tokens[_at++];
        if (token is ['\'', .., '\'']) return _ => Regex.Unescape(token[1..^1]);
        if (token is "true" or "false") return _ => token == "true";
        if (long.TryParse(token, CultureInfo.InvariantCulture, out var number)) return _ => number;
        if (token is "has" or "string" && Take("(")) return Function(token);
        if (!Word().IsMatch(token)) throw Wrong("a value");
        if (IsType(token)) return Object();
        return v => v.TryGetValue(token, out var value) ? value : throw new InvalidOperationException($"undeclared reference to {token}");
    }

    private Code Function(string name)
    {
        var argument = Conditional();
        var last = _tokens[_at - 1];
        Expect(")");
        if (name == "string") return v => Convert.ToString(argument(v), CultureInfo.InvariantCulture);
        return v =>
        {
            try
            {
                return argument(v) is not null;
            }
            catch (KeyNotFoundException missing) when (missing.Message == last)
            {
                return false;
            }
        };
    }

    private bool IsType(string word) => word is "Object" or "JSONPatch" && _tokens[_at] is "{" or ".";

    /// <summary>What is built of the fields, as <c>Object.spec.volumes{name: 'a'}</c>.</summary>
    private Code Object()
    {
        while (Take(".")) Name();
        Expect("{");
        var fields = new Dictionary<string, Code>();
        while (!Take("}"))
        {
            var name = Name();
            Expect(":");
            fields.Add(name, Conditional());
            if (!Take(",")) { Expect("}"); break; }
        }

        return v => fields.ToDictionary(f => f.Key, f => f.Value(v));
    }

    private static Maybe AsOptional(object? value) => value as Maybe ?? new(true, value);

    private static object? Select(object? of, object? key) => of switch
    {
        Maybe { Has: false } none => none,
        Maybe maybe => Find(maybe.Value, key, out var found) ? new Maybe(true, found) : new Maybe(false, null),
        _ => Find(of, key, out var found) ? found : throw new KeyNotFoundException($"{key}"),
    };

    private static bool Find(object? of, object? key, out object? found)
    {
        found = null;
        if (of is Dictionary<string, object?> map && key is string name) return map.TryGetValue(name, out found);
        if (of is not List<object?> list || key is not long index || index < 0 || index >= list.Count) return false;
        found = list[(int)index];
        return true;
    }

    private string Name() => Word().IsMatch(_tokens[_at]) ? _tokens[_at++] : throw Wrong("a name");

    private bool Take(string token)
    {
        if (_tokens[_at] != token) return false;
        _at++;
        return true;
    }

    private void Expect(string token)
    {
        if (!Take(token)) throw Wrong(token);
    }

    private InvalidOperationException Wrong(string expected) =>
        new($"{expected} is expected in place of \"{_tokens[_at]}\", after {string.Concat(_tokens.Take(_at).TakeLast(8))}");

    [GeneratedRegex(@"'[^']*'|[A-Za-z_]\w*|\d+|\|\||&&|==|!=|[!?:+.,(){}\[\]]|\s+")]
    private static partial Regex Token();

    [GeneratedRegex(@"^[A-Za-z_]\w*$")]
    private static partial Regex Word();

    [GeneratedRegex(@"\s")]
    private static partial Regex Blank();
}
