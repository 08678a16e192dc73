namespace Proa.PodSimulator;

/// <summary>How one container ended.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ExitCode">Its last exit code; null if it never ran.</param>
/// <param name="Reason">Completed, Error, OOMKilled, StartError, or what it waited for.</param>
/// <param name="RestartCount">How often it was restarted.</param>
/// <param name="Message">Its termination message.</param>
public sealed record ContainerOutcome(string Name, int? ExitCode, string? Reason, int RestartCount, string? Message);
