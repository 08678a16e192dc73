using CsCheck;
using Proa.Identity;
using Proa.Pods;
using Proa.Supervision;
using Proa.Watching;

namespace Proa.Tests.Watching;

/// <summary>The watch against a server to which anything happens.</summary>
public sealed class WatchHistoryTests
{
    [Fact]
    public void No_state_is_older_than_one_before_it_and_none_is_of_another_Pod() => EveryHistory(history =>
    {
        var given = history.Steps.Where(step => step.After.Pod is not null).Select(step => step.After.Pod!).ToArray();
        foreach (var (before, after) in given.Zip(given.Skip(1)))
        {
            Assert.True(WatchedServer.OrderOf(before) <= WatchedServer.OrderOf(after), $"{WatchedServer.OrderOf(after)} after {WatchedServer.OrderOf(before)}");
            Assert.Equal(before.Metadata.Uid, after.Metadata.Uid);
        }

        if (history.Identity.Uid.Length > 0) Assert.All(given, pod => Assert.Equal(history.Identity.Uid, pod.Metadata.Uid));
    });

    [Fact]
    public void After_a_failure_the_next_request_is_delayed_unless_it_is_for_another_name() => EveryHistory(history =>
    {
        foreach (
            var step in history.Steps.Where(
                step => step.Outcome.Kind is WatchOutcomeKind.Failed or WatchOutcomeKind.Garbage && step.After.News != WatchNews.GivesUp))
        {
            var isNextName = step.After.State.Pod.NameIndex > step.Before.Pod.NameIndex;
            Assert.True(isNextName || step.After.Delay >= TimeSpan.FromMilliseconds(100), $"{step.Outcome} is followed at once");
        }
    });

    [Fact]
    public void Whatever_the_server_says_no_five_requests_are_made_within_100_ms() => EveryHistory(history =>
    {
        var times = history.Steps.Where(step => step.Before.Place.Phase != WatchPhase.Read).Select(step => step.AskedAt).ToArray();
        foreach (var (first, fifth) in times.Zip(times.Skip(4)))
            Assert.True(fifth - first >= TimeSpan.FromMilliseconds(100), $"five requests from {first} to {fifth}");
    });

    [Fact]
    public void It_gives_up_when_refusals_have_lasted_30_s_with_nothing_else_between_them_and_not_before() => EveryHistory(history =>
    {
        TimeSpan? since = null;
        foreach (var step in history.Steps)
        {
            var isNextName = step.After.State.Pod.NameIndex > step.Before.Pod.NameIndex;
            var isWatch = step.Before.Place.Phase is WatchPhase.Open or WatchPhase.Read;
            if (step.After.Failure is { } failure && Patience.IsRefusal(failure.Kind))
            {
                since ??= step.At;
                var mayLook = isWatch && failure.Kind == ApiFailureKind.Forbidden;
                Assert.Equal(step.At - since >= TimeSpan.FromSeconds(30) && !mayLook, step.After.News == WatchNews.GivesUp);
            }
            else
            {
                Assert.NotEqual(WatchNews.GivesUp, step.After.News);
                if (step.Outcome.Kind != WatchOutcomeKind.Opened && !isNextName) since = null;
            }
        }
    });

    [Fact]
    public void Once_the_faults_are_over_it_has_the_newest_state_or_ends_as_the_Pod_is_gone() => EveryHistory(history =>
    {
        var last = history.Steps[^1].After;
        if (history.HasGivenUpBefore) return;
        if (history.Ours is { } pod)
        {
            Assert.NotEqual(WatchNews.GivesUp, last.News);
            Assert.Equal(WatchedServer.OrderOf(pod), WatchedServer.OrderOf(history.Steps.Last(step => step.After.Pod is not null).After.Pod!));
            Assert.Equal("", last.State.Health.Problem);
        }
        else
        {
            Assert.Equal((WatchNews.GivesUp, ApiFailureKind.NotFound), (last.News, last.Failure?.Kind));
        }
    });

    [Fact]
    public void Outcomes_that_a_request_cannot_have_do_no_harm() => Gen.Select(Gen.Int[0, 20], Gen.Int[0, 200]).Array[1, 60].Sample(
        choices =>
        {
            var server = new WatchedServer(Numbering.Numbers, "job");
            server.Create();
            var state = WatchState.Of(new("lab", ["job"], "", "", ""));
            foreach (var (what, tenths) in choices)
            {
                var outcome = what switch
                {
                    0 => WatchOutcome.Opened,
                    1 => new(WatchOutcomeKind.Deleted, server.Now),
                    2 => new(WatchOutcomeKind.Bookmark, Version: "100"),
                    3 => new(WatchOutcomeKind.Ended),
                    4 => new(WatchOutcomeKind.Garbage),
                    < 12 => WatchOutcome.Of(new ApiFailure((ApiFailureKind)(what - 5), "failed")),
                    _ => WatchOutcome.Of(server.Now!),
                };
                var step = WatchStep.After(state, outcome, TimeSpan.FromSeconds(tenths / 10.0), 0.5);
                Assert.True(step.Delay >= TimeSpan.Zero);
                Assert.True(step.State.Place.Phase != WatchPhase.Look || step.State.Place.LooksLeft > 0);
                state = step.State;
            }
        },
        iter: 2_000);

