namespace Proa.CommandLine;

/// <summary>The options that are given on the command line, by their long names. They are few: a list that is searched is lighter than a dictionary.</summary>
internal sealed class GivenOptions
{
    private readonly List<(string Name, string Value)> _all = [];

    public void Add(string name, string value) => _all.Add((name, value));

    public bool Has(string name)
    {
        foreach (var option in _all)
        {
            if (option.Name == name) return true;
        }

        return false;
    }

    /// <summary>Whether only these options are given.</summary>
    public bool AreAllIn(params ReadOnlySpan<string> names)
    {
        foreach (var option in _all)
        {
            if (!names.Contains(option.Name)) return false;
        }

        return true;
    }

    /// <summary>The option's values in their order; empty where it is not given.</summary>
    public List<string> ValuesOf(string name)
    {
        var values = new List<string>();
        foreach (var option in _all)
        {
            if (option.Name == name) values.Add(option.Value);
        }

        return values;
    }
}
