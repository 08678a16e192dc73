using System.Globalization;
using System.Text;
using CsCheck;
using Proa.Supervision;
using Proa.Tests.Support;

namespace Proa.Tests.Supervision;

public sealed class TransitionTableTests
{
    private static readonly SupervisorTask[] _tasks = [new(true, true), new(true, false), new(false, true), new(false, false)];

    [Fact]
    public void Every_state_meets_every_event_as_reviewed()
    {
        var text = new StringBuilder();
        foreach (var state in Enum.GetValues<Phase>().Select(StateIn))
        {
            text.Append(CultureInfo.InvariantCulture, $"{state.Phase}{(state.ExitCode == 0 ? "" : $", to exit with {state.ExitCode}")}\n");
            foreach (var what in Enum.GetValues<SupervisorEventKind>().SelectMany(kind => ValuesOf(kind, state.Phase).Select(value => new SupervisorEvent(kind, value))))
                Append(text, what, _tasks.GroupBy(task => Outcome(task, state, what)).ToArray());
            text.Append('\n');
        }

        Snapshot.Matches("supervision.txt", text.ToString());
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(15, true)]
    [InlineData(9, false)]
    [InlineData(10, false)]
    [InlineData(14, false)]
    [InlineData(18, false)]
    [InlineData(20, false)]
    [InlineData(34, false)]
    public void TERM_INT_HUP_and_QUIT_are_the_stop_signals(int signal, bool stops) => Assert.Equal(stops, TransitionTable.IsStopSignal(signal));

    [Theory]
    [InlineData(Phase.Waiting, 0, true)]
    [InlineData(Phase.Waiting, 124, true)]
    [InlineData(Phase.Waiting, 125, true)]
    [InlineData(Phase.Waiting, 1, false)]
    [InlineData(Phase.Waiting, 126, false)]
    [InlineData(Phase.Waiting, 139, false)]
    [InlineData(Phase.Cancelling, 0, true)]
    [InlineData(Phase.Cancelling, 125, true)]
    [InlineData(Phase.Cancelling, 2, false)]
    [InlineData(Phase.ShuttingDown, 0, true)]
    [InlineData(Phase.ShuttingDown, 124, false)]
    [InlineData(Phase.ShuttingDown, 125, false)]
    [InlineData(Phase.Hurrying, 0, true)]
    [InlineData(Phase.Hurrying, 1, false)]
    internal void A_worker_exits_with_0_or_where_it_waits_with_124_or_125(Phase phase, int exitCode, bool may) =>
        Assert.Equal(may, TransitionTable.IsWorkersExitCode(phase, exitCode));

    [Fact]
    public void Every_life_ends_with_one_exit_and_nothing_after_it() => EveryLife(life =>
    {
        Assert.Single(life.Actions, a => a.Kind == SupervisorActionKind.Exit);
        Assert.Equal(SupervisorActionKind.Exit, life.Actions[^1].Kind);
        Assert.Equal(Phase.End, life.Steps[^1].After.Phase);
    });

    [Fact]
    public void Main_is_started_once_at_most() =>
        EveryLife(life => Assert.InRange(life.Actions.Count(a => a.Kind == SupervisorActionKind.StartMain), 0, 1));

    [Fact]
    public void Main_is_not_started_after_a_signal_to_stop() => EveryLife(life =>
    {
        var stop = life.Steps.FindIndex(s => s.What.Kind == SupervisorEventKind.StopSignal);
        if (stop < 0) return;
        Assert.DoesNotContain(life.Steps[stop..].SelectMany(s => s.Actions), a => a.Kind == SupervisorActionKind.StartMain);
    });

    [Fact]
    public void A_signal_that_ends_the_wait_gives_the_exit_code() => EveryLife(life =>
    {
        var first = life.Steps.Find(s => s.What.Kind == SupervisorEventKind.StopSignal);
        if (first.Before.Phase == Phase.Waiting) Assert.Equal(128 + first.What.Value, life.ExitCode);
    });

