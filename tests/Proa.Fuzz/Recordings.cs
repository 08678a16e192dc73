using System.Text;
using System.Text.Json;
using Proa.Pods;

namespace Proa.Fuzz;

/// <summary>What a real API server sent: tests/Fixtures/kubernetes-1.36/README.md says what each file is.</summary>
internal static class Recordings
{
    private static readonly string _folder = Path.Combine(AppContext.BaseDirectory, "Fixtures", "kubernetes-1.36");

    /// <summary>Of each recorded watch the last state of the Pod, byte for byte.</summary>
    public static IEnumerable<byte[]> Pods()
    {
        foreach (var lines in Files("*.watch.jsonl").Select(File.ReadAllLines))
        {
            using var last = JsonDocument.Parse(lines.Last(line => !line.StartsWith("{\"type\":\"BOOKMARK\"", StringComparison.Ordinal)));
            yield return Encoding.UTF8.GetBytes(last.RootElement.GetProperty("object").GetRawText());
        }
    }

    /// <summary>The bodies of the recorded answers; one is empty.</summary>
    public static IEnumerable<byte[]> Answers() =>
        Files("*.http").Select(file => Encoding.UTF8.GetBytes(File.ReadAllText(file).Split("\r\n\r\n", 2)[^1])).Where(body => body.Length > 0);

    private static IEnumerable<string> Files(string pattern) => Directory.GetFiles(_folder, pattern).Order(StringComparer.Ordinal);
}
