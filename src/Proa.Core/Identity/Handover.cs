using Proa.Pods;

namespace Proa.Identity;

/// <summary>
/// What one worker hands to the next, so that nothing is found out twice: who we are and the Pod as it was last seen. To the
/// supervisor, which carries it, it is opaque.
/// </summary>
/// <param name="Container">Our container, or null where it was not found out.</param>
/// <param name="Pod">The Pod as it was last seen, or null where it never was.</param>
internal sealed record Handover(PodIdentity Identity, ContainerIdentity? Container, Pod? Pod)
{
    public byte[] ToBytes() => HandoverFields.Write(this);

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null if it is anything else.</summary>
    public static Handover? FromBytes(ReadOnlySpan<byte> bytes) => JsonFields.Whole(bytes, HandoverFields.Read, out _);
}
