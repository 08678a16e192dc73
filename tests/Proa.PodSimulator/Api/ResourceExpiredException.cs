namespace Proa.PodSimulator;

/// <summary>A watch asked for more history than there is (410).</summary>
internal sealed class ResourceExpiredException(long asked, long current) : Exception($"too old resource version: {asked} ({current})");
