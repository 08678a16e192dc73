using Proa.EndToEnd.Init;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Conditions;

/// <summary><c>--wait-only</c>, as an init step, a postStart hook or a step of CI has it.</summary>
public sealed class WaitOnly
{
    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task It_ends_with_0_when_all_is_ready(How how)
    {
        using var place = new Place(listens: false);
        await using var proa = Start(how, "--wait-tcp", place.Endpoint);
        await proa.ComplainsAsync("refuses connections\n");
        place.Open();
        await proa.ComplainsAsync("accepts connections\n");
        await proa.EndsWithoutMainAsync(0);
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task It_ends_with_124_where_not_all_is_ready_in_time(How how)
    {
        using var place = new Place(listens: false);
        await using var proa = Start(how, "--wait-tcp", place.Endpoint, "--ready-timeout=100ms");
        Assert.Contains("proa: error: not everything was ready within 100ms: ", await proa.EndsWithoutMainAsync(124), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(How.Process)]
    [InlineData(How.Pid1)]
    public async Task It_ends_with_125_where_it_cannot_end_well(How how)
    {
        await using var proa = Start(how, "--wait-file=/etc/passwd/x");
        Assert.Contains("proa: error: cannot wait: /etc/passwd/x can never exist", await proa.EndsWithoutMainAsync(125), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(How.Process, Signal.INT)]
    [InlineData(How.Process, Signal.TERM)]
    [InlineData(How.Pid1, Signal.INT)]
    [InlineData(How.Pid1, Signal.TERM)]
    [InlineData(How.Pid1, Signal.HUP)]
    [InlineData(How.Pid1, Signal.QUIT)]
    public async Task A_signal_ends_it_as_any_program(How how, int signal)
    {
        using var place = new Place(listens: false);
        await using var proa = Start(how, "--wait-tcp", place.Endpoint);
        await proa.ComplainsAsync("refuses connections\n");
        var process = Init.Init.ProaOf(how, proa);
        Assert.Empty(ProcFile.Children(process));
        Libc.Send(process, signal);
        await proa.EndsWithoutMainAsync(128 + signal);
    }

    [Fact]
    public async Task Kubectl_describe_shows_why_where_it_is_how_the_container_ends_and_not_where_a_person_runs_it()
    {
        Executables.RequireRoot("mount a file system");
        string[] late = Command("--wait-tcp=127.0.0.1:1", "--ready-timeout=100ms");
        const string script = "mount -t tmpfs none /dev; printf 'as it was' >/dev/termination-log; echo; read line; \"$@\" || cat /dev/termination-log";
        await using var container = RunningProcess.Start(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", script, "sh", .. late], Waiting.AsText);
        await container.NextLineAsync();
        string[] exec = ["nsenter", "--target", $"{ProcFile.Child(container.Id)}", "--pid", "--mount"];
        await using (var person = RunningProcess.Start([.. exec, .. late], Waiting.AsText)) await person.EndsWithoutMainAsync(124);
        await using (var look = RunningProcess.Start([.. exec, "cat", "/dev/termination-log"])) Assert.Equal("as it was", await look.SucceedsAsync());
        await container.TypeAsync("go on\n");
        Assert.Equal("proa: not everything was ready within 100ms: 127.0.0.1:1 refuses connections", await container.NextLineAsync());
    }

    private static string[] Command(params string[] options) => [Executables.Proa, "--no-api", "--wait-only", .. options];

    private static RunningProcess Start(How how, params string[] options)
    {
        var command = Command(options);
        return RunningProcess.Start(how == How.Pid1 ? Init.Init.AsPid1(command) : command, Waiting.AsText);
    }
}
