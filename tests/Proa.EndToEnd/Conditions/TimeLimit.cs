namespace Proa.EndToEnd.Conditions;

/// <summary><c>--ready-timeout</c> with <c>--on-timeout</c>, where no API server is asked.</summary>
public sealed class TimeLimit
{
    [Theory]
    [InlineData("--ready-timeout=200ms")]
    [InlineData("--ready-timeout=200ms", "--on-timeout=fail")]
    public async Task Main_is_not_started_after_it_and_the_exit_code_is_124(params string[] options)
    {
        using var place = new Place(listens: false);
        await using var proa = Waiting.Start(["--no-api", "--wait-tcp", place.Endpoint, .. options]);
        Assert.Contains(
            $"proa: error: not everything was ready within 200ms: {place.Endpoint} refuses connections\n"
            + "proa: hint: is the port right, and does the program run that should listen there?\n",
            await proa.EndsWithoutMainAsync(124),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Main_is_started_after_it_with_a_warning_where_that_is_wanted()
    {
        using var place = new Place(listens: false);
        await using var proa = Waiting.Start("--no-api", "--wait-tcp", place.Endpoint, "--ready-timeout=200ms", "--on-timeout=start");
        await proa.ComplainsAsync($"proa: warning: starting main after 200ms, although not everything is ready: {place.Endpoint} refuses connections\n");
        await proa.StartsMainAsync();
    }

    [Fact]
    public async Task What_can_never_be_is_refused_though_main_is_to_be_started_after_it()
    {
        await using var proa = Waiting.Start("--no-api", "--wait-file=/etc/passwd/x", "--ready-timeout=1h", "--on-timeout=start");
        await proa.EndsWithoutMainAsync(125);
    }

    [Fact]
    public async Task A_process_that_is_all_ready_in_time_is_not_warned_of()
    {
        using var place = new Place();
        await using var proa = Waiting.Start("--no-api", "--wait-tcp", place.Endpoint, "--ready-timeout=1h", "--on-timeout=start");
        await proa.StartsMainAsync();
        Assert.DoesNotContain("warning", proa.Errors, StringComparison.Ordinal);
    }
}
