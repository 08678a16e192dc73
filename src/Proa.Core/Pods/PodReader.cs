using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Proa.Pods;

/// <summary>Reads what the API server sends. Total: anything that is not as expected, or takes too much memory
/// (<see cref="JsonFields.Most"/>), gives false, never an exception.</summary>
internal static class PodReader
{
    /// <summary>Reads a Pod, with the references to variables in its containers' commands and arguments expanded where their values are in it.</summary>
    public static bool TryReadPod(ReadOnlySpan<byte> json, [NotNullWhen(true)] out Pod? pod)
    {
        pod = JsonFields.Whole(json, PodFields.Read, out _);
        if (pod is null) return false;
        try
        {
            pod = ContainerVariables.Expand(pod, json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A variable's text is not UTF-8: the references to it stay.
        }

        return true;
    }

    public static bool TryReadStatus(ReadOnlySpan<byte> json, [NotNullWhen(true)] out ApiStatus? status) =>
        (status = JsonFields.Whole(json, ApiStatusFields.Read, out _)) is not null;

    /// <summary>Reads of an object no more than its metadata.</summary>
    public static bool TryReadMetadata(ReadOnlySpan<byte> json, [NotNullWhen(true)] out PodMetadata? metadata) =>
        (metadata = JsonFields.Whole(json, PodMetadataFields.ReadAlone, out _)) is not null;

    /// <summary>The field of a Pod that is of the wrong type, as <c>$.spec.containers[0].args[1]</c>; empty where there is none, however large it is.</summary>
    public static string WrongField(ReadOnlySpan<byte> json)
    {
        _ = JsonFields.Whole(json, PodFields.Read, out var refused, int.MaxValue);
        return refused < 0 ? "" : JsonPath.To(json, refused);
    }
}
