namespace Proa.PodSimulator;

/// <summary>One line that a container, or the simulated kubelet, has written.</summary>
/// <param name="Pod">The Pod's name.</param>
/// <param name="Container">The container's name; kubelet for the kubelet's own lines.</param>
/// <param name="Text">The line without its end.</param>
/// <param name="IsError">Whether it was written to stderr.</param>
/// <param name="Time">When it was read.</param>
public sealed record OutputLine(string Pod, string Container, string Text, bool IsError, DateTimeOffset Time)
{
    /// <summary>The name of <see cref="Container"/> in the kubelet's own lines.</summary>
    public const string Kubelet = "kubelet";
}
