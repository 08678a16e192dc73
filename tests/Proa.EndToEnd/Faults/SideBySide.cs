namespace Proa.EndToEnd.Faults;

/// <summary>What takes long, begun together when the first test asks: it runs side by side, and ends in the reverse order.</summary>
public abstract class SideBySide : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _running = [];

    public abstract ValueTask InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var running in Enumerable.Reverse(_running)) await running.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected T Keep<T>(T running)
        where T : IAsyncDisposable
    {
        _running.Add(running);
        return running;
    }
}
