using System.Runtime.CompilerServices;

namespace Proa.Tests.Support;

/// <summary>The repository that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(SourceFolder(), "../../.."));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>All Markdown files that are kept: those in folders of the build's output are not.</summary>
    public static IEnumerable<string> MarkdownFiles() => FilesIn(Root)
        .Select(path => Path.GetRelativePath(Root, path))
        .Order(StringComparer.Ordinal);

    private static IEnumerable<string> FilesIn(string folder) => Directory.EnumerateFiles(folder, "*.md").Concat(
        Directory.EnumerateDirectories(folder).Where(child => Path.GetFileName(child) is not (".git" or "artifacts" or "bin" or "obj")).SelectMany(FilesIn));

    private static string SourceFolder([CallerFilePath] string thisFile = "") => Path.GetDirectoryName(thisFile)!;
}
