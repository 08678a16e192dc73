using System.Collections.Immutable;
using Proa.Pods;

namespace Proa.Stopping;

/// <summary>For which container's end the command is ended, by what the user says.</summary>
/// <param name="StopOn">Sidecars that main cannot do without.</param>
/// <param name="Until">The container that this sidecar's command runs for, or null.</param>
internal sealed record StopRule(ImmutableArray<StopOn> StopOn, string? Until, ImmutableArray<string> Ignore)
{
    public static StopRule Of(Options options) => new(options.StopOn, options.Until, options.Ignore);

    /// <summary>Why <c>--until</c> is of no use in this Pod, in words; null where it is.</summary>
    public string? WrongName(Pod pod, string self)
    {
        if (Until is null || pod.Spec.Containers.Any(c => c.Name == Until && c.Name != self)) return null;
        var others = pod.Spec.Containers.Select(c => c.Name).Where(name => name != self).ToArray();
        return $"--until \"{Until}\" names no other container of the Pod: it has " + (others.Length == 0 ? "none" : string.Join(", ", others));
    }
}

/// <summary>Why the command is ended.</summary>
/// <param name="Container">The container that has ended.</param>
/// <param name="How">How, in words: <c>exited with 1 (Error)</c>.</param>
/// <param name="IsUntil">Whether the command ran for this container, and is no longer needed.</param>
internal sealed record StopCause(string Container, string How, bool IsUntil)
{
    /// <summary>What proa exits with; between the worker and the supervisor.</summary>
    public int ExitCode => IsUntil ? ExitCodes.NoLongerNeeded : ExitCodes.SidecarEnded;
}
