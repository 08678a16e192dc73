using Proa.Sidecars;

namespace Proa.Ending;

/// <summary>What to do where a sidecar does not follow, as far as its endpoint tells which sidecar it is.</summary>
internal static class ShutdownHint
{
    private const int Unauthorized = 401;
    private const int Forbidden = 403;
    private const int NotFound = 404;
    private const int MethodNotAllowed = 405;
    private const int ServerError = 500;
    private const string SeeItsLog = "kubectl logs of the sidecar may show why";

    /// <summary>What to do where an endpoint is not there that is on by the Pod's spec.</summary>
    public const string IsOn = "according to the Pod's spec the endpoint is on: " + SeeItsLog;

    /// <summary>The hint, or empty.</summary>
    /// <param name="status">The HTTP status that it answered, or null.</param>
    /// <param name="isConnected">Whether somebody took the connection.</param>
    public static string For(PlannedRequest planned, int? status, bool isConnected)
    {
        var request = planned.Request;
        var known = planned.Quit ?? KnownSidecars.At(request.Url);
        // Of a kind whose method is known, the other one is no better.
        if (status == MethodNotAllowed && known?.Method != request.Method) return $"ask it with {OtherMethod(request)}";
        if (status is Unauthorized or Forbidden && request.TokenVariable is { } variable) return $"does main have the token of the sidecar in {variable}?";
        if (status is Unauthorized or Forbidden or NotFound or MethodNotAllowed || (status is null && !isConnected))
            return planned.Quit is null ? known?.Hint ?? "" : planned.Hint;
        return status >= ServerError ? SeeItsLog : "";
    }

    private static string OtherMethod(ShutdownRequest request) =>
        request.Method == ShutdownMethod.Get ? "--shutdown-http-post" : "--shutdown-http-get";
}