    [Fact]
    public void After_main_has_exited_the_exit_code_is_mains_whatever_happens() => EveryLife(life =>
    {
        var end = life.Steps.Find(s => s.What.Kind == SupervisorEventKind.MainExited);
        if (end.What.Kind == SupervisorEventKind.MainExited) Assert.Equal(end.What.Value, life.ExitCode);
    });

    [Fact]
    public void Where_main_was_never_started_the_exit_code_is_one_of_proas() => EveryLife(life =>
    {
        if (life.Steps.Exists(s => s.What.Kind == SupervisorEventKind.MainExited)) return;
        Assert.Contains(life.ExitCode, (int[])[124, 125, 126, 127, 129, 130, 131, 143]);
    });

    [Fact]
    public void One_worker_runs_at_most() => EveryLife(life =>
    {
        var running = 0;
        foreach (var step in life.Steps)
        {
            if (step.What.Kind is SupervisorEventKind.WorkerExited or SupervisorEventKind.WorkerLost) running--;
            running += step.Actions.Count(IsWorkerStart);
            Assert.InRange(running, 0, 1);
        }

        Assert.Equal(0, running);
    });

    [Fact]
    public void No_worker_runs_beside_main() => EveryLife(life =>
    {
        foreach (var step in life.Steps.Where(s => s.After.Phase == Phase.Running)) Assert.DoesNotContain(step.Actions, IsWorkerStart);
    });

    [Fact]
    public void Only_a_child_that_runs_is_signalled() => EveryLife(life =>
    {
        foreach (var step in life.Steps)
        {
            foreach (var action in step.Actions)
            {
                if (action.Kind == SupervisorActionKind.SignalMain) Assert.Equal(Phase.Running, step.Before.Phase);
                if (action.Kind == SupervisorActionKind.SignalWorker) Assert.Contains(step.Before.Phase, (Phase[])[Phase.Waiting, Phase.ShuttingDown, Phase.Hurrying]);
            }
        }
    });

    [Fact]
    public void While_main_runs_every_signal_is_forwarded_as_it_is() => EveryLife(life =>
    {
        foreach (var step in life.Steps.Where(s => s.Before.Phase == Phase.Running && s.What.Kind is SupervisorEventKind.StopSignal or SupervisorEventKind.OtherSignal))
            Assert.Equal(new(SupervisorActionKind.SignalMain, step.What.Value), Assert.Single(step.Actions));
    });

    [Fact]
    public void What_a_lost_worker_handed_back_is_dropped_before_it_is_used() => EveryLife(life =>
    {
        foreach (var step in life.Steps.Where(s => s.Before.Phase is Phase.Waiting or Phase.Cancelling && s.What.Kind == SupervisorEventKind.WorkerLost))
        {
            var kinds = step.Actions.Select(a => a.Kind).ToList();
            var shutdown = kinds.IndexOf(SupervisorActionKind.StartShutdownWorker);
            if (shutdown >= 0) Assert.InRange(kinds.IndexOf(SupervisorActionKind.DropKnowledge), 0, shutdown);
        }
    });

    [Fact]
    public void A_worker_that_hangs_is_killed_and_its_exit_code_is_that_of_the_first_reason() => EveryLife(life =>
    {
        for (var i = 0; i < life.Steps.Count; i++)
        {
            var (before, what, _, actions) = life.Steps[i];
            if (what.Kind != SupervisorEventKind.WorkerOverdue) continue;
            if (before.Phase == Phase.Cancelling) Assert.Empty(actions);
            else Assert.Equal(new(SupervisorActionKind.SignalWorker, 9), Assert.Single(actions));
            if (before.Phase == Phase.Waiting && life.Steps[i + 1].What.Kind == SupervisorEventKind.WorkerLost) Assert.Equal(what.Value, life.ExitCode);
        }
    });

    [Fact]
    public void Where_nobody_is_to_be_waited_for_no_wait_worker_is_started() => EveryLife(life =>
        Assert.Equal(life.Task.Waits, life.Actions.Any(a => a.Kind == SupervisorActionKind.StartWaitWorker)));

    [Fact]
    public void After_main_has_exited_sidecars_are_ended_where_that_is_the_task() => EveryLife(life =>
    {
        if (life.Steps.Exists(s => s.What.Kind == SupervisorEventKind.MainExited))
            Assert.Equal(life.Task.EndsSidecars, life.Actions.Any(a => a.Kind == SupervisorActionKind.StartShutdownWorker));
    });

