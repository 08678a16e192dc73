using System.Collections.Immutable;
using System.Text;

namespace Proa.EnvFiles;

/// <summary>
/// An environment that files are merged into: what is set already wins, unless it is to be overridden. Text is Latin-1, as in
/// <see cref="EnvFile"/>.
/// </summary>
internal sealed class EnvironmentBlock
{
    private readonly bool _isOverride;

    /// <summary>What is taken out is null.</summary>
    private readonly List<string?> _entries = [];

    /// <summary>Where each variable is; of several with a name, the first.</summary>
    private readonly Dictionary<string, int> _places = [];
    private readonly HashSet<string> _repeated = [];

    public EnvironmentBlock(IEnumerable<string> given, bool isOverride)
    {
        _isOverride = isOverride;
        foreach (var entry in given) Add(entry);
    }

    /// <summary>The entries, each as <c>NAME=value</c>: those given in their order, and then the others.</summary>
    public ImmutableArray<string> Entries => [.. _entries.OfType<string>()];

    /// <summary>A variable's value, or null. The first of several counts, as for getenv(3).</summary>
    public string? Value(string name) => _places.TryGetValue(name, out var place) ? _entries[place]![(name.Length + 1)..] : null;

    /// <summary>Sets the variables of one file. The last of several with a name counts.</summary>
    public void Merge(IReadOnlyList<EnvFileVariable> variables)
    {
        HashSet<string> set = [.. variables.Select(v => v.Name).Where(name => name.Length > 0 && (_isOverride || !_places.ContainsKey(name)))];
        foreach (var variable in variables.Where(v => set.Contains(v.Name))) Set(variable);
    }

    private void Set(EnvFileVariable variable)
    {
        var entry = variable.Name + "=" + variable.Value;
        if (!_places.TryGetValue(variable.Name, out var place))
        {
            Add(entry);
            return;
        }

        _entries[place] = entry;
        // A shell would take the last one.
        if (!_repeated.Remove(variable.Name)) return;
        for (var i = place + 1; i < _entries.Count; i++)
        {
            if (_entries[i] is { } other && Name(other) == variable.Name) _entries[i] = null;
        }
    }

    private void Add(string entry)
    {
        if (Name(entry) is { } name && !_places.TryAdd(name, _entries.Count)) _repeated.Add(name);
        _entries.Add(entry);
    }

    /// <summary>An entry's name; null where it is no variable.</summary>
    private static string? Name(string entry) => entry.IndexOf('=', StringComparison.Ordinal) is >= 0 and var end ? entry[..end] : null;

    /// <summary>The entries as C strings, one after the other, and an empty one at the end.</summary>
    public byte[] ToBytes() => Encoding.Latin1.GetBytes(string.Concat(Entries.Select(entry => entry + '\0')) + '\0');
}
