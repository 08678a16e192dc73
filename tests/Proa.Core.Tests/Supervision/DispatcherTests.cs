using Proa.Supervision;
using static Proa.Supervision.SupervisorAction;

namespace Proa.Tests.Supervision;

public sealed class DispatcherTests
{
    private static readonly SupervisorTask _whole = new(Waits: true, EndsSidecars: true);

    private readonly List<SupervisorAction> _carriedOut = [];

    [Fact]
    public void What_follows_from_an_action_happens_after_all_that_was_to_be_done_before()
    {
        var life = new Dispatcher(_whole with { Waits = false }, Does());
        life.Happens(SupervisorEvent.Started);
        Assert.Equal([StartCommand, ReportCommandStarted(21), LetGo], _carriedOut);
        Assert.Equal((Phase.Running, null), (life.State.Phase, life.ExitCode));
    }

    [Fact]
    public void The_life_is_over_when_the_table_says_so()
    {
        var life = Lives(Does());
        life.Happens(SupervisorEvent.WorkerExited(0));
        Assert.Equal((Phase.End, 3), (life.State.Phase, life.ExitCode));
    }

    [Fact]
    public void A_wait_worker_that_an_error_keeps_from_starting_is_lost()
    {
        var life = new Dispatcher(_whole, Does(failing: SupervisorActionKind.StartWaitWorker));
        life.Happens(SupervisorEvent.Started);
        var end = WorkerEnd.OfFailure("InvalidOperationException: none left");
        Assert.Equal([ReportWaitWorkerLost(125, end), DropHandover, StartShutdownWorker(125, end: end)], _carriedOut);
        Assert.Null(life.ExitCode);
    }

    [Fact]
    public void A_command_that_an_error_keeps_from_starting_is_not_started()
    {
        var life = new Dispatcher(_whole, Does(failing: SupervisorActionKind.StartCommand));
        life.Happens(SupervisorEvent.Started);
        life.Happens(SupervisorEvent.WorkerExited(0));
        const string Why = "InvalidOperationException: none left";
        Assert.Equal([StartWaitWorker, ReportCommandNotStarted(125, Why), StartShutdownWorker(125, Why)], _carriedOut);
    }

    [Fact]
    public void Where_an_error_keeps_the_shutdown_worker_from_starting_the_exit_code_is_the_commands_own()
    {
        var life = Lives(Does(failing: SupervisorActionKind.StartShutdownWorker));
        Assert.Equal(ReportShutdownWorkerLost(WorkerEnd.OfFailure("InvalidOperationException: none left")), _carriedOut[^1]);
        Assert.Equal(3, life.ExitCode);
    }

    [Theory]
    [InlineData(SupervisorActionKind.LetGo)]
    [InlineData(SupervisorActionKind.SignalCommand)]
    [InlineData(SupervisorActionKind.StopSelf)]
    [InlineData(SupervisorActionKind.ReportCommandStarted)]
    [InlineData(SupervisorActionKind.ReportCommandExited)]
    internal void Any_other_error_is_said_and_changes_nothing(SupervisorActionKind failing)
    {
        var life = Lives(Does(failing));
        Assert.Contains(ReportActionFailed(failing, "InvalidOperationException: none left"), _carriedOut);
        life.Happens(SupervisorEvent.WorkerExited(0));
        Assert.Equal(3, life.ExitCode);
    }

    [Fact]
    public void Where_nothing_can_be_carried_out_the_life_comes_to_its_end_all_the_same()
    {
        var life = new Dispatcher(_whole, _ => throw new InvalidOperationException());
        life.Happens(SupervisorEvent.Started);
        Assert.Equal(125, life.ExitCode);
    }

    [Fact]
    public void An_error_in_the_supervisors_own_work_is_said_and_changes_nothing()
    {
        var life = new Dispatcher(_whole with { Waits = false }, Does());
        life.Happens(SupervisorEvent.Started);
        Assert.True(life.Try(() => { }));
        Assert.False(life.Try(() => throw new InvalidOperationException("none left")));
        Assert.Equal(ReportActionFailed(null, "InvalidOperationException: none left"), _carriedOut[^1]);
        Assert.Equal((Phase.Running, null), (life.State.Phase, life.ExitCode));
    }

    [Fact]
    public void An_error_that_cannot_even_be_described_is_no_end()
    {
        var life = new Dispatcher(_whole, _ => throw new UnspeakableException());
        life.Happens(SupervisorEvent.Started);
        Assert.Equal(125, life.ExitCode);
    }

    [Fact]
    public void A_signal_is_forwarded_without_a_byte_of_memory()
    {
        var life = new Dispatcher(
            _whole with { Waits = false },
            action => action.Kind == SupervisorActionKind.StartCommand ? SupervisorEvent.CommandStarted(21) : null);
        life.Happens(SupervisorEvent.Started);
        Forward(1_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Forward(1_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Forward(int times)
        {
            for (var i = 0; i < times; i++) life.Happens(SupervisorEvent.OtherSignal(new(10, i)));
        }
    }

    /// <summary>A command is started, signalled and stopped, and exits with 3.</summary>
    private static Dispatcher Lives(Func<SupervisorAction, SupervisorEvent?> carryOut)
    {
        var life = new Dispatcher(_whole with { Waits = false }, carryOut);
        life.Happens(SupervisorEvent.Started);
        life.Happens(SupervisorEvent.OtherSignal(new(10)));
        life.Happens(SupervisorEvent.CommandStopped(20));
        life.Happens(SupervisorEvent.CommandExited(3));
        return life;
    }

    private Func<SupervisorAction, SupervisorEvent?> Does(SupervisorActionKind? failing = null) => action =>
    {
        if (action.Kind == failing) throw new InvalidOperationException("none left");
        _carriedOut.Add(action);
        return action.Kind == SupervisorActionKind.StartCommand ? SupervisorEvent.CommandStarted(21) : null;
    };

#pragma warning disable CA1032, CA1064 // Only this test has it.
    private sealed class UnspeakableException : Exception
    {
        public override string Message => throw new InvalidOperationException();
    }
#pragma warning restore CA1032, CA1064
}
