namespace Proa.Kubernetes;

/// <summary>proa cannot go on: what it cannot do and why, and what a person can do about it.</summary>
internal sealed class CannotRunException(string problem, string hint) : Exception(problem)
{
    /// <summary>What to do.</summary>
    public string Hint { get; } = hint;

    /// <summary>Whether there is no API server that proa may ask, so that <c>--no-api</c> may be the way.</summary>
    public bool IsWithoutAccess { get; init; }
}
