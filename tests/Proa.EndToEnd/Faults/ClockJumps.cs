using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Faults;

/// <summary>The wall clock jumps by ten years. That proa has seen it is shown by the times in its log, and nothing else is to be.</summary>
public sealed partial class ClockJumps
{
    private const int TenYears = 3652;

    [Fact]
    public async Task A_jump_does_not_end_the_wait_for_readiness_or_the_watch()
    {
        await using var life = await JumpyLife.StartAsync(ready: false, "--ready-timeout=1h", "echo", "main runs");
        await life.WatchesAsync();
        life.Jump(TenYears);
        life.Cluster.PushUntil("sidecar-1", status => status["state"]?["waiting"]?["reason"]?.ToString() == "ContainerCreating");
        await life.SaysAsync("sidecar-1: ContainerCreating", TenYears);
        life.Jump(-TenYears);
        life.Cluster.PushUntil("sidecar-1", "running");
        await life.SaysAsync("sidecar-1: running, not ready", -TenYears);
        life.Jump(0);
        life.Cluster.PushUntil("sidecar-1", "ready");
        await life.Proa.RunsMainAsync();
        Assert.Matches(@"""sidecars ready after \d{1,3}\.\d s""", life.Proa.Errors);
        Assert.Equal(["get", "watch"], life.Cluster.Api.Requests.Select(request => request.Verb));
    }

    [Fact]
    public async Task A_jump_back_does_not_prolong_the_wait_for_readiness()
    {
        await using var life = await JumpyLife.StartAsync(ready: false, "--ready-timeout=5s", "echo", "main runs");
        await life.WatchesAsync();
        life.Jump(-TenYears);
        await life.SaysAsync("the sidecars were not ready within 5s", -TenYears);
        Assert.Equal(124, await life.Proa.ExitCodeAsync());
    }

    [Theory]
    [InlineData(TenYears)]
    [InlineData(-TenYears)]
    public async Task A_certificate_that_a_jump_has_made_invalid_is_tried_until_the_clock_is_right_again(int days)
    {
        await using var life = await JumpyLife.StartAsync(ready: false, "echo", "main runs");
        await life.WatchesAsync();
        life.Jump(days);
        life.Cluster.Api.Faults.ResetConnections();
        await life.SaysAsync("the API server's certificate is not trusted: it is valid from", days);
        await life.Proa.ComplainsAsync("; retrying");
        JumpyLife.IsOff(NodesClock().Match(life.Proa.Errors).Groups[1].Value, days);
        life.Jump(2 * days); // proa's patience is not to end with it
        await life.Cluster.Api.WaitForAcceptedConnectionsAsync(life.Cluster.Api.AcceptedConnections + 2, Ordeal.Cancellation);
        Assert.Equal(["get", "watch"], life.Cluster.Api.Requests.Select(request => request.Verb));
        life.Jump(0);
        life.Cluster.PushUntil("sidecar-1", "ready");
        await life.Proa.RunsMainAsync();
        Assert.Equal(["get", "watch", "watch"], life.Cluster.Api.Requests.Select(request => request.Verb)); // from where it was
    }

    [Fact]
    public async Task A_jump_does_not_end_the_wait_for_the_sidecars_end()
    {
        await using var life = await JumpyLife.StartAsync(ready: true, "--shutdown-timeout=1h", "sh", "-c", "exit 7");
        await life.WatchesAsync();
        life.Jump(TenYears);
        life.Cluster.PushUntil("sidecar-1", "terminated");
        await life.SaysAsync("sidecars ended: sidecar-1 0", TenYears);
        Assert.Equal(7, await life.Proa.ExitCodeAsync());
    }

    [Fact]
    public async Task A_jump_back_does_not_prolong_the_wait_for_the_sidecars_end()
    {
        await using var life = await JumpyLife.StartAsync(ready: true, "--shutdown-timeout=5s", "sh", "-c", "exit 7");
        await life.WatchesAsync();
        life.Jump(-TenYears);
        await life.SaysAsync("still running after 5s: sidecar-1", -TenYears);
        Assert.Equal(7, await life.Proa.ExitCodeAsync());
    }

