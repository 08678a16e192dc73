using System.Collections.Immutable;
using System.Text;

namespace Proa.EnvFiles;

/// <summary>
/// An environment that files are merged into: what is set already wins, unless it is to be overridden. Text is Latin-1, as in
/// <see cref="EnvFile"/>.
/// </summary>
internal sealed class EnvironmentBlock(IEnumerable<string> given, bool isOverride)
{
    private readonly List<string> _entries = [.. given];

    /// <summary>The entries, each as <c>NAME=value</c>: those given in their order, and then the others.</summary>
    public ImmutableArray<string> Entries => [.. _entries];

    /// <summary>A variable's value, or null. The first of several counts, as for getenv(3).</summary>
    public string? Value(string name) => Index(name) is >= 0 and var index ? _entries[index][(name.Length + 1)..] : null;

    /// <summary>Sets the variables of one file. The last of several with a name counts.</summary>
    public void Merge(IReadOnlyList<EnvFileVariable> variables)
    {
        HashSet<string> set = [.. variables.Select(v => v.Name).Where(name => name.Length > 0 && (isOverride || Index(name) < 0))];
        foreach (var variable in variables.Where(v => set.Contains(v.Name))) Set(variable);
    }

    private void Set(EnvFileVariable variable)
    {
        var entry = variable.Name + "=" + variable.Value;
        if (Index(variable.Name) is >= 0 and var index)
        {
            _entries[index] = entry;
            // A shell would take the last one.
            for (var i = _entries.Count - 1; i > index; i--)
            {
                if (IsOf(_entries[i], variable.Name)) _entries.RemoveAt(i);
            }
        }
        else
        {
            _entries.Add(entry);
        }
    }

    private int Index(string name) => _entries.FindIndex(entry => IsOf(entry, name));

    private static bool IsOf(string entry, string name) =>
        entry.Length > name.Length && entry[name.Length] == '=' && entry.StartsWith(name, StringComparison.Ordinal);

    /// <summary>The entries as C strings, one after the other, and an empty one at the end.</summary>
    public byte[] ToBytes() => Encoding.Latin1.GetBytes(string.Concat(_entries.Select(entry => entry + '\0')) + '\0');
}
