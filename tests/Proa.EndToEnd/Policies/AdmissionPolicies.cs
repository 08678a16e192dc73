using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Proa.EndToEnd.Policies;

/// <summary>An admission policy has refused an object.</summary>
internal sealed class RefusedException(string message) : Exception(message);

/// <summary>
/// Mutating and validating admission policies of a manifest, as an API server carries them out: conditions, variables, mutations by JSON patch, then
/// validations. Bindings and namespace selectors are taken for given.
/// </summary>
internal sealed class AdmissionPolicies
{
    private readonly YamlMappingNode[] _policies;

    public AdmissionPolicies(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        _policies = [.. stream.Documents.Select(d => (YamlMappingNode)d.RootNode)];
    }

    /// <summary>The objects of a manifest, as JSON.</summary>
    public static IEnumerable<JsonObject> Read(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents.Select(d => Read(d.RootNode)!.AsObject());
    }

    /// <summary>Changes a new object, or refuses it.</summary>
    /// <param name="resource">What it is, in the plural: pods.</param>
    /// <param name="webhooks">What changes the object between the policies that may and those that may not.</param>
    public void Admit(JsonObject found, string resource, Action<JsonObject>? webhooks = null)
    {
        foreach (var policy in Of("MutatingAdmissionPolicy", resource)) Mutate(policy, found);
        webhooks?.Invoke(found);
        foreach (var policy in Of("ValidatingAdmissionPolicy", resource)) Validate(policy, found);
    }

    private IEnumerable<YamlNode> Of(string kind, string resource) => _policies
        .Where(p => Text(p["kind"]) == kind)
        .Select(p => p["spec"])
        .Where(spec => List(spec["matchConstraints"], "resourceRules").Any(rule => List(rule, "resources").Any(r => Text(r) == resource)));

    private static void Mutate(YamlNode policy, JsonObject found)
    {
        if (Variables(policy, found) is not { } variables) return;
        foreach (var mutation in List(policy, "mutations"))
        {
            foreach (var step in (List<object?>)Cel.Evaluate(Text(mutation["jsonPatch"]["expression"]), variables)!)
                Apply(found, (Dictionary<string, object?>)step!);
        }
    }

    private static void Validate(YamlNode policy, JsonObject found)
    {
        if (Variables(policy, found) is not { } variables) return;
        foreach (var validation in List(policy, "validations"))
        {
            if (!(bool)Cel.Evaluate(Text(validation["expression"]), variables)!)
                throw new RefusedException((string)Cel.Evaluate(Text(validation["messageExpression"]), variables)!);
        }
    }

    /// <summary>What its expressions see; null where a condition does not hold. The conditions see no variables.</summary>
    private static Dictionary<string, object?>? Variables(YamlNode policy, JsonObject found)
    {
        var seen = new Dictionary<string, object?> { ["object"] = Value(found) };
        if (List(policy, "matchConditions").Any(c => !(bool)Cel.Evaluate(Text(c["expression"]), seen)!)) return null;
        var variables = new Dictionary<string, object?>();
        seen["variables"] = variables;
        foreach (var variable in List(policy, "variables")) variables[Text(variable["name"])] = Cel.Evaluate(Text(variable["expression"]), seen);
        return seen;
    }

    /// <summary>One step of a JSON patch (RFC 6902): add or replace.</summary>
    private static void Apply(JsonObject found, Dictionary<string, object?> step)
    {
        var path = ((string)step["path"]!).Split('/')[1..];
        JsonNode parent = found;
        foreach (var key in path[..^1]) parent = (parent is JsonArray list ? list[int.Parse(key, CultureInfo.InvariantCulture)] : parent[key])!;
        var (last, value) = (path[^1], Json(step["value"]));
        switch (((string)step["op"]!, parent))
        {
            case ("add", JsonArray list) when last == "-": list.Add(value); break;
            case ("add", JsonObject map): map[last] = value; break;
            case ("replace", JsonObject map) when map.ContainsKey(last): map[last] = value; break;
            default: throw new InvalidOperationException($"no such step: {step["op"]} {step["path"]}");
        }
    }

    private static JsonNode? Read(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Select(e => KeyValuePair.Create(Text(e.Key), Read(e.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(Read)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } flag => flag.Value == "true",
        var scalar => Text(scalar),
    };

    private static object? Value(JsonNode? node) => node switch
    {
        JsonObject map => map.ToDictionary(e => e.Key, e => Value(e.Value)),
        JsonArray list => list.Select(Value).ToList(),
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        JsonValue value when value.TryGetValue<long>(out var number) => number,
        _ => null,
    };

    private static JsonNode? Json(object? value) => value switch
    {
        Dictionary<string, object?> map => new JsonObject(map.Select(e => KeyValuePair.Create(e.Key, Json(e.Value)))),
        List<object?> list => new JsonArray([.. list.Select(Json)]),
        string text => text,
        bool flag => flag,
        long number => number,
        _ => null,
    };

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    private static IEnumerable<YamlNode> List(YamlNode of, string key) =>
        ((YamlMappingNode)of).Children.TryGetValue(key, out var list) ? (YamlSequenceNode)list : [];
}
