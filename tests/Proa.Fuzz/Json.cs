using Proa.Tests.Support;

namespace Proa.Fuzz;

/// <summary>What the targets that read JSON have in common.</summary>
internal static class Json
{
    /// <summary>The names of the properties that proa reads of a type, and of their types.</summary>
    public static IEnumerable<string> Names(params Type[] types)
    {
        var known = new HashSet<Type>(types);
        for (var open = new Queue<Type>(types); open.TryDequeue(out var type);)
        {
            var info = ModelOracle.Options.GetTypeInfo(type);
            if (info.ElementType is { } element && known.Add(element)) open.Enqueue(element);
            foreach (var property in info.Properties)
            {
                yield return $"\"{property.Name}\":";
                if (known.Add(property.PropertyType)) open.Enqueue(property.PropertyType);
            }
        }
    }

    /// <summary>The values that proa knows.</summary>
    public static IEnumerable<string> Values() =>
        ((string[])["Always", "OnFailure", "Never", "Restart", "In", "NotIn", "Running", "Succeeded", "Failed"]).Select(value => $"\"{value}\"")
            .Concat(["null", "true", "false", "{}", "[]", ",", "-1", "9223372036854775807", "1e9", "\\ud834\\udd1e", "\\ud834", "\xff"]);
}
