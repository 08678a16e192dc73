using Proa.Pods;

namespace Proa.Manifests;

/// <summary>
/// A container's variables as far as a manifest has them, and its command with <c>$(NAME)</c> expanded as the kubelet does ("Define Dependent
/// Environment Variables"): <c>$$</c> is a dollar sign, and what has no value stays as it is.
/// </summary>
internal sealed class Expansion
{
    private readonly Dictionary<string, string> _values = [];
    private readonly HashSet<string> _unknown = [];
    private readonly bool _hasOthers;

    public Expansion(Node container)
    {
        _hasOthers = container.List("envFrom").Count > 0;
        foreach (var variable in container.List("env"))
        {
            var name = variable.Word("name");
            if (variable["valueFrom"] is not null || !TryExpand(variable.Word("value"), out var value))
            {
                _values.Remove(name);
                _unknown.Add(name);
                continue;
            }

            _unknown.Remove(name);
            _values[name] = value;
        }
    }

    /// <summary>The names of variables whose values are elsewhere.</summary>
    public IEnumerable<string> Unknown => _unknown;

    public IEnumerable<string> Names => _values.Keys;

    public string? Value(string name) => _values.GetValueOrDefault(name);

    /// <summary>Expands one word. False where that takes a value that is not in the manifest.</summary>
    public bool TryExpand(string text, out string expanded)
    {
        var isKnown = true;
        expanded = VariableReferences.Expand(text, name =>
        {
            var value = Value(name);
            isKnown &= value is not null || (!_hasOthers && !_unknown.Contains(name));
            return value;
        });
        return isKnown;
    }
}
