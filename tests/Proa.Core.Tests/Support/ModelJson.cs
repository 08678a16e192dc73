using System.Text;
using System.Text.Json.Serialization.Metadata;
using Proa.Pods;

namespace Proa.Tests.Support;

/// <summary>Arbitrary JSON of the model's names: most of it as the model has it, and here and there anything else.</summary>
internal sealed class ModelJson(int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<byte> _json = [];
    private bool _isOdd;

    /// <summary>A text of a type; of half of the seeds one that the model has throughout.</summary>
    public static byte[] Of(Type type, int seed)
    {
        var json = new ModelJson(seed) { _isOdd = seed % 2 == 0 };
        json.Value(type, 0);
        if (json.Odd(40)) json.Raw(json.Any(" ", "\n\t", ",", "}", "{}", "x", "\0", "\u00a0"));
        return [.. json._json];
    }

    private void Value(Type type, int depth)
    {
        if (Odd(25)) Anything(depth);
        else if (OneIn(30)) Raw("null");
        else if (type == typeof(KnownVariables)) Variables(depth);
        else if (Nullable.GetUnderlyingType(type) is { } of) Value(of, depth);
        else if (type == typeof(string)) Text();
        else if (type == typeof(bool)) Raw(Any("true", "false"));
        else if (type == typeof(int) || type == typeof(long)) Number();
        else if (ModelOracle.Options.GetTypeInfo(type) is { ElementType: { } element }) List(_ => Value(element, depth + 1));
        else Object([.. ModelOracle.Options.GetTypeInfo(type).Properties], depth);
    }

    private void Object(JsonPropertyInfo[] properties, int depth)
    {
        Raw("{");
        var count = _random.Next(properties.Length + 2) + (_isOdd ? 1 : 0);
        for (var i = 0; i < count; i++)
        {
            if (i > 0) Raw(",");
            var property = properties.Length == 0 || OneIn(8) ? null : properties[_random.Next(properties.Length)];
            Name(property?.Name ?? Any("x", "name_", "Name", "", "$id", "$type", "meta data", "it's", "a.b", "ä", "isBeingDeleted"));
            Raw(Any(":", " : "));
            if (property is null) Anything(depth);
            else if (property.DeclaringType == typeof(ProbeAction)) Port(depth);
            else Value(property.PropertyType, depth + 1);
        }

        Raw("}");
    }

    private void Port(int depth)
    {
        if (OneIn(3)) Number();
        else if (OneIn(3)) Anything(depth);
        else Text();
    }

    private void Variables(int depth) => List(_ =>
    {
        if (Odd(8)) Anything(depth);
        else
        {
            Raw("{");
            List<string> names = ["name", "value", "valueFrom", "x"];
            for (var i = 0; i < 4; i++)
            {
                if (i > 0) Raw(",");
                var name = names[_random.Next(names.Count)];
                Name(name);
                Raw(":");
                if (Odd(5)) Anything(depth);
                else if (name == "name") Raw($"\"{Any("CSQL_PROXY_PORT", "CSQL_PROXY_FUSE", "A")}\"");
                else if (name == "value") Raw($"\"{Any("", "1", "$(A)", "\\u0024(A)", new string('y', 70))}\"");
                else Raw(Any("{}", "null", "{\"x\":[]}"));
            }

            Raw("}");
        }
    });

    private void List(Action<int> element)
    {
        Raw("[");
        var count = _random.Next(4);
        for (var i = 0; i < count; i++)
        {
            if (i > 0) Raw(" , ");
            element(i);
        }

        Raw("]");
    }

    private void Anything(int depth)
    {
        switch (_random.Next(12))
        {
            case 0: Raw("null"); break;
            case 1: Raw(Any("true", "false")); break;
            case 2 or 3: Text(); break;
            case 4 or 5: Number(); break;
            case 6: Raw(Any("nul", "tru", "'a'", "NaN", "+1", "01", "1.", ".5", "//x\n1", "[1,]", "{\"a\":1,}", "\"\t\"", "\"\\x\"", "\"", "")); break;
            case 7: Deep(); break;
            case 8 or 9 when depth < 6: List(_ => Anything(depth + 1)); break;
            case 10 when depth < 6: Object([], depth + 1); break;
            default: Raw(Any("{}", "[]", "[null]", "{\"name\":\"a\"}")); break;
        }
    }

    /// <summary>Near the bound of 64, and past it.</summary>
    private void Deep()
    {
        var (levels, isList) = (_random.Next(55, 68), OneIn(2));
        Raw(string.Concat(Enumerable.Repeat(isList ? "[" : "{\"a\":", levels)) + (isList ? "" : "1") + new string(isList ? ']' : '}', levels));
    }

    private void Number() => Raw(Any(
        "0", "-0", "1", "-1", "42", "137", "2147483647", "2147483648", "-2147483648", "9223372036854775807", "9223372036854775808", _isOdd ? "1.0" : "3",
        _isOdd ? "1e2" : "4", _isOdd ? "1e400" : "5"));

    private void Name(string name)
    {
        Raw("\"");
        for (var i = 0; i < name.Length; i++)
        {
            if (OneIn(60)) Raw($"\\u{(int)name[i]:x4}");
            else Raw(name[i] == '/' && OneIn(2) ? "\\/" : name[i].ToString());
        }

        if (Odd(60)) Crooked();
        Raw("\"");
    }

    private void Text()
    {
        Raw("\"");
        Raw(Any(
            "", "a", "main", "Always", "Running", "8080", "http", "ä𝄞", "\\ud834\\udd1e", "\\n\\t\\\"\\\\\\/\\b\\f\\r", "\\u00e4", "$(A)", "\\u0000"));
        if (Odd(25)) Crooked();
        Raw("\"");
    }

    /// <summary>What is no UTF-8, or half a pair.</summary>
    private void Crooked()
    {
        switch (_random.Next(6))
        {
            case 0: Raw("\\ud834"); break;
            case 1: Raw("\\udd1e\\ud834"); break;
            case 2: _json.Add(0xff); break;
            case 3: _json.AddRange([0xc0, 0x80]); break;
            case 4: _json.AddRange([0xed, 0xa0, 0x80]); break;
            default: _json.AddRange([(byte)'\\', (byte)'u', (byte)'0', (byte)'0', (byte)'6', (byte)'1', 0xe4]); break;
        }
    }

    private void Raw(string text) => _json.AddRange(Encoding.UTF8.GetBytes(text));

    private string Any(params string[] texts) => texts[_random.Next(texts.Length)];

    private bool OneIn(int many) => _random.Next(many) == 0;

    private bool Odd(int many) => _isOdd && OneIn(many);
}
