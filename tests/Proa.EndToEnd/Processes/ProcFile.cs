using System.Globalization;

namespace Proa.EndToEnd.Processes;

/// <summary>What /proc says of other processes.</summary>
internal static class ProcFile
{
    /// <summary>The children of a process.</summary>
    public static int[] Children(int pid)
    {
        try
        {
            return [.. File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>The only child of a process.</summary>
    public static int Child(int pid) => Assert.Single(Children(pid));

    /// <summary>The command line, with spaces.</summary>
    public static string CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>R, S, T, Z and so on; X if there is no such process.</summary>
    public static char State(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return 'X';
        }
    }

    /// <summary>Where one of its links leads: cwd, root, exe.</summary>
    public static string? Link(int pid, string name) => new FileInfo($"/proc/{pid}/{name}").LinkTarget;

    /// <summary>What its descriptors are of.</summary>
    public static IEnumerable<string> Descriptors(int pid) => Directory.GetFiles($"/proc/{pid}/fd").Select(path => new FileInfo(path).LinkTarget ?? "");

    /// <summary>A number in its status, see proc(5): <c>Threads</c>, <c>VmRSS</c>.</summary>
    public static int Status(int pid, string key) => int.Parse(
        File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith(key + ":", StringComparison.Ordinal))[(key.Length + 1)..]
            .Replace("kB", "", StringComparison.Ordinal),
        CultureInfo.InvariantCulture);

    /// <summary>Looks until something is true of the system that tells nobody when it becomes so.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        for (var end = DateTime.UtcNow.AddMinutes(2); !condition(); await Task.Delay(1, TestContext.Current.CancellationToken))
            Assert.True(DateTime.UtcNow < end, "it has not come about");
    }
}
