namespace Proa.PodSimulator;

/// <summary>A container's command could not be started.</summary>
internal sealed class ContainerStartException(string message) : Exception(message);
