using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Proa.CommandLine;
using Proa.Identity;
using Proa.Pods;
using Proa.Supervision;
using Proa.Tests.Support;
using Proa.Watching;

namespace Proa.Tests.Watching;

public sealed class WatchStepTests
{
    private static readonly TimeSpan _now = TimeSpan.FromSeconds(100);

    private static readonly WatchedPod _known = new(["job"], 0, Given.Pod().Metadata.Uid, "721", BeginsWithState: false);

    private static readonly WatchHealth _refusedFor30Seconds =
        WatchHealth.Good with { Patience = new Patience().Failed(Failure(ApiFailureKind.Forbidden), _now - Patience.WithRefusals, 0).After };

    private static readonly (string Name, WatchState State)[] _states =
    [
        ("begins, with two names", In(WatchPlace.Get, new(["job.lab", "job"], 0, "", "", false))),
        ("begins, with the second of two names", In(WatchPlace.Get, new(["job.lab", "job"], 1, "", "", false))),
        ("gets", In(WatchPlace.Get)),
        ("gets, after 30 s of refusals", In(WatchPlace.Get) with { Health = _refusedFor30Seconds }),
        ("gets, since the version was too old", In(WatchPlace.Get, _known with { BeginsWithState = true })),
        ("opens", In(WatchPlace.Open)),
        ("opens, refused once", In(WatchPlace.Open, right: WatchRight.RefusedOnce)),
        ("opens, allowed before", In(WatchPlace.Open, right: WatchRight.Allowed)),
        ("opens, allowed before, after 30 s of refusals", In(WatchPlace.Open, right: WatchRight.Allowed) with { Health = _refusedFor30Seconds }),
        ("opens, denied before", In(WatchPlace.Open, right: WatchRight.Denied)),
        ("opens, since the version was too old", In(WatchPlace.Open, _known with { BeginsWithState = true })),
        ("reads, for 0.9 s", In(WatchPlace.Read(_now - TimeSpan.FromSeconds(0.9)), right: WatchRight.Allowed)),
        ("reads, for 60 s", In(WatchPlace.Read(_now - TimeSpan.FromSeconds(60)), right: WatchRight.Allowed)),
        (
            "reads what begins with the state, for 60 s",
            In(WatchPlace.Read(_now - TimeSpan.FromSeconds(60)), _known with { BeginsWithState = true }, WatchRight.Allowed)),
        ("looks", In(WatchPlace.Look(40), right: WatchRight.Denied)),
        ("looks, for the last time", In(WatchPlace.Look(1), right: WatchRight.Denied)),
        ("looks, after 30 s of refusals", In(WatchPlace.Look(40), right: WatchRight.Denied) with { Health = _refusedFor30Seconds }),
    ];

