namespace Proa.Waiting;

/// <summary>What is found under a path, which says whether <c>--wait-file</c> holds.</summary>
internal static class FileLook
{
    private const string IsItThere = "is the volume mounted into this container, and the path right?";

    /// <summary>Before the first look has come back.</summary>
    public static Look None { get; } = new(Readiness.Wait, "has not been checked yet", Hang);

    /// <summary>The file system does not answer, as one in user space whose daemon is not up.</summary>
    public static Look Silent { get; } = new(Readiness.Wait, $"cannot be checked within {Duration.Format(NetworkLook.Patience)}", Hang);

    /// <summary>There can be no thread now to look.</summary>
    public static Look NoThread { get; } =
        new(Readiness.Wait, "cannot be checked: no thread can be started", "allow more processes (ulimit -u, the Pod's process limit)");

    private const string Hang = "is the server of its file system running?";

    /// <summary>What is no regular file has no content that could be missing: a socket, a FIFO or a device need only be there.</summary>
    /// <param name="kind">Links are followed.</param>
    /// <param name="size">In bytes.</param>
    /// <param name="errno">Why it cannot be checked, or 0.</param>
    /// <param name="errorText">The same for people.</param>
    public static Look Of(FileKind kind, long size, int errno, string errorText) => (errno, kind) switch
    {
        (0, FileKind.Directory) => new(Readiness.Never, "is a directory", "name a file in it"),
        (0, FileKind.Regular) when size == 0 => new(Readiness.Wait, "is empty"),
        (0, _) => new(Readiness.Start, kind == FileKind.Regular ? "exists and is not empty" : "exists"),
        (Errno.ENOENT, _) => new(Readiness.Wait, "does not exist", IsItThere),
        (Errno.ENOTDIR, _) => new(Readiness.Never, "can never exist: a part of its path is a file, not a directory", "correct the path"),
        (Errno.ENAMETOOLONG or Errno.ELOOP, _) => new(Readiness.Never, "can never exist: " + errorText, "correct the path"),
        (Errno.EACCES, _) => new(
            Readiness.Wait,
            "cannot be checked: " + errorText,
            "may the user that proa runs as search its directory? See fsGroup in the Pod's securityContext"),
        _ => new(Readiness.Wait, "cannot be checked: " + errorText, IsItThere),
    };
}
