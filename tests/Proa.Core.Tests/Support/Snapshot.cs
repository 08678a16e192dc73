using System.Runtime.CompilerServices;

namespace Proa.Tests.Support;

/// <summary>Texts that people have reviewed. UPDATE_SNAPSHOTS=1 writes them anew, for the next review: never in continuous integration.</summary>
/// <param name="reviewed">The folder that they are read from.</param>
/// <param name="source">The folder that they are written to.</param>
/// <param name="variable">The environment.</param>
internal sealed class Snapshot(string reviewed, string source, Func<string, string?> variable)
{
    private const string Folder = "Snapshots";

    private static readonly Snapshot _own = new(
        Path.Combine(AppContext.BaseDirectory, Folder),
        Path.Combine(SourceFolder(), Folder),
        Environment.GetEnvironmentVariable);

    public static void Matches(string name, string actual) => _own.Compare(name, actual);

    public void Compare(string name, string actual)
    {
        if (variable("UPDATE_SNAPSHOTS") == "1")
        {
            Write(Path.Combine(source, name), actual);
            return;
        }

        var path = Path.Combine(reviewed, name);
        var expected = File.Exists(path) ? File.ReadAllText(path) : "(there is no such file)\n";
        if (expected == actual) return;
        Assert.Fail($"""
            {Folder}/{name} is not what it was; it differs from line {FirstDifference(expected, actual)} on.
            Where that is intended: UPDATE_SNAPSHOTS=1, and review the difference.
            ---- reviewed ----
            {expected}
            ---- now ----
            {actual}
            ----
            """);
    }

    private void Write(string path, string text)
    {
        Assert.False(variable("CI") == "true", "UPDATE_SNAPSHOTS is refused where CI is set: nobody would review what it writes");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static int FirstDifference(string expected, string actual) =>
        1 + expected.Split('\n').Zip(actual.Split('\n')).TakeWhile(lines => lines.First == lines.Second).Count();

    private static string SourceFolder([CallerFilePath] string thisFile = "") => Path.GetDirectoryName(Path.GetDirectoryName(thisFile)!)!;
}
