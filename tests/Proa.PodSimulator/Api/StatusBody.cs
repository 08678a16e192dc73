using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>The Status objects an API server answers failures with.</summary>
internal static class StatusBody
{
    public static JsonObject Unauthorized => Failure(401, "Unauthorized", "Unauthorized");

    public static JsonObject Forbidden(string user, string verb, string apiGroup, string resource, string @namespace, string? name) =>
        Failure(
            403,
            "Forbidden",
            Subject(resource, name) + $" is forbidden: User \"{user}\" cannot {verb} resource \"{resource}\""
                + $" in API group \"{apiGroup}\" in the namespace \"{@namespace}\"",
            Details(resource, name));

    public static JsonObject NotFound(string resource, string name) => Failure(404, "NotFound", $"{resource} \"{name}\" not found", Details(resource, name));

    public static JsonObject Expired(string message) => Failure(410, "Expired", message);

    public static JsonObject For(int code, string? message = null) => code switch
    {
        401 => Unauthorized,
        403 => Failure(403, "Forbidden", message ?? "forbidden"),
        404 => Failure(404, "NotFound", message ?? "the server could not find the requested resource"),
        410 => Expired(message ?? "too old resource version"),
        429 => Failure(429, "TooManyRequests", message ?? "too many requests, please try again later"),
        500 => Failure(500, "InternalError", message ?? "Internal error occurred"),
        503 => Failure(503, "ServiceUnavailable", message ?? "the server is currently unable to handle the request"),
        504 => Failure(504, "Timeout", message ?? "Timeout: request did not complete within the allotted timeout"),
        _ => Failure(code, code is 400 ? "BadRequest" : "Unknown", message ?? "an error on the server"),
    };

    private static string Subject(string resource, string? name) => string.IsNullOrEmpty(name) ? resource : $"{resource} \"{name}\"";

    private static JsonObject Details(string resource, string? name)
    {
        var details = new JsonObject();
        if (!string.IsNullOrEmpty(name)) details["name"] = name;
        details["kind"] = resource;
        return details;
    }

    private static JsonObject Failure(int code, string reason, string message, JsonObject? details = null)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = message,
            ["reason"] = reason,
        };
        if (details is not null) status["details"] = details;
        status["code"] = code;
        return status;
    }
}
