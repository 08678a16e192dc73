using System.Text;
using Microsoft.Extensions.Time.Testing;
using Proa.Logging;
using Proa.Waiting;
using Proa.Workers;

namespace Proa.Unit.Tests.Workers;

public sealed class PolledConditionTests
{
    private static readonly Look _none = new(Readiness.Wait, "has not been checked yet");
    private static readonly Look _holds = new(Readiness.Start, "holds");
    private static readonly Look _absent = new(Readiness.Wait, "is absent");
    private static readonly Look _broken = new(Readiness.Wait, "is broken");
    private static readonly CancellationToken _never = TestContext.Current.CancellationToken;

    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _said = [];

    [Fact]
    public async Task It_is_looked_at_at_once_and_then_ever_later()
    {
        using var condition = Of(_absent);
        await condition.NextAsync(_never);
        foreach (var delay in (int[])[100, 200, 400, 800, 1000, 1000])
        {
            var next = condition.NextAsync(_never);
            _time.Advance(TimeSpan.FromMilliseconds(delay - 1));
            Assert.False(next.IsCompleted);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await next;
        }

        Assert.Equal(7, condition.Count);
    }

    [Fact]
    public async Task A_look_that_is_wanted_now_does_not_wait()
    {
        using var condition = Of(_holds);
        await condition.NextAsync(_never);
        var next = condition.NextAsync(_never);
        Assert.False(next.IsCompleted);
        Assert.True(condition.LookAgain());
        await next;
        next = condition.NextAsync(_never);
        Assert.False(next.IsCompleted); // once
        _time.Advance(TimeSpan.FromSeconds(1));
        await next;
    }

    [Fact]
    public async Task Each_reason_is_said_once_until_it_has_held()
    {
        using var condition = Of(_absent, _broken, _absent, _broken, _holds, _holds, _absent, _holds);
        for (var look = 0; look < 8; look++) await LookAsync(condition);
        Assert.Equal(["it is absent", "it is broken", "it holds", "it is absent", "it holds"], _said);
    }

    [Fact]
    public async Task Its_state_is_that_of_the_last_look()
    {
        using var condition = Of(_holds, _broken);
        Assert.Equal((Readiness.Wait, "it has not been checked yet"), (condition.State.Readiness, condition.State.Why));
        await LookAsync(condition);
        Assert.Equal((Readiness.Start, ""), (condition.State.Readiness, condition.State.Why));
        await LookAsync(condition);
        Assert.Equal((Readiness.Wait, "it is broken"), (condition.State.Readiness, condition.State.Why));
    }

    [Fact]
    public async Task What_can_never_be_is_left_to_the_error_that_it_becomes()
    {
        using var condition = Of(new Look(Readiness.Never, "is a directory", "name a file"));
        await LookAsync(condition);
        Assert.Empty(_said);
        Assert.Equal((Readiness.Never, "it is a directory", "name a file"), (condition.State.Readiness, condition.State.Why, condition.State.Hint));
    }

    [Fact]
    public async Task The_end_of_the_wait_ends_it()
    {
        using var over = new CancellationTokenSource();
        using var condition = Of(_absent);
        await condition.NextAsync(over.Token);
        var next = condition.NextAsync(over.Token);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        Assert.Equal(1, condition.Count);
    }

    private async Task LookAsync(Scripted condition)
    {
        var next = condition.NextAsync(_never);
        _time.Advance(TimeSpan.FromSeconds(1));
        await next;
    }

    /// <summary>It is looked at with these outcomes, the last of which stays.</summary>
    private Scripted Of(params Look[] looks) => new(looks, _time, new(LogLevel.Info, LogFormat.Text, _time, line =>
    {
        _said.Add(Encoding.UTF8.GetString(line["proa: ".Length..^1]));
        return true;
    }));

    private sealed class Scripted(Look[] looks, TimeProvider time, Log log) : PolledCondition("it", _none, time, log)
    {
        public int Count { get; private set; }

        protected override Task<Look> TryAsync(CancellationToken deadline) => Task.FromResult(looks[Math.Min(Count++, looks.Length - 1)]);
    }
}
