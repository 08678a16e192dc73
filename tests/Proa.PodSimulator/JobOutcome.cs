namespace Proa.PodSimulator;

/// <summary>How the Jobs and Pods of a manifest ended.</summary>
/// <param name="Succeeded">Whether all succeeded.</param>
/// <param name="Reason">Completed, or why one failed: BackoffLimitExceeded, DeadlineExceeded, Deleted, Failed.</param>
/// <param name="Pods">Every Pod there was, in the order of creation.</param>
public sealed record JobOutcome(bool Succeeded, string Reason, IReadOnlyList<PodOutcome> Pods)
{
    /// <summary>The container's outcome in the last Pod that has one of this name.</summary>
    /// <exception cref="InvalidOperationException">No Pod has it.</exception>
    public ContainerOutcome Container(string name) =>
        Pods.Last(pod => pod.Containers.Any(container => container.Name == name)).Containers.Single(container => container.Name == name);
}
