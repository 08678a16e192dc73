using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>One change of one Pod.</summary>
/// <param name="Type">ADDED, MODIFIED or DELETED.</param>
/// <param name="Pod">The Pod after the change (before it, when deleted); do not change it.</param>
/// <param name="ResourceVersion">The store's version of the change.</param>
public sealed record WatchEvent(string Type, JsonObject Pod, long ResourceVersion)
{
    internal string Namespace => Pod.Object("metadata").Text("namespace")!;

    internal string Name => Pod.Object("metadata").Text("name")!;
}