    [Fact]
    public void Events_that_cannot_happen_do_no_harm() => Gen.Select(Gen.OneOf(_tasks), AnyEvent.Array[0, 40]).Sample(
        (task, events) =>
        {
            var state = new SupervisorState(Phase.Begin);
            var actions = new List<SupervisorAction>();
            foreach (var what in events)
            {
                (state, var next) = TransitionTable.Next(task, state, what);
                actions.AddRange(next);
            }

            Assert.InRange(actions.Count(a => a.Kind == SupervisorActionKind.StartMain), 0, 1);
            Assert.InRange(actions.Count(a => a.Kind == SupervisorActionKind.StartWaitWorker), 0, 1);
            Assert.InRange(actions.Count(a => a.Kind == SupervisorActionKind.StartShutdownWorker), 0, 1);
            var exit = actions.FindIndex(a => a.Kind == SupervisorActionKind.Exit);
            Assert.Equal(state.Phase == Phase.End ? actions.Count - 1 : -1, exit);
        },
        iter: 3_000);

    private static Gen<SupervisorEvent> AnyEvent { get; } =
        Gen.Select(Gen.Enum<SupervisorEventKind>(), Gen.OneOf(0, 1, 2, 15, 20, 124, 125, 127, 143), (kind, value) => new SupervisorEvent(kind, value));

    private static bool IsWorkerStart(SupervisorAction action) => action.Kind is SupervisorActionKind.StartWaitWorker or SupervisorActionKind.StartShutdownWorker;

    private static void EveryLife(Action<Life> check) =>
        Gen.Select(Gen.OneOf(_tasks), Gen.Int[0, 1_000_000].Array[0, 12]).Sample((task, choices) => check(Life.Lived(task, choices)), iter: 2_000);

    private static SupervisorState StateIn(Phase phase) => new(phase, phase switch
    {
        Phase.Cancelling => 143,
        Phase.ShuttingDown or Phase.Hurrying or Phase.End => 7,
        _ => 0,
    });

    private static int[] ValuesOf(SupervisorEventKind kind, Phase phase) => kind switch
    {
        SupervisorEventKind.WorkerExited => phase is Phase.Waiting or Phase.Cancelling ? [0, 124, 125] : [0],
        SupervisorEventKind.WorkerOverdue => [124, 125],
        SupervisorEventKind.MainNotStarted => [126, 127],
        SupervisorEventKind.MainExited => [0, 3, 137],
        SupervisorEventKind.MainStopped => [19, 20, 21, 22],
        SupervisorEventKind.StopSignal => [15],
        SupervisorEventKind.OtherSignal => [10],
        _ => [0],
    };

    private static string Outcome(SupervisorTask task, SupervisorState state, SupervisorEvent what)
    {
        var (after, actions) = TransitionTable.Next(task, state, what);
        if (after == state && actions.IsEmpty) return "-";
        var to = after.Phase == state.Phase ? "stays" : after.Phase.ToString();
        var code = after.ExitCode == state.ExitCode ? "" : $", to exit with {after.ExitCode}";
        return to + code + ": " + (actions.IsEmpty ? "-" : string.Join(", ", actions.Select(a => a.Value == 0 && a.Kind != SupervisorActionKind.Exit ? $"{a.Kind}" : $"{a.Kind} {a.Value}")));
    }

    private static void Append(StringBuilder text, SupervisorEvent what, IGrouping<string, SupervisorTask>[] outcomes)
    {
        var name = what.Kind + (what.Value == 0 && what.Kind is not (SupervisorEventKind.WorkerExited or SupervisorEventKind.MainExited) ? "" : $" {what.Value}");
        foreach (var outcome in outcomes)
        {
            var condition = outcomes.Length == 1 ? "" : $"({Condition(outcome)}) ";
            text.Append(CultureInfo.InvariantCulture, $"    {name,-20}{condition}{outcome.Key}\n");
            name = "";
        }
    }

