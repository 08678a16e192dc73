using System.Text;
using Proa.Identity;
using Proa.Logging;

namespace Proa.Workers;

/// <summary>
/// The container's last words, which <c>kubectl describe pod</c> shows ("Determine the Reason for Pod Failure"): the kubelet mounts the file.
/// </summary>
internal static class TerminationMessage
{
    private const string DefaultPath = "/dev/termination-log";
    private const int Largest = 4096;

    /// <summary>Writes why main was not started. A file that is not there is not made: nobody would read it.</summary>
    public static void Write(Handover? handover, string problem, string hint = "")
    {
        var container = handover?.Pod?.Spec.Containers.FirstOrDefault(c => c.Name == handover.Container?.Name);
        var path = container?.TerminationMessagePath is { Length: > 0 } own ? own : DefaultPath;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            file.SetLength(0);
            file.Write(Of(problem, hint));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            // The log has said it too.
        }
    }

    /// <summary>The message: printable lines, as in the log.</summary>
    public static ReadOnlySpan<byte> Of(string problem, string hint) =>
        Cut(Encoding.UTF8.GetBytes("proa: " + Printable.Line(problem) + (hint.Length > 0 ? "\n" + Printable.Lines(hint, LogLine.Indent) : "")));

    /// <summary>Cuts at a character's border.</summary>
    private static ReadOnlySpan<byte> Cut(byte[] text)
    {
        if (text.Length <= Largest) return text;
        var end = Largest;
        while (end > 0 && (text[end] & 0xC0) == 0x80) end--;
        return text.AsSpan(0, end);
    }
}
