using System.Runtime.CompilerServices;

namespace Proa.Tests.Support;

/// <summary>Texts that people have reviewed. UPDATE_SNAPSHOTS=1 writes them anew, for the next review.</summary>
internal static class Snapshot
{
    private const string Folder = "Snapshots";

    public static void Matches(string name, string actual)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            var source = Path.Combine(SourceFolder(), Folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(source)!);
            File.WriteAllText(source, actual);
            return;
        }

        var path = Path.Combine(AppContext.BaseDirectory, Folder, name);
        var expected = File.Exists(path) ? File.ReadAllText(path) : "(there is no such file)\n";
        if (expected == actual) return;
        Assert.Fail($"""
            {Folder}/{name} is not what it was; it differs from line {FirstDifference(expected, actual)} on. Where that is intended: UPDATE_SNAPSHOTS=1, and review the difference.
            ---- reviewed ----
            {expected}
            ---- now ----
            {actual}
            ----
            """);
    }

    private static int FirstDifference(string expected, string actual) =>
        1 + expected.Split('\n').Zip(actual.Split('\n')).TakeWhile(lines => lines.First == lines.Second).Count();

    private static string SourceFolder([CallerFilePath] string thisFile = "") => Path.GetDirectoryName(Path.GetDirectoryName(thisFile)!)!;
}
