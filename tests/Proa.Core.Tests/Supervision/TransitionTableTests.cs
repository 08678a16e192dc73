using System.Globalization;
using System.Text;
using CsCheck;
using Proa.Supervision;
using Proa.Tests.Support;

namespace Proa.Tests.Supervision;

public sealed class TransitionTableTests
{
    private static readonly SupervisorTask[] _tasks = 
    [
        .. from watches in (bool[])[false, true]
           from waits in (bool[])[true, false]
           from ends in (bool[])[true, false]
           select new SupervisorTask(waits, ends) { Watches = watches },
    ];

    /// <summary>All others are as the first.</summary>
    private static readonly SupervisorActionKind?[] _actionsToFail =
    [
        SupervisorActionKind.SignalCommand, SupervisorActionKind.StartWaitWorker, SupervisorActionKind.StartCommand, SupervisorActionKind.StartShutdownWorker,
        SupervisorActionKind.StartWatchWorker, SupervisorActionKind.ReportActionFailed, null,
    ];

    [Fact]
    public void Every_state_meets_every_event_as_reviewed()
    {
        var text = new StringBuilder();
        foreach (var state in Enum.GetValues<Phase>().SelectMany(StatesIn))
        {
            text.Append(CultureInfo.InvariantCulture, $"{state.Phase}{(state.ExitCode == 0 ? "" : $", to exit with {state.ExitCode}")}");
            text.Append(CultureInfo.InvariantCulture, $"{(state.Hang is { } hang ? $", hung {hang}" : "")}");
            text.Append(CultureInfo.InvariantCulture, $"{(state.Losses == 0 ? "" : $", lost {state.Losses}")}");
            text.Append(state.HasNothingToEnd ? ", nothing to end\n" : "\n");
            foreach (var what in Enum.GetValues<SupervisorEventKind>().SelectMany(kind => EventsOf(kind, state.Phase)))
                Append(text, what, _tasks.GroupBy(task => Outcome(task, state, what)).ToArray());
            text.Append('\n');
        }

        Snapshot.Matches("supervision.txt", text.ToString());
    }

    [Fact]
    public void Any_action_but_a_start_may_fail_and_nothing_changes()
    {
        foreach (var state in Enum.GetValues<Phase>().SelectMany(StatesIn))
        {
            foreach (var action in Enum.GetValues<SupervisorActionKind>().Where(kind => !_actionsToFail.Skip(1).Contains(kind)))
            {
                var (after, actions) = TransitionTable.Next(_tasks[0], state, SupervisorEvent.ActionFailed(action, "error"));
                Assert.Equal(state, after);
                Assert.Equal(state.Phase == Phase.End ? [] : [SupervisorAction.ReportActionFailed(action, "error")], (SupervisorAction[])[.. actions]);
            }
        }
    }

    [Theory]
    [InlineData(Phase.Waiting, 0, true)]
    [InlineData(Phase.Waiting, 124, true)]
    [InlineData(Phase.Waiting, ExitCodes.NothingToEnd, true)]
    [InlineData(Phase.ShuttingDown, ExitCodes.NothingToEnd, false)]
    [InlineData(Phase.Waiting, 125, true)]
    [InlineData(Phase.Waiting, 123, false)]
    [InlineData(Phase.Watched, 123, true)]
    [InlineData(Phase.Unwatching, 123, true)]
    [InlineData(Phase.Unwatching, ExitCodes.NoLongerNeeded, true)]
    [InlineData(Phase.Unwatching, 0, true)]
    [InlineData(Phase.Unwatching, 125, false)]
    [InlineData(Phase.ShuttingDown, 123, false)]
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
    internal void A_worker_exits_with_0_or_with_what_only_it_can_say(Phase phase, int exitCode, bool may) =>
        Assert.Equal(may, TransitionTable.IsWorkersExitCode(phase, exitCode));

    [Fact]
    public void Every_life_ends_with_one_exit_and_nothing_after_it() => EveryLife(life =>
    {
        Assert.Single(life.Actions, a => a.Kind == SupervisorActionKind.Exit);
        Assert.Equal(SupervisorActionKind.Exit, life.Actions[^1].Kind);
        Assert.Equal(Phase.End, life.Steps[^1].After.Phase);
    });

