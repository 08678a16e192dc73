namespace Proa.Watching;

/// <summary>
/// Which of two resourceVersions is the older one. They are opaque, but for those of kube-apiserver, which are decimal numbers of
/// any length and may be compared since Kubernetes 1.35 (KEP-5504); before that they were the same numbers without the promise.
/// So what follows from a comparison must do no harm should it be wrong: a GET, which gives the newest state there is.
/// </summary>
internal static class ResourceVersion
{
    /// <summary>Whether this version is certainly the older one; false where the two cannot be compared.</summary>
    public static bool IsOlder(string version, string than)
    {
        if (!IsNumber(version) || !IsNumber(than)) return false;
        return version.Length != than.Length ? version.Length < than.Length : string.CompareOrdinal(version, than) < 0;
    }

    private static bool IsNumber(string version) => version is [not '0', ..] && !version.AsSpan().ContainsAnyExceptInRange('0', '9');
}
