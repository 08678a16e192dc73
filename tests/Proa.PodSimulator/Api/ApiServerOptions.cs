namespace Proa.PodSimulator;

/// <summary>How an <see cref="ApiServer"/> is started.</summary>
public sealed record ApiServerOptions
{
    /// <summary>Which certificate the server shows.</summary>
    public ServerCertificateKind Certificate { get; init; } = ServerCertificateKind.Valid;

    /// <summary>Listens on ::1 (the same port) as well as on 127.0.0.1.</summary>
    public bool ListenOnIPv6 { get; init; }

    /// <summary>Time between two bookmarks of a watch that asked for them; an API server takes about a minute.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether Roles and RoleBindings are asked; without, every known service account may do everything.</summary>
    public bool Rbac { get; init; } = true;

    /// <summary>HTTP/1.1 only, as behind some proxies.</summary>
    public bool Http1Only { get; init; }
}
