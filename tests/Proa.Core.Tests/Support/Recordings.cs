using System.Text;
using Proa.Pods;
using Proa.Watching;

namespace Proa.Tests.Support;

/// <summary>What a real API server sent: tests/Fixtures/kubernetes-1.36/README.md says what each file is.</summary>
internal static class Recordings
{
    private const string Watch = ".watch.jsonl";
    private static readonly string _folder = Path.Combine(AppContext.BaseDirectory, "Fixtures", "kubernetes-1.36");

    /// <summary>The names of all recorded watches, for a theory.</summary>
    public static TheoryData<string> Names =>
        new(Directory.GetFiles(_folder, "*" + Watch).Select(path => Path.GetFileName(path)[..^Watch.Length]).Order(StringComparer.Ordinal));

    /// <summary>A watch, byte for byte.</summary>
    public static byte[] Stream(string name) => File.ReadAllBytes(Path.Combine(_folder, name + Watch));

    /// <summary>A watch's events that carry a Pod, and their types as the API server calls them.</summary>
    public static IEnumerable<(string Type, Pod Pod)> PodEvents(string name)
    {
        foreach (var line in Encoding.UTF8.GetString(Stream(name)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var what = WatchEvent.Read(Encoding.UTF8.GetBytes(line));
            if (what.Pod is { } pod) yield return (line.Split('"')[3], pod);
        }
    }

    /// <summary>The Pod as it was at this resourceVersion.</summary>
    public static Pod PodAt(string name, int resourceVersion) =>
        PodEvents(name).Single(e => e.Pod.Metadata.ResourceVersion == resourceVersion.ToString(System.Globalization.CultureInfo.InvariantCulture)).Pod;

    /// <summary>A response's body.</summary>
    public static byte[] Body(string file)
    {
        var response = File.ReadAllBytes(Path.Combine(_folder, file + ".http"));
        var end = response.AsSpan().IndexOf("\r\n\r\n"u8);
        Assert.True(end > 0);
        return response[(end + 4)..];
    }

    /// <summary>A line for each event: its type, its resourceVersion and what <paramref name="judge"/> says.</summary>
    public static string Judged(string name, Func<Pod, string> judge)
    {
        var text = new StringBuilder();
        foreach (var (type, pod) in PodEvents(name))
            text.Append(type).Append(' ').Append(pod.Metadata.ResourceVersion).Append(": ").Append(judge(pod)).Append('\n');
        return text.ToString();
    }
}
