using System.Globalization;
using Proa.Pods;

namespace Proa.Sidecars;

/// <summary>A sidecar that proa knows.</summary>
/// <param name="Kind">Its name in options, messages and documents.</param>
internal sealed record KnownSidecar(string Kind)
{
    /// <summary>Names of its container; a trailing * stands for any end.</summary>
    public string[] Containers { get; init; } = [];

    /// <summary>The last part of its image's path, likewise.</summary>
    public string[] Images { get; init; } = [];

    /// <summary>Whether the container's name is too common to tell it without the image.</summary>
    public bool NeedsBoth { get; init; }

    /// <summary>The name of a port that only it has.</summary>
    public string? PortName { get; init; }

    /// <summary>How to test, on localhost, whether it is ready, or null.</summary>
    public KnownReady? Ready { get; init; }

    /// <summary>How it is asked to stop, or null.</summary>
    public KnownQuit? Quit { get; init; }

    /// <summary>Whether <see cref="Signal"/> ends it with exit code 0, as it is set up.</summary>
    public Func<SidecarSpec, bool> EndsOnSignal { get; init; } = _ => false;

    public int Signal { get; init; } = Signals.Terminate;

    /// <summary>What it exits with on SIGTERM unless that is set otherwise; null where that is not known.</summary>
    public int? TerminateCode { get; init; }

    /// <summary>When it is asked to stop, among the others.</summary>
    public ShutdownPhase Phase { get; init; }

    /// <summary>Whether it ends by itself, after main, so that its end is never awaited.</summary>
    public bool EndsAfterMain { get; init; }

    /// <summary>Why proa cannot end it, where it cannot; else empty.</summary>
    public string WhyEndless { get; init; } = "";

    /// <summary>What to do then.</summary>
    public string Remedy { get; init; } = "";
}

/// <param name="By">What told it, in words.</param>
internal sealed record RecognisedSidecar(KnownSidecar Sidecar, string By);

/// <summary>The endpoint that ends a known sidecar.</summary>
internal sealed record KnownQuit(ShutdownMethod Method, int DefaultPort, string DefaultPath)
{
    /// <summary>Where the Pod's spec moves it to.</summary>
    public Func<SidecarSpec, SpecPort?> Port { get; init; } = _ => null;

    public Func<SidecarSpec, string?> Path { get; init; } = _ => null;

    /// <summary>What switches it on, where the Pod's spec says that it is off; else null.</summary>
    public Func<SidecarSpec, string?> WhyOff { get; init; } = _ => null;

    /// <summary>What to do where it refuses; may be empty.</summary>
    public string Hint { get; init; } = "";

    /// <summary>Whether the path alone tells that it is this one: its port is often another.</summary>
    public bool IsOnAnyPort { get; init; }

    /// <summary>Whether it may be asked only once: a second request does harm.</summary>
    public bool IsOnce { get; init; }

    /// <summary>The variable in main's environment that has the token, where one is asked for, and the header to send it in.</summary>
    public string? TokenVariable { get; init; }

    public string TokenHeader { get; init; } = "";

    /// <summary>Where it is when nothing moves it.</summary>
    public ShutdownRequest Default => At(DefaultPort, DefaultPath);

    public int PortIn(SidecarSpec spec) => Port(spec)?.Number ?? DefaultPort;

    public ShutdownRequest In(SidecarSpec spec) => At(PortIn(spec), Path(spec) ?? DefaultPath);

    private ShutdownRequest At(int port, string path) =>
        new(Method, new(FormattableString.Invariant($"http://localhost:{port}{path}")))
        {
            IsOnce = IsOnce,
            TokenVariable = TokenVariable,
            TokenHeader = TokenHeader,
        };
}

/// <summary>A port that the Pod's spec gives.</summary>
internal sealed class SpecPort(int number, string from)
{
    /// <summary>1 to 65535.</summary>
    public int Number { get; } = number;

    /// <summary>What gives it, in words: <c>--admin-port</c>.</summary>
    public string From { get; } = from;

    /// <summary>Null where the text is no port: a variable that the kubelet fills in, say.</summary>
    public static SpecPort? Of(string? text, string from) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 65535 ? new(number, from) : null;
}

/// <summary>What a container's spec says of how it is set up.</summary>
internal readonly record struct SidecarSpec(Pod Pod, Container Container)
{
    /// <summary>An argument's value, as <c>--name=value</c>, <c>-name=value</c> or <c>--name value</c>; null where it is not given.</summary>
    public string? Argument(string name)
    {
        string[] all = [.. Container.Command, .. Container.Args];
        for (var i = 0; i < all.Length; i++)
        {
            var argument = all[i];
            var text = argument.TrimStart('-');
            if (text.Length == argument.Length) continue;
            if (text == name) return i + 1 < all.Length ? all[i + 1] : "";
            if (text.StartsWith(name, StringComparison.Ordinal) && text[name.Length] == '=') return text[(name.Length + 1)..];
        }

        return null;
    }

    /// <summary>Whether a switch is on.</summary>
    public bool Flag(string name) =>
        Container.Command.Concat(Container.Args).Any(a => a.StartsWith('-') && a.TrimStart('-') is var text && (text == name || text == name + "=true"));

    /// <summary>The parameters of its arguments, as in <c>INSTANCE?port=5432</c>.</summary>
    public string[] Parameters =>
        [.. Container.Command.Concat(Container.Args).Where(a => !a.StartsWith('-') && a.Contains('?')).Select(a => a[(a.IndexOf('?') + 1)..])];

    /// <summary>Whether a shell starts it, so that its arguments are not to be seen.</summary>
    public bool IsByShell => Container.Command.Concat(Container.Args).FirstOrDefault() is { } first && first.EndsWith("sh", StringComparison.Ordinal);

    /// <summary>Empty where it is set by what the Pod's spec does not show.</summary>
    public string? Variable(string name) => Container.Env[name];

    public SpecPort? PortNamed(string name) => Array.Find(Container.Ports, p => p.Name == name) is { } port ? new(port.Number, "its port " + name) : null;

    public SpecPort? ArgumentPort(string name) => SpecPort.Of(Argument(name), "--" + name);

    public SpecPort? VariablePort(string name) => SpecPort.Of(Variable(name), name);
}
