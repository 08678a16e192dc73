using Proa.Pods;

namespace Proa.Sidecars;

/// <summary>A sidecar that proa knows.</summary>
/// <param name="Kind">Its name in options, messages and documents.</param>
internal sealed record KnownSidecar(string Kind)
{
    /// <summary>Names of its container that an injector sets, and that tell it alone; a trailing * stands for any end.</summary>
    public string[] Containers { get; init; } = [];

    /// <summary>Names that others may have too, likewise: there <see cref="ShownBy"/> must tell it as well.</summary>
    public string[] CommonNames { get; init; } = [];

    /// <summary>Whether how a container is started, or its image, shows that it is this one.</summary>
    public Func<Container, bool> ShownBy { get; init; } = _ => false;

    /// <summary>That in words, for documents.</summary>
    public string Shown { get; init; } = "";

    /// <summary>The last part of its image's path, likewise.</summary>
    public string[] Images { get; init; } = [];

    /// <summary>Whether its image, too, is that of others.</summary>
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

/// <summary>Why a sidecar may not end though it is asked, and what to do then.</summary>
internal sealed record EndDoubt(string Why, string Remedy);

/// <summary>The endpoint that ends a known sidecar.</summary>
internal sealed record KnownQuit(ShutdownMethod Method, int DefaultPort, string DefaultPath)
{
    /// <summary>Where the Pod's spec moves it to.</summary>
    public Func<SidecarSpec, SpecPort?> Port { get; init; } = _ => null;

    public Func<SidecarSpec, string?> Path { get; init; } = _ => null;

    /// <summary>The address that it listens at, where that is not reached as localhost; else null.</summary>
    public Func<SidecarSpec, string?> Host { get; init; } = _ => null;

    /// <summary>Whether it is on; null where the Pod's spec does not tell.</summary>
    public Func<SidecarSpec, bool?> IsOn { get; init; } = _ => true;

    /// <summary>What switches it on.</summary>
    public string SwitchOn { get; init; } = "";

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
    public ShutdownRequest Default => At("localhost", DefaultPort, DefaultPath);

    public int PortIn(SidecarSpec spec) => Port(spec) is { IsKnown: true } port ? port.Number : DefaultPort;

    public ShutdownRequest In(SidecarSpec spec) =>
        At(Host(spec) ?? "localhost", PortIn(spec), Path(spec) is ['/', ..] path ? path : DefaultPath);

    /// <summary>What the Pod's spec does not tell of it, and what to do where it does not end; null where it tells all.</summary>
    public EndDoubt? DoubtOf(SidecarSpec spec) =>
        IsOn(spec) is null ? new("proa cannot tell from the Pod's spec whether its shutdown endpoint is on", Hint)
        : Port(spec) is { IsKnown: false } || Path(spec)?.Length == 0
            ? new(
                "proa cannot tell from the Pod's spec where its shutdown endpoint is",
                "write its port and path into the Pod's spec, or ask it with --shutdown-http-post")
        : null;

    private ShutdownRequest At(string host, int port, string path) =>
        new(Method, new(FormattableString.Invariant($"http://{host}:{port}{path}")))
        {
            IsOnce = IsOnce,
            TokenVariable = TokenVariable,
            TokenHeader = TokenHeader,
        };
}