    [Fact]
    public void The_command_is_started_once_at_most() =>
        EveryLife(life => Assert.InRange(life.Actions.Count(a => a.Kind == SupervisorActionKind.StartCommand), 0, 1));

    [Fact]
    public void The_command_is_not_started_after_a_signal_to_stop() => EveryLife(life =>
    {
        var stop = life.Steps.FindIndex(s => s.What.Kind == SupervisorEventKind.StopSignal);
        if (stop < 0) return;
        Assert.DoesNotContain(life.Steps[stop..].SelectMany(s => s.Actions), a => a.Kind == SupervisorActionKind.StartCommand);
    });

    [Fact]
    public void A_signal_that_ends_the_wait_gives_the_exit_code() => EveryLife(life =>
    {
        var first = life.Steps.Find(s => s.What.Kind == SupervisorEventKind.StopSignal);
        if (first.Before.Phase == Phase.Waiting) Assert.Equal(128 + first.What.Signal.Number, life.ExitCode);
    });

    [Fact]
    public void After_the_command_has_ended_the_exit_code_is_its_own_whatever_happens() => EveryLife(life =>
    {
        // Unless the worker beside it has ended it.
        if (life.Steps.Exists(s => s.Before.Phase == Phase.Unwatching && s.What is { Kind: SupervisorEventKind.WorkerExited, ExitCode: not 0 })) return;
        foreach (var end in life.Steps.Where(s => IsCommandEnd(s.What)))
            Assert.Equal(end.What.Kind == SupervisorEventKind.CommandKilled ? 128 + end.What.Signal.Number : end.What.ExitCode, life.ExitCode);
    });

    [Fact]
    public void Where_the_command_was_never_started_the_exit_code_is_one_of_proas() => EveryLife(life =>
    {
        if (life.Steps.Exists(s => IsCommandEnd(s.What))) return;
        Assert.Contains(life.ExitCode, (int[])[124, 125, 126, 127, 129, 130, 131, 143]);
    });

    [Fact]
    public void One_worker_runs_at_most() => EveryLife(life =>
    {
        var running = 0;
        foreach (var step in life.Steps)
        {
            if (IsWorkerEnd(step.What)) running--;
            running += step.Actions.Count(IsWorkerStart);
            Assert.InRange(running, 0, 1);
        }

        Assert.Equal(0, running);
    });

    [Fact]
    public void No_worker_runs_beside_the_command_unless_it_is_asked_for() => EveryLife(life =>
    {
        foreach (var step in life.Steps.Where(s => s.After.Phase == Phase.Running)) Assert.DoesNotContain(step.Actions, IsWorkerStart);
        if (!life.Task.Watches) Assert.DoesNotContain(life.Steps, s => s.After.Phase is Phase.Watched or Phase.Unwatched or Phase.Unwatching);
    });

    [Fact]
    public void The_worker_beside_the_command_is_told_of_its_end_and_its_own_end_is_awaited() => EveryLife(life =>
    {
        foreach (var step in life.Steps.Where(s => s.Before.Phase == Phase.Watched && IsCommandEnd(s.What)))
        {
            Assert.Equal(Phase.Unwatching, step.After.Phase);
            Assert.Equal(SupervisorAction.SignalWorker(15), step.Actions[^1]);
        }

        foreach (var step in life.Steps.Where(s => s.Before.Phase == Phase.Unwatching && s.After.Phase != Phase.Unwatching))
            Assert.True(IsWorkerEnd(step.What));
    });

    [Theory]
    [InlineData(123, 123)]
    [InlineData(ExitCodes.NoLongerNeeded, 0)]
    [InlineData(0, 7)]
    internal void The_worker_that_has_ended_the_command_says_what_proa_exits_with(int worker, int exitCode)
    {
        var step = TransitionTable.Next(_tasks[4], new(Phase.Unwatching, 7), SupervisorEvent.WorkerExited(worker));
        Assert.Equal([SupervisorAction.StartShutdownWorker(exitCode)], (SupervisorAction[])[.. step.Actions]);
    }