    [GeneratedRegex(", and it is ([^;]*); retrying")]
    private static partial Regex NodesClock();
}

/// <summary>proa with clocks of its own; see clock.c.</summary>
internal sealed class JumpyLife : IAsyncDisposable
{
    private static readonly string _clock = Path.Combine(AppContext.BaseDirectory, "clock");

    private readonly TemporaryDirectory _directory = new();
    private readonly SafeFileHandle _offset;

    private JumpyLife(Cluster.Cluster cluster)
    {
        Cluster = cluster;
        _offset = File.OpenHandle(OffsetFile, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
        Jump(0);
        Pass(TimeSpan.Zero);
    }

    public Cluster.Cluster Cluster { get; }

    public RunningProcess Proa { get; private set; } = null!;

    private string OffsetFile => Path.Combine(_directory.Path, "offset");

    /// <summary>Starts proa, which logs JSON.</summary>
    /// <param name="ready">Whether the sidecar is ready.</param>
    /// <param name="arguments">proa's arguments.</param>
    public static async Task<JumpyLife> StartAsync(bool ready, params string[] arguments)
    {
        var life = await PrepareAsync();
        if (ready) life.Cluster.PushUntil("sidecar-1", "ready");
        life.Begin(arguments);
        return life;
    }

    /// <summary>The same without proa, and with the Pod as it was created.</summary>
    public static async Task<JumpyLife> PrepareAsync()
    {
        await RequirePtraceAsync();
        return new(await EndToEnd.Cluster.Cluster.StartAsync());
    }

    /// <summary>Starts proa, which logs JSON.</summary>
    public void Begin(params string[] arguments) =>
        Proa = RunningProcess.Start(
            [_clock, OffsetFile, Executables.Proa, .. arguments],
            new Dictionary<string, string?>(Cluster.Variables) { ["PROA_LOG_FORMAT"] = "json" });

    /// <summary>Sets proa's wall clock, as it is from now on.</summary>
    /// <param name="days">How far it is from the right time.</param>
    public void Jump(int days) => RandomAccess.Write(_offset, BitConverter.GetBytes((long)TimeSpan.FromDays(days).TotalSeconds), 0);

    /// <summary>Lets proa believe that so much time has passed since it was started. It finds out when something happens.</summary>
    public void Pass(TimeSpan time) => RandomAccess.Write(_offset, BitConverter.GetBytes((long)time.TotalSeconds), sizeof(long));

    /// <summary>Something happens: the API server shows the Pod anew, as it was.</summary>
    public void Happens() => Cluster.Api.Store.Update(Cluster.Namespace, Cluster.Recorded.PodName, pod =>
        pod["metadata"]!["annotations"]!["test/happened"] = Guid.NewGuid().ToString());

    /// <summary>Waits until proa watches.</summary>
    public Task WatchesAsync() => Cluster.Api.WaitForWatchersAsync(1, Ordeal.Cancellation);

    /// <summary>Waits for a message, by its beginning, that is logged at a time that is so far from the right one.</summary>
    public async Task SaysAsync(string beginning, int days)
    {
        await Proa.ComplainsAsync($"\"msg\":\"{beginning}");
        var line = Proa.Errors.Split('\n').Last(text => text.Contains($"\"msg\":\"{beginning}", StringComparison.Ordinal));
        IsOff(line.Split('"')[3], days);
    }

    /// <summary>Checks that a time is so far from the right one.</summary>
    public static void IsOff(string time, int days) =>
        Assert.Equal(days, (DateTimeOffset.Parse(time, CultureInfo.InvariantCulture) - DateTimeOffset.UtcNow).TotalDays, tolerance: 2);

    public async ValueTask DisposeAsync()
    {
        if (Proa is not null) await Proa.DisposeAsync();
        await Cluster.DisposeAsync();
        _offset.Dispose();
        _directory.Dispose();
    }

    private static async Task RequirePtraceAsync()
    {
        Executables.RequireLookIntoWorkers();
        await using var probe = RunningProcess.Start([_clock, "/dev/zero", "true"]);
        var (exitCode, _, errors) = await probe.ResultAsync();
        Assert.SkipUnless(exitCode == 0, $"processes may not be traced here: {errors.TrimEnd()}");
    }
}
