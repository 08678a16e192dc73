namespace Proa.PodSimulator.Tests;

/// <summary>The command lines of the machine's processes.</summary>
internal static class Processes
{
    public static IReadOnlyList<string> All()
    {
        var lines = new List<string>();
        foreach (var directory in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                lines.Add(File.ReadAllText(Path.Combine(directory, "cmdline")).Replace('\0', ' '));
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return lines;
    }
}
