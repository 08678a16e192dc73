using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Commands;

/// <summary>
/// Copies of programs. Another process writes them: what this one has open for writing, a child that another test is just starting
/// has open too, and the program is "busy".
/// </summary>
internal static class Copy
{
    /// <summary>Copies a program.</summary>
    /// <returns>The path.</returns>
    public static async Task<string> OfAsync(string program, string path)
    {
        await using var copy = RunningProcess.Start(["cp", "--", program, path]);
        await copy.SucceedsAsync();
        return path;
    }
}