    [Fact]
    public void Whatever_becomes_of_the_worker_beside_the_command_the_command_runs_on() => EveryLife(life =>
    {
        foreach (var step in life.Steps.Where(s => s.Before.Phase == Phase.Watched && !IsCommandEnd(s.What)))
        {
            var follows = step.What.Kind switch
            {
                SupervisorEventKind.WorkerExited => Phase.Running,
                SupervisorEventKind.WorkerLost => Phase.Unwatched,
                _ => step.What.Failed == SupervisorActionKind.StartWatchWorker ? Phase.Unwatched : Phase.Watched,
            };
            Assert.Equal(follows, step.After.Phase);
            if (step.What.Kind is not (SupervisorEventKind.StopSignal or SupervisorEventKind.OtherSignal))
                Assert.DoesNotContain(step.Actions, a => a.Kind == SupervisorActionKind.SignalCommand);
        }
    });

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(8, 128)]
    [InlineData(9, 256)]
    [InlineData(2_000_000_000, 256)]
    internal void The_worker_beside_the_command_is_started_again_after_a_pause_that_doubles(int losses, int seconds)
    {
        var pause = TimeSpan.FromSeconds(seconds);
        var end = WorkerEnd.OfSignal(9);
        var lost = TransitionTable.Next(_tasks[4], new(Phase.Watched, Losses: losses - 1), SupervisorEvent.WorkerLost(end));
        Assert.Equal((new SupervisorState(Phase.Unwatched, Losses: losses), pause), (lost.State, lost.State.Pause));
        Assert.Equal([SupervisorAction.ReportWatchWorkerLost(end, pause), SupervisorAction.BeginPause], (SupervisorAction[])[.. lost.Actions]);

        var again = TransitionTable.Next(_tasks[4], lost.State, SupervisorEvent.PauseOver);
        Assert.Equal(new(Phase.Watched, Losses: losses), again.State);
        Assert.Equal([SupervisorAction.StartWatchWorker], (SupervisorAction[])[.. again.Actions]);
    }

    [Fact]
    public void Only_a_child_that_runs_is_signalled() => EveryLife(life =>
    {
        foreach (var step in life.Steps)
        {
            foreach (var action in step.Actions)
            {
                if (action.Kind == SupervisorActionKind.SignalCommand)
                    Assert.True(CommandRuns(step.Before));
                if (action.Kind == SupervisorActionKind.SignalWorker)
                    Assert.Contains(step.Before.Phase, (Phase[])[Phase.Waiting, Phase.Watched, Phase.Unwatching, Phase.ShuttingDown, Phase.Hurrying]);
            }
        }
    });

    [Fact]
    public void While_the_command_runs_every_signal_is_forwarded_as_it_is() => EveryLife(life =>
    {
        foreach (var step in life.Steps.Where(s => CommandRuns(s.Before) && s.What.Signal.Number is 2 or 10 or 15))
            Assert.Equal([SupervisorAction.SignalCommand(step.What.Signal), SupervisorAction.ReportSignalForwarded(step.What.Signal)], step.Actions);
    });

    [Theory]
    [InlineData(15, 2)]
    [InlineData(10, 0)]
    [InlineData(12, 12)]
    public void A_signal_reaches_the_command_as_the_one_that_it_is_mapped_to_and_keeps_its_value(int from, int to)
    {
        var task = new SupervisorTask(true, true) { MapSignal = [new(15, 2), new(10, 0)] };
        foreach (var what in (SupervisorEvent[])[SupervisorEvent.StopSignal(new(from, 77)), SupervisorEvent.OtherSignal(new(from, 77))])
        {
            var (after, actions) = TransitionTable.Next(task, new(Phase.Running), what);
            Assert.Equal(new(Phase.Running), after);
            Assert.Equal(
                to == 0 ? [] : [SupervisorAction.SignalCommand(new(to, 77)), SupervisorAction.ReportSignalForwarded(new(to, 77))],
                (SupervisorAction[])[.. actions]);
        }
    }

    [Fact]
    public void A_mapping_is_for_the_command_alone_and_a_signal_that_it_drops_still_ends_the_wait() =>
        Assert.Equal(
            new(Phase.Cancelling, 143),
            TransitionTable.Next(
                new(true, true) { MapSignal = [new(15, 0)], ExitZero = [143] }, new(Phase.Waiting), SupervisorEvent.StopSignal(new(15))).State);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 4)]
    [InlineData(143, 0)]
    public void An_exit_code_of_the_command_that_counts_as_success_is_answered_with_0(int exitCode, int answer)
    {
        var task = new SupervisorTask(true, true) { ExitZero = [3, 143] };
        Assert.Equal(
            [SupervisorAction.ReportCommandExited(exitCode), SupervisorAction.StartShutdownWorker(answer)],
            (SupervisorAction[])[.. TransitionTable.Next(task, new(Phase.Running), SupervisorEvent.CommandExited(exitCode)).Actions]);
        if (exitCode > 128)
            Assert.Equal(answer, TransitionTable.Next(task, new(Phase.Running), SupervisorEvent.CommandKilled(exitCode - 128)).State.ExitCode);
    }

    [Fact]
    public void Proas_own_exit_code_is_never_answered_with_0() =>
        Assert.Equal(
            127,
            TransitionTable.Next(new(true, true) { ExitZero = [127] }, new(Phase.Running), SupervisorEvent.CommandNotStarted(127, "not found")).State.ExitCode);

    [Fact]
    public void What_a_lost_worker_handed_back_is_dropped_before_it_is_used() => EveryLife(life =>
    {
        foreach (var step in life.Steps.Where(s => s.Before.Phase is Phase.Waiting or Phase.Cancelling && s.What.Kind == SupervisorEventKind.WorkerLost))
        {
            var kinds = step.Actions.Select(a => a.Kind).ToList();
            var shutdown = kinds.IndexOf(SupervisorActionKind.StartShutdownWorker);
            if (shutdown >= 0) Assert.InRange(kinds.IndexOf(SupervisorActionKind.DropHandover), 0, shutdown);
        }
    });

    [Fact]
    public void A_worker_that_hangs_is_killed_and_what_follows_is_that_of_the_first_reason() => EveryLife(life =>
    {
        foreach (var (before, what, after, actions) in life.Steps.Where(s => s.What.Kind == SupervisorEventKind.WorkerOverdue))
        {
            if (before.Phase == Phase.Cancelling) Assert.Empty(actions);
            else Assert.Equal((SupervisorAction.SignalWorker(9), before.Hang ?? what.ExitCode), (Assert.Single(actions), after.Hang));
        }

        foreach (var (before, _, _, actions) in life.Steps.Where(s => s.What.Kind == SupervisorEventKind.WorkerLost && s.Before.Hang is not null))
        {
            if (before.Phase == Phase.Waiting) Assert.Equal(before.Hang, life.ExitCode);
            if (before.Phase != Phase.Cancelling) Assert.Equal(WorkerEnd.OfHang(before.Hang!.Value), actions[0].End);
        }
    });

    [Fact]
    public void A_hang_is_that_of_one_worker() => EveryLife(life =>
    {
        foreach (var step in life.Steps.Where(s => s.After.Phase != s.Before.Phase && s.After.Phase is not (Phase.Hurrying or Phase.Unwatching)))
            Assert.Null(step.After.Hang);
    });

    [Fact]
    public void What_is_not_started_because_of_an_error_counts_as_lost_or_not_started() => EveryLife(life =>
    {
        foreach (var (_, what, after, actions) in life.Steps.Where(s => s.What.Failed is not null))
        {
            var follows = what.Failed switch
            {
                SupervisorActionKind.StartShutdownWorker => Phase.End,
                SupervisorActionKind.StartWatchWorker => Phase.Unwatched,
                _ => Phase.ShuttingDown,
            };
            Assert.Equal(follows, after.Phase);
            Assert.Equal(what.Why, actions[0].Why + actions[0].End.Text);
            if (after.Phase == Phase.ShuttingDown) Assert.Equal(125, life.ExitCode);
        }
    });

    [Fact]
    public void Where_nobody_is_to_be_waited_for_no_wait_worker_is_started() => EveryLife(life =>
        Assert.Equal(life.Task.Waits, life.Actions.Any(a => a.Kind == SupervisorActionKind.StartWaitWorker)));

    [Fact]
    public void After_the_command_has_ended_sidecars_are_ended_where_that_is_the_task() => EveryLife(life =>
    {
        if (life.Steps.Exists(s => IsCommandEnd(s.What)))
            Assert.Equal(
                life.Task.EndsSidecars && !life.Steps.Exists(s => s.After.HasNothingToEnd),
                life.Actions.Any(a => a.Kind == SupervisorActionKind.StartShutdownWorker));
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
                actions.AddRange([.. next]);
            }

            Assert.InRange(actions.Count(a => a.Kind == SupervisorActionKind.StartCommand), 0, 1);
            Assert.InRange(actions.Count(a => a.Kind == SupervisorActionKind.StartWaitWorker), 0, 1);
            Assert.InRange(actions.Count(a => a.Kind == SupervisorActionKind.StartShutdownWorker), 0, 1);
            var exit = actions.FindIndex(a => a.Kind == SupervisorActionKind.Exit);
            Assert.Equal(state.Phase == Phase.End ? actions.Count - 1 : -1, exit);
        },
        iter: 3_000);

    private static Gen<SupervisorEvent> AnyEvent { get; } =
        Gen.Select(Gen.Enum<SupervisorEventKind>(), Gen.Enum<Phase>()).SelectMany((kind, phase) => Gen.OneOf(EventsOf(kind, phase)));

    private static bool IsCommandEnd(SupervisorEvent what) => what.Kind is SupervisorEventKind.CommandExited or SupervisorEventKind.CommandKilled;

    private static bool CommandRuns(SupervisorState state) => state.Phase is Phase.Running or Phase.Watched or Phase.Unwatched;

    private static bool IsWorkerEnd(SupervisorEvent what) =>
        what.Kind is SupervisorEventKind.WorkerExited or SupervisorEventKind.WorkerLost
        || what.Failed is SupervisorActionKind.StartWaitWorker or SupervisorActionKind.StartWatchWorker or SupervisorActionKind.StartShutdownWorker;

    private static bool IsWorkerStart(SupervisorAction action) =>
        action.Kind is SupervisorActionKind.StartWaitWorker or SupervisorActionKind.StartWatchWorker or SupervisorActionKind.StartShutdownWorker;

    private static void EveryLife(Action<Life> check) =>
        Gen.Select(Gen.OneOf(_tasks), Gen.Int[0, 1_000_000].Array[0, 12]).Sample((task, choices) => check(Life.Lived(task, choices)), iter: 2_000);

    private static SupervisorState[] StatesIn(Phase phase) => phase switch
    {
        Phase.Begin => [new(phase)],
        Phase.Waiting => [new(phase), new(phase, Hang: 124)],
        Phase.Running => [new(phase), new(phase, HasNothingToEnd: true)],
        Phase.Watched => [new(phase), new(phase, HasNothingToEnd: true), new(phase, Hang: 125), new(phase, Losses: 1)],
        Phase.Unwatched => [new(phase, Losses: 1), new(phase, HasNothingToEnd: true, Losses: 9)],
        Phase.Unwatching => [new(phase, 7), new(phase, 7, HasNothingToEnd: true), new(phase, 7, Hang: 125)],
        Phase.Cancelling => [new(phase, 143)],
        Phase.ShuttingDown => [new(phase, 7), new(phase, 7, Hang: 125)],
        Phase.Hurrying or Phase.End => [new(phase, 7)],
    };

    private static SupervisorEvent[] EventsOf(SupervisorEventKind kind, Phase phase) => kind switch
    {
        SupervisorEventKind.Started => [SupervisorEvent.Started],
        SupervisorEventKind.Refused => [SupervisorEvent.Refused],
        SupervisorEventKind.WorkerExited =>
            [.. (phase switch
            {
                Phase.Waiting or Phase.Cancelling => [0, 124, 125, ExitCodes.NothingToEnd],
                Phase.Watched or Phase.Unwatching => [0, ExitCodes.SidecarEnded, ExitCodes.NoLongerNeeded],
                _ => (int[])[0],
            }).Select(SupervisorEvent.WorkerExited)],
        SupervisorEventKind.WorkerLost => [SupervisorEvent.WorkerLost(WorkerEnd.OfSignal(11))],
        SupervisorEventKind.WorkerOverdue => [SupervisorEvent.WorkerOverdue(124), SupervisorEvent.WorkerOverdue(125)],
        SupervisorEventKind.PauseOver => [SupervisorEvent.PauseOver],
        SupervisorEventKind.CommandStarted => [SupervisorEvent.CommandStarted(21)],
        SupervisorEventKind.CommandNotStarted => [SupervisorEvent.CommandNotStarted(126, "denied"), SupervisorEvent.CommandNotStarted(127, "not found")],
        SupervisorEventKind.CommandExited => [SupervisorEvent.CommandExited(0), SupervisorEvent.CommandExited(3)],
        SupervisorEventKind.CommandKilled => [SupervisorEvent.CommandKilled(9)],
        SupervisorEventKind.CommandStopped => [.. ((int[])[19, 20, 21, 22]).Select(SupervisorEvent.CommandStopped)],
        SupervisorEventKind.StopSignal => [SupervisorEvent.StopSignal(new(15))],
        SupervisorEventKind.OtherSignal => [SupervisorEvent.OtherSignal(new(10, 77))],
        SupervisorEventKind.ActionFailed => [.. _actionsToFail.Select(action => SupervisorEvent.ActionFailed(action, "error"))],
    };

    private static string Outcome(SupervisorTask task, SupervisorState state, SupervisorEvent what)
    {
        var (after, next) = TransitionTable.Next(task, state, what);
        SupervisorAction[] actions = [.. next];
        if (after == state && actions.Length == 0) return "-";
        var to = after.Phase == state.Phase ? "stays" : after.Phase.ToString();
        var code = after.ExitCode == state.ExitCode ? "" : $", to exit with {after.ExitCode}";
        var hang = after.Hang == state.Hang ? "" : $", hung {after.Hang}";
        var idle = after.HasNothingToEnd && !state.HasNothingToEnd ? ", nothing to end" : "";
        return to + code + hang + idle + ": " + (actions.Length == 0 ? "-" : string.Join(", ", actions.Select(Text)));
    }

    private static string Text(SupervisorEvent what) => Text(
        what.Kind,
        what.Kind is SupervisorEventKind.WorkerExited or SupervisorEventKind.WorkerOverdue
            or SupervisorEventKind.CommandNotStarted or SupervisorEventKind.CommandExited,
        what.ExitCode,
        what.Process,
        what.Signal,
        what.End,
        default,
        what.Kind == SupervisorEventKind.ActionFailed ? what.Failed?.ToString() ?? "own work" : "",
        what.Why);

    private static string Text(SupervisorAction action) => Text(
        action.Kind,
        action.Kind is SupervisorActionKind.StartShutdownWorker or SupervisorActionKind.ReportCommandNotStarted or SupervisorActionKind.ReportCommandExited
            or SupervisorActionKind.ReportWaitWorkerLost or SupervisorActionKind.Exit,
        action.ExitCode,
        action.Process,
        action.Signal,
        action.End,
        action.Pause,
        action.Kind == SupervisorActionKind.ReportActionFailed ? action.Failed?.ToString() ?? "own work" : "",
        action.Why);

    private static string Text(object kind, bool hasCode, int exitCode, int process, Signal signal, WorkerEnd end, TimeSpan pause, string failed, string why)
    {
        string[] parts =
        [
            $"{kind}",
            hasCode ? $"{exitCode}" : "",
            process == 0 ? "" : $"process {process}",
            signal.Number == 0 ? "" : $"{signal.Number}",
            signal.Value is { } value ? $"with {value}" : "",
            end.Kind == WorkerEndKind.None ? "" : $"({end.Problem})",
            pause == default ? "" : $"again in {pause.TotalSeconds} s",
            failed,
            why.Length == 0 ? "" : $"({why})",
        ];
        return string.Join(' ', parts.Where(p => p.Length > 0));
    }

    private static void Append(StringBuilder text, SupervisorEvent what, IGrouping<string, SupervisorTask>[] outcomes)
    {
        var name = Text(what);
        foreach (var outcome in outcomes)
        {
            var condition = outcomes.Length == 1 ? "" : $"({Condition(outcome)}) ";
            text.Append(CultureInfo.InvariantCulture, $"    {name,-44}{condition}{outcome.Key}\n");
            name = "";
        }
    }

    private static string Condition(IEnumerable<SupervisorTask> tasks)
    {
        var all = tasks.ToArray();
        var waits = all.Select(t => t.Waits).Distinct().ToArray();
        var ends = all.Select(t => t.EndsSidecars).Distinct().ToArray();
        var watches = all.Select(t => t.Watches).Distinct().ToArray();
        string[] parts =
        [
            watches.Length == 2 ? "" : watches[0] ? "watches" : "does not watch",
            waits.Length == 2 ? "" : waits[0] ? "waits" : "does not wait",
            ends.Length == 2 ? "" : ends[0] ? "ends sidecars" : "ends no sidecars",
        ];
        Assert.Equal(all.Length, waits.Length * ends.Length * watches.Length);
        return string.Join(", ", parts.Where(p => p.Length > 0));
    }

    private readonly record struct Step(SupervisorState Before, SupervisorEvent What, SupervisorState After, IReadOnlyList<SupervisorAction> Actions);

    /// <summary>A supervisor's life in which only happens what can: a worker ends that was started, a command ends that was started.</summary>
    private sealed class Life
    {
        private SupervisorState _state = new(Phase.Begin);
        private bool _hasWorker;
        private bool _hasCommand;
        private SupervisorActionKind? _starts;

        private Life(SupervisorTask task) => Task = task;

        public SupervisorTask Task { get; }

        public List<Step> Steps { get; } = [];

        public List<SupervisorAction> Actions => [.. Steps.SelectMany(s => s.Actions)];

        public int ExitCode => Actions[^1].ExitCode;

        /// <summary>Lives by the choices, and then as whatever runs comes to its end.</summary>
        public static Life Lived(SupervisorTask task, int[] choices)
        {
            var life = new Life(task);
            life.Happens(SupervisorEvent.Started);
            foreach (var choice in choices)
            {
                if (life._state.Phase != Phase.End) life.Happens(life.Possible() is var possible ? possible[choice % possible.Count] : default);
            }

            for (var ends = 0; life._state.Phase != Phase.End; ends++)
            {
                Assert.True(life._hasCommand || life._hasWorker, "nothing runs, and proa does not exit");
                Assert.InRange(ends, 0, 4);
                life.Happens(life._hasCommand ? SupervisorEvent.CommandExited(0) : SupervisorEvent.WorkerExited(0));
            }

            return life;
        }

        private List<SupervisorEvent> Possible()
        {
            // Whether something could be started is known before anything else is looked at.
            if (_starts == SupervisorActionKind.StartCommand)
                return [SupervisorEvent.CommandStarted(21), .. Of(SupervisorEventKind.CommandNotStarted), SupervisorEvent.ActionFailed(_starts, "error")];
            List<SupervisorEvent> events = [.. Of(SupervisorEventKind.StopSignal), SupervisorEvent.StopSignal(new(2)), .. Of(SupervisorEventKind.OtherSignal)];
            if (_starts is not null) events.Add(SupervisorEvent.ActionFailed(_starts, "error"));
            if (_hasWorker)
            {
                events.AddRange([.. Of(SupervisorEventKind.WorkerExited), SupervisorEvent.WorkerExited(0)]);
                events.AddRange([.. Of(SupervisorEventKind.WorkerLost), .. Of(SupervisorEventKind.WorkerOverdue)]);
            }

            if (_hasCommand)
                events.AddRange([.. Of(SupervisorEventKind.CommandExited), .. Of(SupervisorEventKind.CommandKilled), SupervisorEvent.CommandStopped(20)]);
            if (_state.Phase == Phase.Unwatched) events.Add(SupervisorEvent.PauseOver);
            return events;
        }

        private SupervisorEvent[] Of(SupervisorEventKind kind) => EventsOf(kind, _state.Phase);

        private void Happens(SupervisorEvent what)
        {
            var (after, next) = TransitionTable.Next(Task, _state, what);
            SupervisorAction[] actions = [.. next];
            Steps.Add(new(_state, what, after, actions));
            _state = after;
            if (IsWorkerEnd(what)) _hasWorker = false;
            if (IsCommandEnd(what) || what.Kind == SupervisorEventKind.CommandNotStarted || what.Failed == SupervisorActionKind.StartCommand)
                _hasCommand = false;
            _starts = actions.Where(a => a.Kind == SupervisorActionKind.StartCommand || IsWorkerStart(a)).Select(a => (SupervisorActionKind?)a.Kind)
                .LastOrDefault();
            _hasCommand |= _starts == SupervisorActionKind.StartCommand;
            _hasWorker |= actions.Any(IsWorkerStart);
        }
    }
}
