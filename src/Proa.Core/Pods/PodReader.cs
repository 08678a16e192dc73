using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Proa.Pods;

/// <summary>Reads what the API server sends. Total: anything that is not as expected, or takes too much memory
/// (<see cref="KeptBytes"/>), gives false, never an exception.</summary>
internal static class PodReader
{
    /// <summary>Reads a Pod, with the references to variables in its containers' commands and arguments expanded where their values are in it.</summary>
    public static bool TryReadPod(ReadOnlySpan<byte> json, [NotNullWhen(true)] out Pod? pod)
    {
        if (!TryRead(json, PodJsonContext.Default.Pod, out pod)) return false;
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
        TryRead(json, PodJsonContext.Default.ApiStatus, out status);

    internal static bool TryRead<T>(ReadOnlySpan<byte> json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, [NotNullWhen(true)] out T? value)
        where T : class
    {
        try
        {
            value = KeptBytes.Fit(json, type) ? JsonSerializer.Deserialize(json, type) : null;
            return value is not null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // InvalidOperationException: text that is not UTF-8
        {
            value = null;
            return false;
        }
    }
}
