namespace Proa.EndToEnd.Containers;

/// <summary>podman has failed; the message is its own.</summary>
public sealed class PodmanException(string message) : Exception(message);