    private static void EveryHistory(Action<History> check) => Gen.Select(
        Gen.Enum<Numbering>(),
        Gen.Bool,
        Gen.OneOf<string[]>(["job"], ["job.lab", "job"], ["job", "j"]),
        Gen.Select(Gen.Int[0, 45], Gen.Int[0, 7]).Array[0, 60]).Sample(
        (numbering, isKnown, names, choices) => check(History.Lived(numbering, isKnown, names, choices)), iter: 2_000);

    /// <param name="AskedAt">When it was asked.</param>
    /// <param name="At">When it was answered.</param>
    private readonly record struct Step(WatchState Before, TimeSpan AskedAt, WatchOutcome Outcome, TimeSpan At, WatchStep After);

    /// <summary>What happened to the server and in between to the watch; in the end the server is well for some minutes.</summary>
    private sealed class History
    {
        private static readonly int[] _statuses = [400, 401, 401, 403, 403, 403, 404, 410, 429, 500];
        private static readonly double[] _latencies = [0, 0, 0.01, 0.3, 1.2, 5, 29, 31];
        private readonly WatchedServer _server;
        private WatchState _state;
        private TimeSpan _now;

        private History(Numbering numbering, bool isKnown, string[] names)
        {
            _server = new(numbering, "job");
            _server.Create();
            Identity = new("lab", [.. names], isKnown ? _server.Now!.Metadata.Uid : "", "", "");
            _state = WatchState.Of(Identity);
        }

        public PodIdentity Identity { get; }

        public List<Step> Steps { get; } = [];

        /// <summary>Whether the faults lasted too long.</summary>
        public bool HasGivenUpBefore { get; private set; }

        /// <summary>Our Pod, if it is still there.</summary>
        public Pod? Ours => _server.Now is { } pod && (_state.Pod.Uid.Length == 0 || _state.Pod.Uid == pod.Metadata.Uid) ? pod : null;

        private bool HasGivenUp => Steps.Count > 0 && Steps[^1].After.News == WatchNews.GivesUp;

        public static History Lived(Numbering numbering, bool isKnown, string[] names, (int What, int How)[] choices)
        {
            var history = new History(numbering, isKnown, names);
            foreach (var (what, how) in choices.TakeWhile(_ => !history.HasGivenUp)) history.Happens(what, how);
            // One look is for all names: with the last of them it may be found that the faults before have lasted too long.
            while (history._state.Pod.NameIndex > 0 && !history.HasGivenUp) history.Ask(latency: 0.01, history.Answer(how: 1));
            history.HasGivenUpBefore = history.HasGivenUp;
            history._server.CatchUp();
            if (history._server.Now is null && history._state.Pod.Uid.Length == 0) history._server.Create();
            for (var end = history._now + TimeSpan.FromMinutes(5); history._now < end && !history.HasGivenUp;)
                history.Ask(latency: 0.01, history.Answer(how: 1));
            return history;
        }

        private void Happens(int what, int how)
        {
            switch (what)
            {
                case < 5: _server.Change(); break;
                case 5: _server.Delete(); break;
                case 6: _server.Create(); break;
                case < 9: _server.GoOn(1 + (10 * how)); break;
                case < 11: _server.Compact(); break;
                case < 13: _server.Lag(); break;
                case 13: _server.CatchUp(); break;
                case 14:
                    _server.Compact();
                    _server.IsBroken = true;
                    break;
                case < 25: Ask(_latencies[how], Answer(how)); break;
                case 25: Ask(65, Broken("does not answer")); break;
                case 26 when IsReading: Ask(_latencies[how], new(WatchOutcomeKind.Ended)); break;
                case 27 when IsReading: Ask(_latencies[how], new(WatchOutcomeKind.Garbage)); break;
                case 28 when IsReading: Ask(_latencies[how], Broken("is reset")); break;
                case 29 when IsReading && Ours is { } pod: Ask(_latencies[how], new(WatchOutcomeKind.Deleted, pod)); break; // which is not true
                case < 36: Ask(_latencies[how], Answer(how)); break;
                default:
                    var retryAfter = how == 7 ? TimeSpan.FromSeconds(20) : (TimeSpan?)null;
                    Ask(_latencies[how], WatchOutcome.Of(ApiFailure.OfStatus(_statuses[what - 36], $"refused {how}", retryAfter)));
                    break;
            }
        }

        private bool IsReading => _state.Place.Phase == WatchPhase.Read;

        private static WatchOutcome Broken(string how) => WatchOutcome.Of(new ApiFailure(ApiFailureKind.Transient, how));

        /// <summary>What a server that is well answers. One that has no event sends a bookmark, if it does that, and ends the watch after a minute.</summary>
        private WatchOutcome Answer(int how)
        {
            switch (_state.Place.Phase)
            {
                case WatchPhase.Get or WatchPhase.Look: return _server.Get(_state.Pod.Name);
                case WatchPhase.Open: return _server.Open(_state.Pod.From, refusesAtOnce: how % 2 == 0);
                default:
                    if (_server.Read() is { } next) return next;
                    if (how is 2 or 3) return _server.Bookmark();
                    _now = TimeSpan.FromTicks(Math.Max(_now.Ticks, (_state.Place.OpenedAt + TimeSpan.FromMinutes(1)).Ticks));
                    return new(WatchOutcomeKind.Ended);
            }
        }

        private void Ask(double latency, WatchOutcome outcome)
        {
            var asked = _now;
            _now += TimeSpan.FromSeconds(latency);
            var after = WatchStep.After(_state, outcome, _now, jitter: 0.5);
            Steps.Add(new(_state, asked, outcome, _now, after));
            _state = after.State;
            _now += after.Delay;
        }
    }
}
