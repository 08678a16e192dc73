using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Proa.PodSimulator;

/// <summary>Answers requests: log, fault, authentication, authorization, then the resource.</summary>
internal sealed class RequestHandler(
    Store store,
    ServiceAccountTokens tokens,
    Rbac rbac,
    Faults faults,
    RequestLog log,
    WatchHandler watches,
    CancellationToken stopping)
{
    public async Task HandleAsync(HttpContext context)
    {
        var request = Read(context);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            var identity = tokens.Find(BearerToken(context));
            request.User = identity?.User;
            log.Add(request);
            if (!await ApplyFaultAsync(context, request, ended.Token).ConfigureAwait(false))
            {
                await AnswerAsync(context, request, identity, ended.Token).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is EndOfResponseException or OperationCanceledException or IOException)
        {
            // The client has gone, the server stops, or a fault has ended the answer.
            if (stopping.IsCancellationRequested) context.Abort();
        }
        finally
        {
            request.Complete();
            log.Changed();
        }
    }

    private static ApiRequest Read(HttpContext context)
    {
        var http = context.Request;
        var request = new ApiRequest
        {
            Method = http.Method,
            Path = http.Path.Value ?? "/",
            Query = http.Query.ToDictionary(pair => pair.Key, pair => pair.Value.LastOrDefault() ?? "", StringComparer.Ordinal),
            Headers = http.Headers.Where(pair => !pair.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
                .ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            Protocol = http.Protocol,
            ConnectionId = context.Connection.Id,
        };
        // /api/v1/namespaces/NS/RESOURCE[/NAME] and /apis/GROUP/VERSION/RESOURCE
        switch (request.Path.TrimEnd('/').Split('/'))
        {
            case ["", "api", "v1", "namespaces", var ns, var resource, .. var rest] when rest.Length <= 1:
                (request.Namespace, request.Resource, request.Name) = (ns, resource, rest.FirstOrDefault());
                request.Verb = (http.Method, rest.Length, IsWatch(request)) switch
                {
                    ("GET", 1, _) => "get",
                    ("GET", 0, true) => "watch",
                    ("GET", 0, false) => "list",
                    ("DELETE", 1, _) => "delete",
                    _ => http.Method.ToLowerInvariant(),
                };
                if (request.Verb is "list" or "watch") request.Name = SelectedName(request);
                break;
            case ["", "apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews"] when http.Method == "POST":
                (request.Resource, request.Verb) = ("selfsubjectaccessreviews", "create");
                break;
        }

        return request;
    }

    private static bool IsWatch(ApiRequest request) => request.Query.GetValueOrDefault("watch") is "1" or "true";

    private static string? SelectedName(ApiRequest request) =>
        request.Query.GetValueOrDefault("fieldSelector")?.Split(',')
            .Select(term => term.Split('=', StringSplitOptions.RemoveEmptyEntries))
            .Where(parts => parts is ["metadata.name", _]).Select(parts => parts[1]).FirstOrDefault();

    private static string? BearerToken(HttpContext context) =>
        context.Request.Headers.Authorization.ToString() is { } header && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? header[7..].Trim()
            : null;

    /// <returns>True if the fault was the whole answer.</returns>
    private async Task<bool> ApplyFaultAsync(HttpContext context, ApiRequest request, CancellationToken ended)
    {
        var fault = faults.TakeForRequest(request);
        switch (fault?.Action.Kind)
        {
            case FaultKind.NeverAnswer:
                await fault.Released.WaitAsync(ended).ConfigureAwait(false);
                return false;
            case FaultKind.ResetOnRequest:
                faults.ResetConnection(request.ConnectionId);
                return true;
            case FaultKind.EmptyBody:
                Start(context, request, 200);
                context.Response.ContentLength = 0;
                return true;
            case FaultKind.Respond:
                foreach (var (name, value) in fault.Action.Headers) context.Response.Headers[name] = value;
                Start(context, request, fault.Action.Count);
                await new ResponseBody(context, request, faults).WriteAsync(Encoding.UTF8.GetBytes(fault.Action.Text)).ConfigureAwait(false);
                return true;
            case FaultKind.WatchError:
                Start(context, request, 200);
                var message = fault.Action.Text.Length == 0 ? null : fault.Action.Text;
                await new ResponseBody(context, request, faults)
                    .WriteAsync(WatchHandler.Event("ERROR", StatusBody.For(fault.Action.Count, message))).ConfigureAwait(false);
                return true;
            default:
                return false;
        }
    }

    private async Task AnswerAsync(HttpContext context, ApiRequest request, ServiceAccountIdentity? identity, CancellationToken ended)
    {
        var body = new ResponseBody(context, request, faults);
        if (PublicPath(request.Path) is { } text)
        {
            Start(context, request, 200, text.StartsWith('{') ? "application/json" : "text/plain; charset=utf-8");
            await body.WriteAsync(Encoding.UTF8.GetBytes(text)).ConfigureAwait(false);
        }
        else if (identity is null)
        {
            await FailAsync(StatusBody.Unauthorized).ConfigureAwait(false);
        }
        else if (request.Resource == "selfsubjectaccessreviews")
        {
            var review = await ReviewAsync(context, identity, ended).ConfigureAwait(false);
            Start(context, request, review.Text("kind") == "Status" ? 400 : 201);
            await body.WriteAsync(review).ConfigureAwait(false);
        }
        else if (request.Resource is null)
        {
            await FailAsync(StatusBody.For(404)).ConfigureAwait(false);
        }
        else if (!rbac.Allows(identity, request.Verb!, "", request.Resource, request.Namespace!, request.Name))
        {
            await FailAsync(StatusBody.Forbidden(identity.User, request.Verb!, "", request.Resource, request.Namespace!, request.Name)).ConfigureAwait(false);
        }
        else if (request.Verb == "watch" && request.Resource == "pods" && Selectable(request))
        {
            Start(context, request, 200);
            await watches.RunAsync(request, body, ended).ConfigureAwait(false);
        }
        else
        {
            var answer = request.Resource == "pods" ? await ReadPodsAsync(context, request, ended).ConfigureAwait(false) : StatusBody.For(404);
            if (answer.Text("kind") == "Status")
            {
                await FailAsync(answer).ConfigureAwait(false);
                return;
            }

            Start(context, request, 200);
            await body.WriteAsync(answer).ConfigureAwait(false);
        }

        Task FailAsync(JsonObject status)
        {
            Start(context, request, status.Number("code")!.Value);
            return body.WriteAsync(status);
        }
    }

    private async Task<JsonObject> ReadPodsAsync(HttpContext context, ApiRequest request, CancellationToken ended)
    {
        if (!Selectable(request))
            return StatusBody.For(400, "the simulator knows fieldSelector metadata.name and metadata.namespace only, and no labelSelector");
        switch (request.Verb)
        {
            case "get":
                return store.Get(request.Namespace!, request.Name!) ?? StatusBody.NotFound("pods", request.Name!);
            case "delete":
                var options = await ReadBodyAsync(context, ended).ConfigureAwait(false);
                var grace = options.Number("gracePeriodSeconds")
                    ?? (int.TryParse(request.Query.GetValueOrDefault("gracePeriodSeconds"), out var seconds) ? seconds : null);
                return store.RequestDeletion(request.Namespace!, request.Name!, grace) ?? StatusBody.NotFound("pods", request.Name!);
            case "list":
                // Read first: what is in the list may be newer than its version says, never older.
                var version = store.ResourceVersion;
                return new JsonObject
                {
                    ["kind"] = "PodList",
                    ["apiVersion"] = "v1",
                    ["metadata"] = new JsonObject { ["resourceVersion"] = $"{version}" },
                    ["items"] = new JsonArray(
                        [.. store.List(request.Namespace!).Where(pod => request.Name is null || pod.Object("metadata").Text("name") == request.Name)]),
                };
            default:
                return StatusBody.For(405, "the server does not allow this method on the requested resource");
        }
    }

    private async Task<JsonObject> ReviewAsync(HttpContext context, ServiceAccountIdentity identity, CancellationToken ended)
    {
        var review = await ReadBodyAsync(context, ended).ConfigureAwait(false);
        if (review.Object("spec").Object("resourceAttributes") is not { } asked) return StatusBody.For(400, "spec.resourceAttributes is required");
        var allowed = rbac.Allows(
            identity,
            asked.Text("verb") ?? "",
            asked.Text("group") ?? "",
            asked.Text("resource") ?? "",
            asked.Text("namespace") ?? "",
            asked.Text("name"));
        return new JsonObject
        {
            ["kind"] = "SelfSubjectAccessReview",
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["metadata"] = new JsonObject(),
            ["spec"] = review["spec"]!.DeepClone(),
            ["status"] = new JsonObject { ["allowed"] = allowed },
        };
    }

    private static bool Selectable(ApiRequest request) =>
        string.IsNullOrEmpty(request.Query.GetValueOrDefault("labelSelector"))
        && (request.Query.GetValueOrDefault("fieldSelector") is not { Length: > 0 } selector
            || selector.Split(',').All(term => term.Split('=', StringSplitOptions.RemoveEmptyEntries) is ["metadata.name", _] && !term.Contains('!')
                || term == $"metadata.namespace={request.Namespace}"));

    private static async Task<JsonObject> ReadBodyAsync(HttpContext context, CancellationToken ended)
    {
        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, cancellationToken: ended).ConfigureAwait(false) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            // No body, which DELETE may do.
            return [];
        }
    }

    private static string? PublicPath(string path) => path switch
    {
        "/version" => """{"major":"1","minor":"36","gitVersion":"v1.36.2","platform":"linux/amd64"}""",
        "/healthz" or "/readyz" or "/livez" => "ok",
        _ => null,
    };

    private void Start(HttpContext context, ApiRequest request, int status, string contentType = "application/json")
    {
        var response = context.Response;
        response.StatusCode = status;
        request.Status = status;
        response.Headers["audit-id"] = Guid.NewGuid().ToString();
        response.Headers.CacheControl = "no-cache, private";
        response.ContentType = contentType;
        log.Changed();
    }
}
