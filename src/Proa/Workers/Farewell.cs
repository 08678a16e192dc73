using System.Collections.Immutable;
using Proa.Ending;
using Proa.Identity;
using Proa.Logging;

namespace Proa.Workers;

/// <summary>All that tells the sidecars to stop: each thing once at first, again where that may help, and anew in each of a sidecar's lives.</summary>
/// <param name="supervisor">The supervisor's process ID.</param>
/// <param name="handover">What is known of the Pod, or null.</param>
/// <param name="plan">What is to be done, as it is known now.</param>
/// <param name="log">Where to say it.</param>
internal sealed class Farewell(int supervisor, Func<Handover?> handover, Func<ShutdownPlan> plan, Log log) : IDisposable
{
    private readonly ShutdownRequests _requests = new(plan, log);
    private readonly List<ShutdownSignals> _signals = [];
    private CancellationTokenSource? _life;

    /// <summary>Completes when there is nothing to send again, or the budget is used up.</summary>
    public Task Retries { get; private set; } = Task.CompletedTask;

    /// <summary>Whether every sidecar that has an endpoint has been connected to, and none is asked again.</summary>
    public bool IsHeard => _requests.AreHeard;

    /// <summary>Whether all has been sent once in the present lives.</summary>
    public bool IsSaid => _requests.AreTried;

    /// <summary>Tells what of these steps has not been told yet, once.</summary>
    public async Task TellAsync(IEnumerable<ShutdownStep> steps, CancellationToken cancellation)
    {
        var begun = Begin(steps);
        var asked = _requests.AskUntriedAsync(cancellation);
        foreach (var signals in begun) signals.Send();
        await asked.ConfigureAwait(false);
    }

    /// <summary>Tells what of these steps has not been told yet, until it is heard.</summary>
    public async Task AddAsync(IEnumerable<ShutdownStep> steps, CancellationToken budget)
    {
        await StopAsync().ConfigureAwait(false);
        foreach (var signals in Begin(steps)) signals.Send();
        Retry(budget);
    }

    /// <summary>Whether there is anything in these steps that has not been told.</summary>
    public bool IsNew(IEnumerable<ShutdownStep> steps) =>
        steps.Any(step => step.Requests.Any(_requests.IsNew) || step.Processes.Any(IsNew));

    private bool IsNew(ProcessSelection selection) => !_signals.Exists(s => s.Selection.Covers(selection));

    /// <summary>Begins to tell those that have not heard it, time and again.</summary>
    public void Retry(CancellationToken budget)
    {
        _life = CancellationTokenSource.CreateLinkedTokenSource(budget);
        Retries = Task.WhenAll([_requests.RetryAsync(_life.Token), .. _signals.Select(s => s.RetryAsync(_life.Token))]);
    }

    /// <summary>Tells these sidecars again, as they have been started again.</summary>
    public async Task TellAgainAsync(ImmutableArray<string> sidecars, CancellationToken budget)
    {
        await StopAsync().ConfigureAwait(false);
        _requests.Renew(sidecars);
        foreach (var signals in _signals)
        {
            signals.Renew(sidecars);
            signals.Send();
        }

        Retry(budget);
    }

    /// <summary>Sends nothing more.</summary>
    public async Task StopAsync()
    {
        if (_life is not null) await _life.CancelAsync().ConfigureAwait(false);
        await Retries.ConfigureAwait(false);
    }

    /// <summary>The time is up: says who has not answered.</summary>
    public void GiveUp() => _requests.GiveUp();

    /// <summary>At how many of the endpoints that were asked somebody listens.</summary>
    public Task<int> CountListeningAsync(CancellationToken cancellation) => _requests.CountListeningAsync(cancellation);

    /// <summary>Whether none listens at any endpoint that was asked.</summary>
    public async Task<bool> NoneListensAsync(CancellationToken cancellation) => await CountListeningAsync(cancellation).ConfigureAwait(false) == 0;

    /// <returns>The signals that are new.</returns>
    private List<ShutdownSignals> Begin(IEnumerable<ShutdownStep> steps)
    {
        List<ShutdownSignals> begun = [];
        foreach (var step in steps)
        {
            _requests.Add(step.Requests);
            begun.AddRange(step.Processes.Where(IsNew).Select(p => new ShutdownSignals(p, supervisor, handover, () => plan().Expectation, log)));
        }

        _signals.AddRange(begun);
        return begun;
    }

    public void Dispose() => _life?.Dispose();
}
