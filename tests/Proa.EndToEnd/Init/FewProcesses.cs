using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Init;

/// <summary>A limit of processes, which counts threads too.</summary>
public sealed class FewProcesses : IAsyncLifetime
{
    // Processes are counted by user: this one has no others.
    private const string User = "61733";
    private PodOnPaper _pod = null!;

    public async ValueTask InitializeAsync() => _pod = await PodOnPaper.StartAsync();

    public ValueTask DisposeAsync() => _pod.DisposeAsync();

    [Fact]
    public async Task However_few_there_may_be_proa_starts_main_or_says_why_not()
    {
        Executables.RequireRoot("become another user");
        _pod.LetEveryUserIn();
        _pod.MakeReady();
        for (var limit = 3; limit <= 12; limit++)
        {
            await using var process = RunningProcess.Start(
                [Executables.Launch, "--limit", $"NPROC={limit}", "--user", User, "--", .. _pod.Proa("sh", "-c", "exit 7")],
                new Dictionary<string, string?>(_pod.Variables) { ["HOME"] = "/", ["PROA_SHUTDOWN_TIMEOUT"] = "0" });
            var (exitCode, _, errors) = await process.ResultAsync();
            if (limit >= Enough) Assert.True(exitCode == 7, $"{limit}: {exitCode} {errors}");
            else if (exitCode != 7) Assert.True(exitCode == 125 && errors.Contains("ulimit -u", StringComparison.Ordinal), $"{limit}: {exitCode} {errors}");
        }
    }

    [Fact]
    public async Task Where_a_file_alone_cannot_have_its_thread_the_wait_goes_on_until_it_can()
    {
        Executables.RequireRoot("become another user");
        _pod.LetEveryUserIn();
        var said = "";
        for (var limit = 3; limit <= 12; limit++)
        {
            await using var process = RunningProcess.Start(
                [
                    Executables.Launch, "--limit", $"NPROC={limit}", "--user", User, "--", Executables.Proa, "--wait-only", "--no-api",
                    "--wait-file=/nowhere", "--ready-timeout=1s",
                ],
                RunningProcess.TextLog);
            var (exitCode, _, errors) = await process.ResultAsync();
            Assert.True(exitCode == 124 || (exitCode == 125 && errors.Contains("ulimit -u", StringComparison.Ordinal)), $"{limit}: {exitCode} {errors}");
            if (exitCode == 124) said += errors;
        }

        Assert.Contains("/nowhere cannot be checked: no thread can be started", said, StringComparison.Ordinal);
    }

    // proa's two threads, the six of a worker that may not be gone yet, and main.
    private const int Enough = 9;

    [Theory]
    [InlineData("wait")]
    [InlineData("shutdown")]
    public async Task A_worker_has_six_threads(string worker)
    {
        await using var process = _pod.Start(How.Process, "true");
        await _pod.WaitsAsync(process);
        if (worker == "shutdown")
        {
            var requests = _pod.Api.Requests.Count;
            _pod.MakeReady();
            await _pod.AskedAsync();
            await _pod.Api.WaitForRequestAsync(request => request.IsWatch, requests, TestContext.Current.CancellationToken);
        }

        Assert.InRange(ProcFile.Status(await PodOnPaper.WorkerAsync(process.Id, worker), "Threads"), 2, 6);
        if (worker == "wait") _pod.MakeReady();
        await _pod.AskedAsync();
        _pod.EndSidecar();
        Assert.Equal(0, await process.ExitCodeAsync());
    }
}
