namespace Proa.PodSimulator;

/// <summary>What a command executed in a container came to.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its stdout.</param>
/// <param name="Errors">Its stderr.</param>
public sealed record ExecResult(int ExitCode, string Output, string Errors);