    [Fact]
    public void Every_state_meets_every_outcome_as_reviewed()
    {
        var text = new StringBuilder();
        foreach (var (name, state) in _states)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}: {Request(state)}\n");
            foreach (var (what, outcome) in Outcomes(state.Place.Phase))
                text.Append(CultureInfo.InvariantCulture, $"    {what,-36}{Describe(state, WatchStep.After(state, outcome, _now, jitter: 0))}\n");
            text.Append('\n');
        }

        Snapshot.Matches("watch.txt", text.ToString());
    }

    [Fact]
    public void A_Pod_without_resourceVersion_is_watched_from_its_state_not_got_again()
    {
        var step = After(WatchState.Of(Identity()), WatchOutcome.Of(PodOf("")));
        Assert.Equal((WatchPhase.Open, (string?)null), (step.State.Place.Phase, step.State.Pod.From));
        step = After(After(step.State, WatchOutcome.Opened).State, WatchOutcome.Of(PodOf("")));
        Assert.Equal((WatchPhase.Read, 1), (step.State.Place.Phase, step.Pod is null ? 0 : 1));
        step = After(step.State, WatchOutcome.Of((WatchEvent?)null));
        Assert.Equal((WatchPhase.Open, TimeSpan.FromMilliseconds(100)), (step.State.Place.Phase, step.Delay));
    }

    [Fact]
    public void After_410_a_watch_begins_with_the_state_until_a_bookmark_has_told_a_version_that_the_server_remembers()
    {
        var state = In(WatchPlace.Open);
        string[] from =
        [
            From(WatchOutcome.Of(Failure(ApiFailureKind.Expired))),
            From(WatchOutcome.Of(PodOf("721"))),
            From(WatchOutcome.Opened),
            From(WatchOutcome.Of(PodOf("721"))),
            From(WatchOutcome.Of(PodOf("722"))),
            From(Bookmark("730")),
            From(WatchOutcome.Of(PodOf("731"))),
        ];
        Assert.Equal(["", "", "", "", "", "730", "731"], from);

        string From(WatchOutcome outcome) => (state = After(state, outcome).State).Pod.From ?? "";
    }

    [Fact]
    public void A_watch_that_begins_with_an_older_state_than_the_GET_gave_is_not_believed()
    {
        var state = In(WatchPlace.Read(_now), _known with { Version = "1000", BeginsWithState = true }, WatchRight.Allowed);
        var step = After(state, WatchOutcome.Of(PodOf("999")));
        Assert.Null(step.Pod);
        Assert.Equal((WatchPhase.Get, TimeSpan.FromMilliseconds(100)), (step.State.Place.Phase, step.Delay));
    }

    [Fact]
    public void A_GET_is_believed_though_its_version_is_lower_for_it_is_the_newest_there_is()
    {
        var step = After(In(WatchPlace.Get, _known with { Version = "1000" }), WatchOutcome.Of(PodOf("5")));
        Assert.Equal(("5", "5"), (step.Pod?.Metadata.ResourceVersion, step.State.Pod.Version));
    }

    [Fact]
    public void The_names_are_tried_in_turn_until_the_Pod_is_found()
    {
        var state = WatchState.Of(Identity("job.lab", "job"));
        var tried = new List<(string Name, bool IsDelayed)>();
        for (var i = 0; i < 4; i++)
        {
            var step = After(state, WatchOutcome.Of(Failure(ApiFailureKind.NotFound)));
            tried.Add((state.Pod.Name, step.Delay > TimeSpan.Zero));
            state = step.State;
        }

        Assert.Equal([("job.lab", false), ("job", true), ("job.lab", false), ("job", true)], tried);
        state = After(After(state, WatchOutcome.Of(Failure(ApiFailureKind.NotFound))).State, WatchOutcome.Of(PodOf("721"))).State;
        state = After(state, WatchOutcome.Of(Failure(ApiFailureKind.NotFound))).State;
        Assert.Equal("job", After(state, WatchOutcome.Of(Failure(ApiFailureKind.NotFound))).State.Pod.Name);
    }

    [Fact]
    public void After_a_minute_of_looking_watching_is_tried_again()
    {
        var state = In(WatchPlace.Open, right: WatchRight.RefusedOnce);
        var step = After(state, WatchOutcome.Of(Failure(ApiFailureKind.Forbidden)));
        Assert.Equal(WatchNews.Looks, step.News);
        var time = step.Delay;
        for (; step.State.Place.Phase == WatchPhase.Look; time += step.Delay) step = After(step.State, WatchOutcome.Of(PodOf("721")));
        Assert.Equal((WatchPhase.Open, TimeSpan.FromMinutes(1)), (step.State.Place.Phase, time));
        Assert.Equal(WatchNews.None, After(step.State, WatchOutcome.Of(Failure(ApiFailureKind.Forbidden))).News);
        Assert.Equal(
            (WatchPhase.Read, WatchRight.Allowed),
            (After(step.State, WatchOutcome.Opened).State.Place.Phase, After(step.State, WatchOutcome.Opened).State.Right));
    }

    [Fact]
    public void A_server_that_says_deleted_and_then_gives_the_Pod_again_is_asked_ever_more_seldom()
    {
        var state = In(WatchPlace.Open);
        var delays = new List<double>();
        for (var i = 0; i < 4; i++)
        {
            var step = After(After(state, WatchOutcome.Opened).State, new(WatchOutcomeKind.Deleted, PodOf("722")));
            delays.Add(step.Delay.TotalMilliseconds);
            state = After(step.State, WatchOutcome.Of(PodOf("721"))).State;
        }

        Assert.Equal([100, 200, 400, 800], delays);
    }

    [Fact]
    public void A_problem_is_said_once_until_requests_succeed_lastingly()
    {
        var state = In(WatchPlace.Open, right: WatchRight.Allowed);
        var away = WatchOutcome.Of(Failure(ApiFailureKind.Transient));
        WatchNews[] said =
        [
            News(away), News(away), News(WatchOutcome.Opened), News(WatchOutcome.Of(PodOf("722"))), News(away),
            News(WatchOutcome.Opened), News(WatchOutcome.Of(PodOf("723")), after: 1), News(away),
        ];
        Assert.Equal([WatchNews.Problem, default, default, default, default, default, default, WatchNews.Problem], said);

        WatchNews News(WatchOutcome outcome, double after = 0)
        {
            var step = WatchStep.After(state, outcome, _now + TimeSpan.FromSeconds(after), 0);
            state = step.State;
            return step.News;
        }
    }

    [Fact]
    public void A_Pod_that_is_gone_is_the_reason_not_its_tokens_end()
    {
        var state = In(WatchPlace.Get);
        var gone = Failure(ApiFailureKind.NotFound);
        state = After(state, WatchOutcome.Of(gone)).State;
        var step = WatchStep.After(state, WatchOutcome.Of(Failure(ApiFailureKind.Unauthorized)), _now + TimeSpan.FromSeconds(30), 0);
        Assert.Equal((WatchNews.GivesUp, gone), (step.News, step.Failure));
    }

    private static WatchStep After(WatchState state, WatchOutcome outcome) => WatchStep.After(state, outcome, _now, jitter: 0);

    private static PodIdentity Identity(params string[] names) => new("lab", names.Length > 0 ? [.. names] : ["job"], "", "", "the host name");

    private static WatchState In(WatchPlace place, WatchedPod? pod = null, WatchRight right = WatchRight.Unknown) =>
        new(pod ?? _known, place, right, WatchHealth.Good);

    private static Pod PodOf(string version, string? uid = null)
    {
        var pod = Given.Pod();
        return pod with { Metadata = pod.Metadata with { ResourceVersion = version, Uid = uid ?? pod.Metadata.Uid } };
    }

    private static ApiFailure Failure(ApiFailureKind kind, TimeSpan? retryAfter = null) => new(kind, kind.ToString(), retryAfter);

    private static WatchOutcome Bookmark(string version) => new(WatchOutcomeKind.Bookmark, Version: version);

    /// <summary>What a request of this kind can come to.</summary>
    private static IEnumerable<(string What, WatchOutcome Outcome)> Outcomes(WatchPhase phase)
    {
        if (phase == WatchPhase.Open) yield return ("opened", WatchOutcome.Opened);
        else
        {
            yield return ("Pod, as it was seen", WatchOutcome.Of(PodOf("721")));
            yield return ("Pod, newer", WatchOutcome.Of(PodOf("1000")));
            yield return ("Pod, older", WatchOutcome.Of(PodOf("99")));
            yield return ("Pod, with another kind of version", WatchOutcome.Of(PodOf("v5")));
            yield return ("Pod, without version", WatchOutcome.Of(PodOf("")));
            yield return ("another Pod", WatchOutcome.Of(PodOf("1000", "another")));
        }

        if (phase == WatchPhase.Read)
        {
            yield return ("deleted", new(WatchOutcomeKind.Deleted, PodOf("1000")));
            yield return ("deleted, another Pod", new(WatchOutcomeKind.Deleted, PodOf("1000", "another")));
            yield return ("bookmark", Bookmark("1000"));
            yield return ("bookmark, without version", Bookmark(""));
            yield return ("end", WatchOutcome.Of((WatchEvent?)null));
            yield return ("garbage", WatchOutcome.Of(WatchEvent.Read("{}"u8)));
        }

        foreach (var kind in Enum.GetValues<ApiFailureKind>()) yield return (kind.ToString(), WatchOutcome.Of(Failure(kind)));
        yield return ("Transient, come again in 20 s", WatchOutcome.Of(Failure(ApiFailureKind.Transient, TimeSpan.FromSeconds(20))));
    }

    private static string Request(WatchState state) => state.Place.Phase switch
    {
        WatchPhase.Get => $"GET {state.Pod.Name}",
        WatchPhase.Open => $"WATCH {state.Pod.Name} {(state.Pod.From is { } version ? "from " + version : "with its state")}",
        WatchPhase.Read =>
            $"READ{(state.Pod.From is { } version ? ", then from " + version : ", then with the state")}{(state.Place.IsQuiet ? "" : ", Pod seen")}",
        WatchPhase.Look => $"GET {state.Pod.Name}, {state.Place.LooksLeft} times",
    };

    private static string Describe(WatchState before, WatchStep step)
    {
        ImmutableArray<string> parts =
        [
            step.News == WatchNews.GivesUp
                ? ""
                : step.Delay > TimeSpan.Zero
                ? $"in {step.Delay.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s {Request(step.State)}"
                : Request(step.State),
            step.Pod is { } pod ? pod.IsBeingDeleted ? "gives the Pod as deleted" : "gives the Pod" : "",
            step.State.Right != before.Right ? $"the right to watch is {step.State.Right}" : "",
            step.News switch
            {
                WatchNews.None => "",
                WatchNews.Problem => $"says \"{step.Failure!.Message}\"",
                WatchNews.Looks => "says that it looks",
                WatchNews.GivesUp => $"GIVES UP: {step.Failure!.Message}",
            },
        ];
        return string.Join("; ", parts.Where(part => part.Length > 0));
    }
}
