using Proa.Watching;

namespace Proa.Kubernetes;

/// <summary>An API request failed.</summary>
internal sealed class ApiException(ApiFailure failure) : Exception(failure.Message)
{
    /// <summary>How.</summary>
    public ApiFailure Failure { get; } = failure;
}
