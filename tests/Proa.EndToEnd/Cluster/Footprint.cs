using System.Globalization;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Cluster;

/// <summary>What is resident while main runs, for days perhaps: the supervisor alone, and little of it.</summary>
public sealed class Footprint
{
    private const int LargestResidentKilobytes = 2048;
    private const int LargestAnonymousKilobytes = 640;
    private const int Page = 4096;

    [Theory]
    [InlineData(Server.Simulated)]
    [InlineData(Server.Real)]
    public async Task While_main_runs_after_a_wait_over_TLS_the_supervisor_is_alone_and_small(Server server)
    {
        await using var cluster = await TestCluster.StartAsync(server);
        await cluster.PushUntilAsync("sidecar-1", "ready");
        await using var proa = cluster.Proa("--", "sh", "-c", "echo main runs; read line");
        Assert.Equal("main runs", await proa.NextLineAsync());

        // Main starts while the worker is taken down, and memory is given back when nothing has happened for a while.
        await ProcFile.UntilAsync(() => ProcFile.Children(proa.Id).Length == 1);
        Assert.Equal(2, Status(proa.Id, "Threads")); // ours and the runtime's finalizer
        await ProcFile.UntilAsync(() => Status(proa.Id, "VmRSS") <= LargestResidentKilobytes);
        Assert.InRange(Status(proa.Id, "RssAnon"), 0, LargestAnonymousKilobytes);
        Assert.DoesNotContain(Descriptors(proa.Id), target => target.StartsWith("socket:", StringComparison.Ordinal));
        await proa.TypeAsync("\n");
        Assert.Equal(0, await proa.ExitCodeAsync());
    }

    [Fact]
    public async Task The_supervisor_never_comes_near_OpenSSL_even_while_a_worker_uses_it()
    {
        Executables.RequireRoot("read another process's page map");
        Assert.SkipWhen(Executables.Find("nm") is null, "nm is not installed (Debian package binutils)");
        Assert.SkipUnless(File.Exists(Executables.Proa + ".dbg"), "the symbols are not beside the executable: build/publish puts them there");
        await using var cluster = await Cluster.StartAsync();
        await using var proa = cluster.Proa("--", "true");
        await cluster.Api.WaitForWatchersAsync(1, TestContext.Current.CancellationToken);
        var worker = int.Parse(File.ReadAllText($"/proc/{proa.Id}/task/{proa.Id}/children"), CultureInfo.InvariantCulture);
        var code = await AddressAsync("tls_construct_client_hello");
        Assert.True(IsResident(worker, code), "the worker has opened a TLS connection");
        Assert.False(IsResident(proa.Id, code), "the supervisor has not");
    }

    private static async Task<long> AddressAsync(string symbol)
    {
        await using var nm = RunningProcess.Start(["nm", Executables.Proa + ".dbg"]);
        var line = (await nm.SucceedsAsync()).Split('\n').First(line => line.EndsWith(" " + symbol, StringComparison.Ordinal));
        return long.Parse(line.Split(' ')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    /// <summary>Bit 63 of the page's entry, see "pagemap" in the kernel's documentation.</summary>
    private static bool IsResident(int pid, long address)
    {
        using var map = File.OpenRead($"/proc/{pid}/pagemap");
        map.Position = address / Page * sizeof(ulong);
        var entry = new byte[sizeof(ulong)];
        map.ReadExactly(entry);
        return BitConverter.ToUInt64(entry) >> 63 == 1;
    }

    private static int Status(int pid, string key) =>
        int.Parse(
            File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith(key + ":", StringComparison.Ordinal))[(key.Length + 1)..]
                .Replace("kB", "", StringComparison.Ordinal),
            CultureInfo.InvariantCulture);

    private static IEnumerable<string> Descriptors(int pid) =>
        System.IO.Directory.GetFiles($"/proc/{pid}/fd").Select(path => new FileInfo(path).LinkTarget ?? "");
}
