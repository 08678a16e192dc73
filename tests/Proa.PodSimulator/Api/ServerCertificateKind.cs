namespace Proa.PodSimulator;

/// <summary>Which certificate the API server shows.</summary>
public enum ServerCertificateKind
{
    /// <summary>Signed by <see cref="ApiServer.CertificateAuthorityPem"/>, in time, for 127.0.0.1, ::1, localhost and kubernetes.default.svc.</summary>
    Valid,

    /// <summary>As <see cref="Valid"/>, but it ended yesterday.</summary>
    Expired,

    /// <summary>As <see cref="Valid"/>, but for other.example and 192.0.2.1 only.</summary>
    WrongName,

    /// <summary>As <see cref="Valid"/>, but signed by an authority nobody was told of.</summary>
    UnknownAuthority,
}
