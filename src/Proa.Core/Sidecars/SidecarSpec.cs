using System.Globalization;
using Proa.Pods;

namespace Proa.Sidecars;

/// <summary>A port that the Pod's spec gives, or says to be given elsewhere.</summary>
internal sealed class SpecPort(int number, string from)
{
    /// <summary>1 to 65535; 0 where it is not known.</summary>
    public int Number { get; } = number;

    public bool IsKnown => Number > 0;

    /// <summary>What gives it, in words: <c>--admin-port</c>.</summary>
    public string From { get; } = from;

    /// <summary>Null where there is no text. What is no port is not known: it is from a Secret, say.</summary>
    public static SpecPort? Of(string? text, string from) => text is null ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 65535 ? new(number, from)
        : new(0, from);
}

/// <summary>
/// What a container's spec says of how it is set up. An option's value is null where it is not set, and empty where it is set, or may be, by
/// what the spec does not show.
/// </summary>
internal readonly record struct SidecarSpec(Pod Pod, Container Container)
{
    private string[] Words => [.. Container.Command, .. Container.Args];

    /// <summary>An argument's value, as <c>--name=value</c>, <c>-name=value</c> or <c>--name value</c>: the last one counts.</summary>
    public string? Argument(string name)
    {
        var all = Words;
        for (var i = all.Length - 1; i >= 0; i--)
        {
            if (Named(all[i], name) is not { } value) continue;
            if (value.Length == 0) value = i + 1 < all.Length ? all[i + 1] : "";
            else value = value[1..];
            return VariableReferences.Are(value) ? "" : value;
        }

        return null;
    }

    /// <summary>A variable's value.</summary>
    public string? Variable(string name) =>
        Container.Env[name] is { } value ? VariableReferences.Are(value) ? "" : value
        : Container.EnvFrom.Length > 0 ? ""
        : null;

    /// <summary>An option's value, as an argument or else as a variable.</summary>
    /// <param name="variable">Its name; empty where there is none.</param>
    public string? Option(string argument, string variable = "") =>
        Argument(argument) ?? (variable.Length > 0 ? Variable(variable) : null) ?? (IsHidden ? "" : null);

    /// <summary>Whether a switch is on, by Go's rules; null where that is not known.</summary>
    /// <param name="variable">Its variable; empty where there is none.</param>
    public bool? Switch(string argument, string variable = "")
    {
        var all = Words;
        for (var i = all.Length - 1; i >= 0; i--)
        {
            if (Named(all[i], argument) is { } given) return given.Length == 0 ? true : GoBool(given[1..]);
        }

        return (variable.Length > 0 ? Variable(variable) : null) switch
        {
            // A reference that nothing is known of may be the switch.
            null => IsHidden || Array.Exists(all, VariableReferences.AreFirst) ? null : false,
            "" => null,
            // Viper leaves what is no truth value at the default.
            var value => GoBool(value) ?? false,
        };
    }

    /// <summary>What strconv.ParseBool makes of a text; null where that is an error.</summary>
    public static bool? GoBool(string? text) => text switch
    {
        "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
        "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
        _ => null,
    };

    /// <summary>The parameters of its arguments, as in <c>INSTANCE?port=5432</c>.</summary>
    public string[] Parameters => [.. Words.Where(a => !a.StartsWith('-') && a.Contains('?')).Select(a => a[(a.IndexOf('?') + 1)..])];

    /// <summary>Whether a shell or a script starts it, so that its arguments are not to be seen.</summary>
    public bool IsByShell => IsShell(Container);

    /// <summary>Whether options may come from where the spec does not show them.</summary>
    private bool IsHidden => IsByShell || Argument("config-file") is not null || Array.Exists(Words, w => w.StartsWith('@'));

    public SpecPort? PortNamed(string name) => Array.Find(Container.Ports, p => p.Name == name) is { } port ? new(port.Number, "its port " + name) : null;

    /// <param name="variable">Its variable; empty where there is none.</param>
    public SpecPort? Port(string argument, string variable = "")
    {
        var isByVariable = variable.Length > 0 && Argument(argument) is null && Variable(variable) is not null;
        return SpecPort.Of(Option(argument, variable), isByVariable ? variable : "--" + argument);
    }

    /// <summary>Whether the container starts this program, by itself or through a shell.</summary>
    public static bool Starts(Container container, string program)
    {
        if (container.Command is [var first, ..] && FileName.Of(first) == program) return true;
        return IsShell(container) && container.Command.Concat(container.Args)
            .SelectMany(w => w.Split([' ', '\n', '\t', ';', '&', '|'], StringSplitOptions.RemoveEmptyEntries))
            .Any(w => FileName.Of(w) == program);
    }

    /// <summary>Whether one of its arguments has one of these names.</summary>
    public static bool HasArgument(Container container, params string[] names) =>
        container.Command.Concat(container.Args).Any(w => Array.Exists(names, n => Named(w, n) is not null));

    private static bool IsShell(Container container) =>
        container.Command.Concat(container.Args).FirstOrDefault() is { } first && first.EndsWith("sh", StringComparison.Ordinal);

    /// <summary>What follows the name in an argument: nothing, or <c>=value</c>; null where it is another one.</summary>
    private static string? Named(string argument, string name)
    {
        var text = argument.TrimStart('-');
        if (text.Length == argument.Length || !text.StartsWith(name, StringComparison.Ordinal)) return null;
        return text.Length == name.Length ? "" : text[name.Length] == '=' ? text[name.Length..] : null;
    }
}
