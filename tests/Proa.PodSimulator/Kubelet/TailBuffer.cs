namespace Proa.PodSimulator;

/// <summary>The end of a container's output, as terminationMessagePolicy FallbackToLogsOnError wants it: 80 lines and 2048 characters at most.</summary>
internal sealed class TailBuffer
{
    private readonly Queue<string> _lines = new();

    public void Add(string line)
    {
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > 80) _lines.Dequeue();
        }
    }

    public override string ToString()
    {
        lock (_lines)
        {
            var text = string.Concat(_lines.Select(line => line + "\n"));
            return text.Length > 2048 ? text[^2048..] : text;
        }
    }
}
