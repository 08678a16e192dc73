namespace Proa.Supervision;

/// <summary>
/// Keeps the state, asks the table what follows from an event and has it carried out. What fails on the way is an event, too: an exception
/// that leaves PID 1 would end the command.
/// </summary>
/// <param name="carryOut">Answers with what has happened thereby, if anything.</param>
internal sealed class Dispatcher(SupervisorTask task, Func<SupervisorAction, SupervisorEvent?> carryOut)
{
    private readonly Queue<SupervisorEvent> _events = new(capacity: 8);

    public SupervisorState State { get; private set; } = new(Phase.Begin);

    /// <summary>What proa is to exit with now; null: it goes on.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Carries out what follows from an event, and from the events that follow from that.</summary>
    public void Happens(SupervisorEvent what)
    {
        _events.Enqueue(what);
        while (_events.TryDequeue(out var next))
        {
            (State, var actions) = TransitionTable.Next(task, State, next);
            foreach (var action in actions)
            {
                if (action.Kind == SupervisorActionKind.Exit) ExitCode = action.ExitCode;
                else if (TryCarryOut(action) is { } follows) _events.Enqueue(follows);
            }
        }
    }

#pragma warning disable CA1031 // Whatever it is.
    /// <summary>Does the supervisor's own work. False where that has failed.</summary>
    public bool Try(Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (Exception e)
        {
            Happens(SupervisorEvent.ActionFailed(null, Describe(e)));
            return false;
        }
    }

    private SupervisorEvent? TryCarryOut(SupervisorAction action)
    {
        try
        {
            return carryOut(action);
        }
        catch (Exception e)
        {
            return SupervisorEvent.ActionFailed(action.Kind, Describe(e));
        }
    }

    private static string Describe(Exception e)
    {
        try
        {
            return $"{e.GetType().Name}: {e.Message}";
        }
        catch (Exception)
        {
            return "there is no memory left to say why";
        }
    }
#pragma warning restore CA1031
}