    private static string Condition(IEnumerable<SupervisorTask> tasks)
    {
        var all = tasks.ToArray();
        var waits = all.Select(t => t.Waits).Distinct().ToArray();
        var ends = all.Select(t => t.EndsSidecars).Distinct().ToArray();
        string[] parts =
        [
            waits.Length == 2 ? "" : waits[0] ? "waits" : "does not wait",
            ends.Length == 2 ? "" : ends[0] ? "ends sidecars" : "ends no sidecars",
        ];
        Assert.Equal(all.Length, waits.Length * ends.Length);
        return string.Join(", ", parts.Where(p => p.Length > 0));
    }

    private readonly record struct Step(SupervisorState Before, SupervisorEvent What, SupervisorState After, IReadOnlyList<SupervisorAction> Actions);

    /// <summary>A supervisor's life in which only happens what can: a worker ends that was started, main ends that was started.</summary>
    private sealed class Life
    {
        private SupervisorState _state = new(Phase.Begin);
        private bool _hasWorker;
        private bool _hasMain;
        private bool _mainIsBeingStarted;

        private Life(SupervisorTask task) => Task = task;

        public SupervisorTask Task { get; }

        public List<Step> Steps { get; } = [];

        public List<SupervisorAction> Actions => [.. Steps.SelectMany(s => s.Actions)];

        public int ExitCode => Actions[^1].Value;

        /// <summary>Lives by the choices, and then as whatever runs comes to its end.</summary>
        public static Life Lived(SupervisorTask task, int[] choices)
        {
            var life = new Life(task);
            life.Happens(new(SupervisorEventKind.Started));
            foreach (var choice in choices)
            {
                var possible = life.Possible();
                if (life._state.Phase != Phase.End) life.Happens(possible[choice % possible.Count]);
            }

            for (var ends = 0; life._state.Phase != Phase.End; ends++)
            {
                Assert.True(life._hasMain || life._hasWorker, "nothing runs, and proa does not exit");
                Assert.InRange(ends, 0, 3);
                life.Happens(new(life._hasMain ? SupervisorEventKind.MainExited : SupervisorEventKind.WorkerExited));
            }

            return life;
        }

        private List<SupervisorEvent> Possible()
        {
            List<SupervisorEvent> events = [new(SupervisorEventKind.StopSignal, 15), new(SupervisorEventKind.StopSignal, 2), new(SupervisorEventKind.OtherSignal, 10)];
            if (_hasWorker)
            {
                events.AddRange([new(SupervisorEventKind.WorkerExited), new(SupervisorEventKind.WorkerExited), new(SupervisorEventKind.WorkerLost)]);
                events.AddRange([new(SupervisorEventKind.WorkerOverdue, 124), new(SupervisorEventKind.WorkerOverdue, 125)]);
                if (_state.Phase is Phase.Waiting or Phase.Cancelling) events.AddRange([new(SupervisorEventKind.WorkerExited, 124), new(SupervisorEventKind.WorkerExited, 125)]);
            }

            if (_hasMain)
                events.AddRange([new(SupervisorEventKind.MainExited, 0), new(SupervisorEventKind.MainExited, 3), new(SupervisorEventKind.MainExited, 137), new(SupervisorEventKind.MainStopped, 20)]);
            // Whether main could be started is known before anything else is looked at.
            if (_mainIsBeingStarted) events.AddRange([new(SupervisorEventKind.MainNotStarted, 126), new(SupervisorEventKind.MainNotStarted, 127)]);
            return events;
        }

        private void Happens(SupervisorEvent what)
        {
            var (after, actions) = TransitionTable.Next(Task, _state, what);
            Steps.Add(new(_state, what, after, actions));
            _state = after;
            if (what.Kind is SupervisorEventKind.WorkerExited or SupervisorEventKind.WorkerLost) _hasWorker = false;
            if (what.Kind is SupervisorEventKind.MainExited or SupervisorEventKind.MainNotStarted) _hasMain = false;
            _mainIsBeingStarted = actions.Any(a => a.Kind == SupervisorActionKind.StartMain);
            _hasMain |= _mainIsBeingStarted;
            _hasWorker |= actions.Any(IsWorkerStart);
        }
    }
}
