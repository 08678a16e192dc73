namespace Proa.PodSimulator;

/// <summary>The answer has ended where a fault wanted it to.</summary>
internal sealed class EndOfResponseException : Exception;
