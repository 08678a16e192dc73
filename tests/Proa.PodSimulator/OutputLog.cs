using System.Collections;

namespace Proa.PodSimulator;

/// <summary>All lines written so far, in the order they were read. Safe to read while more arrive.</summary>
public sealed class OutputLog : IReadOnlyList<OutputLine>
{
    private readonly Lock _lock = new();
    private readonly List<OutputLine> _lines = [];
    private readonly ChangeSignal _changed = new();

    /// <summary>Called for each line, in order, one at a time.</summary>
    public event Action<OutputLine>? Written;

    /// <inheritdoc/>
    public int Count
    {
        get
        {
            lock (_lock) return _lines.Count;
        }
    }

    /// <inheritdoc/>
    public OutputLine this[int index]
    {
        get
        {
            lock (_lock) return _lines[index];
        }
    }

    /// <summary>The lines of one container, as text.</summary>
    public IReadOnlyList<string> Of(string container) => [.. this.Where(line => line.Container == container).Select(line => line.Text)];

    /// <summary>Waits for a line, written already or to come.</summary>
    public async Task<OutputLine> WaitForAsync(Func<OutputLine, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        OutputLine? found = null;
        await _changed.WaitUntilAsync(() => (found = this.FirstOrDefault(predicate)) is not null, cancellationToken).ConfigureAwait(false);
        return found!;
    }

    /// <inheritdoc/>
    public IEnumerator<OutputLine> GetEnumerator()
    {
        lock (_lock) return ((IEnumerable<OutputLine>)[.. _lines]).GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal void Add(string pod, string container, string text, bool isError = false)
    {
        lock (_lock)
        {
            var line = new OutputLine(pod, container, text, isError, DateTimeOffset.UtcNow);
            _lines.Add(line);
            Written?.Invoke(line);
        }

        _changed.Pulse();
    }
}
