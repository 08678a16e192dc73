using System.Collections.Immutable;

namespace Proa.Waiting;

/// <summary>Which sidecars main waits for, by what the user says.</summary>
/// <param name="WaitFor">The only ones; empty: all.</param>
/// <param name="Kill">Who is signalled at the end: a name that no sidecar has is found before main runs.</param>
/// <param name="UsesKnown">Whether those that proa knows are waited for by a better test, where there is one.</param>
internal sealed record SidecarChoice(
    ImmutableArray<string> WaitFor, ImmutableArray<string> Ignore, ImmutableArray<ProcessSelector> Kill, bool UsesKnown)
{
    /// <summary>Sidecars whose end ends main: a name that no sidecar has is found before main runs, too.</summary>
    public ImmutableArray<string> StopOn { get; init; } = [];

    public static SidecarChoice Of(Options options) => new(options.WaitFor, options.Ignore, options.Kill, options.UsesKnown)
    {
        StopOn = [.. options.StopOn.Select(s => s.Name).OfType<string>()],
    };
}
