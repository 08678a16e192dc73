namespace Proa;

/// <summary>The last part of a path, whatever file system it is of.</summary>
internal static class FileName
{
    public static string Of(string path) => path[(path.LastIndexOf('/') + 1)..];
}
