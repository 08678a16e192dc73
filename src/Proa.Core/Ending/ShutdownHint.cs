using Proa.Sidecars;

namespace Proa.Ending;

/// <summary>What to do where a sidecar does not follow, as far as its endpoint tells which sidecar it is.</summary>
internal static class ShutdownHint
{
    private const int MethodNotAllowed = 405;

    /// <summary>The hint, or empty.</summary>
    /// <param name="status">The HTTP status that it answered, or null.</param>
    public static string For(ShutdownRequest request, int? status) =>
        status != MethodNotAllowed ? KnownSidecars.At(request.Url)?.Hint ?? ""
        : request.Method == ShutdownMethod.Get ? "ask it with --shutdown-http-post"
        : "ask it with --shutdown-http-get";
}
