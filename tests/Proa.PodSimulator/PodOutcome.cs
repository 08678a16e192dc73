namespace Proa.PodSimulator;

/// <summary>How one Pod ended.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Phase">Succeeded or Failed.</param>
/// <param name="Reason">The status's reason, such as DeadlineExceeded.</param>
/// <param name="Deleted">Whether it was deleted.</param>
/// <param name="Containers">Init containers first, then the containers, as in the spec.</param>
public sealed record PodOutcome(string Name, string Phase, string? Reason, bool Deleted, IReadOnlyList<ContainerOutcome> Containers);
