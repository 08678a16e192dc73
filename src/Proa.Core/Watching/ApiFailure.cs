using Proa.Pods;

namespace Proa.Watching;

internal enum ApiFailureKind
{
    /// <summary>The server cannot be reached or does not answer properly now: refused, reset, timed out, 5xx, 429, garbage.</summary>
    Transient,

    /// <summary>410: the resourceVersion is too old to resume from ("410 Gone responses" in Kubernetes API Concepts).</summary>
    Expired,

    /// <summary>401: the token is not accepted.</summary>
    Unauthorized,

    /// <summary>403: the token is accepted, but may not do this.</summary>
    Forbidden,

    /// <summary>404: there is no such Pod, or it is not ours.</summary>
    NotFound,

    /// <summary>The server's certificate is not trusted.</summary>
    Untrusted,

    /// <summary>Another refusal: a redirect, 400, 405.</summary>
    Refused,
}

/// <param name="RetryAfter">When the server wants to be asked again, if it said so.</param>
internal sealed record ApiFailure(ApiFailureKind Kind, string Message, TimeSpan? RetryAfter = null)
{
    /// <summary>Whether no connection was made, or nothing was answered on it.</summary>
    public bool IsUnreachable { get; init; }

    /// <summary>Whether proa is not let in.</summary>
    public bool IsOfAccess => Kind is ApiFailureKind.Unauthorized or ApiFailureKind.Forbidden;

    /// <summary>The Pod that was found is not ours: one of the same name has taken its place.</summary>
    public static ApiFailure OfAnotherPod(Pod found, string ownUid)
    {
        return new(
            ApiFailureKind.NotFound,
            $"Pod {found.Metadata.Namespace}/{found.Metadata.Name} is another Pod of the same name: its uid is {found.Metadata.Uid}, ours is {ownUid}");
    }

    /// <summary>The failure that an HTTP status or a Status object stands for.</summary>
    /// <param name="message">The Status object's message, or empty.</param>
    /// <param name="retryAfter">Retry-After, or the Status object's retryAfterSeconds.</param>
    public static ApiFailure OfStatus(int code, string? message, TimeSpan? retryAfter)
    {
        var kind = code switch
        {
            401 => ApiFailureKind.Unauthorized,
            403 => ApiFailureKind.Forbidden,
            404 => ApiFailureKind.NotFound,
            410 => ApiFailureKind.Expired,
            408 or 429 or >= 500 => ApiFailureKind.Transient,
            _ => ApiFailureKind.Refused,
        };
        return new(kind, string.IsNullOrEmpty(message) ? $"the API server answered {code}" : $"the API server answered {code}: {message}", retryAfter);
    }
}
