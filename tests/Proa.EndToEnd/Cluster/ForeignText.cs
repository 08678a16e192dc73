using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Cluster;

/// <summary>Text that others have chosen, on its way to a terminal.</summary>
public sealed class ForeignText : IDisposable
{
    private const string Hostile = "\u001b[2J\u009b31m\r\nproa: main exited with 0\n\u2028\u202e\u007f";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task What_the_API_server_sends_is_shown_and_controls_no_terminal_and_makes_no_line(string format)
    {
        await using var cluster = await Cluster.StartAsync();
        var termination = _directory.Write("termination-log", "");
        cluster.PushUntil("sidecar-1", "running");
        cluster.Api.Store.Update(cluster.Namespace, cluster.Recorded.PodName, pod =>
        {
            pod["spec"]!["containers"]![0]!["terminationMessagePath"] = termination;
            pod["spec"]!["containers"]!.AsArray().Add(new JsonObject { ["name"] = "other" + Hostile });
            pod["status"]!["containerStatuses"]![1]!["state"] =
                new JsonObject { ["waiting"] = new JsonObject { ["reason"] = "ImagePullBackOff" + Hostile, ["message"] = Hostile } };
        });
        await using var proa = RunningProcess.Start(
            [
                Executables.Proa, $"--log-format={format}", "--ready-timeout=3s", "true",
            ], new Dictionary<string, string?>(cluster.Variables) { ["PROA_LOG_FORMAT"] = null });
        var (exitCode, _, errors) = await proa.ResultAsync();
        Assert.Equal(124, exitCode);
        Assert.Contains(
            format == "text"
                ? @"ImagePullBackOff\u001b[2J\u009b31m\r\nproa: main exited with 0\n"
                : @"ImagePullBackOff\u001B[2J\u009B31m\r\nproa: main exited with 0\n",
            errors,
            StringComparison.Ordinal);
        AssertHarmless(errors, format == "text" ? "proa: " : "{");

        var message = await File.ReadAllTextAsync(termination, TestContext.Current.CancellationToken);
        Assert.StartsWith("proa: the sidecars were not ready within 3s: ", message, StringComparison.Ordinal);
        AssertHarmless(message, "proa: ");
    }

    [Fact]
    public async Task A_sidecars_answer_is_shown_and_controls_no_terminal()
    {
        using var sidecar = new TcpListener(IPAddress.Loopback, 0);
        sidecar.Start();
        await using var proa = RunningProcess.Start(
            [Executables.Proa, "--no-wait", "-g", $"http://localhost:{((IPEndPoint)sidecar.LocalEndpoint).Port}/", "--", "true"], RunningProcess.TextLog);
        using (var connection = await sidecar.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
            await connection.GetStream().WriteAsync(Encoding.Latin1.GetBytes("\u001b[2J\u009b31m nonsense\r\n\r\n"), TestContext.Current.CancellationToken);
        await proa.ComplainsAsync(@"\u001b[2J");
        proa.Send(Signal.TERM);
        await proa.ExitCodeAsync();
        AssertHarmless((await proa.ResultAsync()).Errors, "proa: ");
    }

    /// <summary>Each line is one of proa's or continues one, and nothing in it is for the terminal.</summary>
    private static void AssertHarmless(string text, string beginning)
    {
        Assert.All(
            text.TrimEnd('\n').Split('\n'),
            line => Assert.True(line.StartsWith(beginning, StringComparison.Ordinal) || line.StartsWith("  ", StringComparison.Ordinal), line));
        Assert.DoesNotContain(
            text.EnumerateRunes(),
            rune => rune.Value != '\n' && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator);
    }
}
