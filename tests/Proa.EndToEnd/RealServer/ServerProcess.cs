using System.Diagnostics;
using System.Text;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.RealServer;

/// <summary>A server that ends with the tests, however these end: the shell that started it waits for the end of its own stdin.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    // The shell keeps no end of the pipes, so that the server's own end is seen.
    private const string Guard = "\"$@\" </dev/null & exec >&- 2>&-; read -r line; kill -KILL $!; wait";

    private readonly string _name;
    private readonly Process _shell;
    private readonly StringBuilder _errors = new();
    private readonly Task _ended;

    private ServerProcess(string[] command, Action<string> eachLine)
    {
        _name = Path.GetFileName(command[0]);
        _shell = Process.Start(new ProcessStartInfo(Executables.Puppet, RunningProcess.Afresh(["sh", "-c", Guard, "sh", .. command]))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _ended = Task.WhenAll(
            ReadAsync(_shell.StandardOutput, eachLine),
            ReadAsync(_shell.StandardError, line =>
            {
                lock (_errors) _errors.AppendLine(line);
            }));
    }

    /// <summary>Throws if it has ended by itself.</summary>
    public void MustRun()
    {
        if (!_ended.IsCompleted) return;
        lock (_errors) throw new InvalidOperationException($"{_name} has ended: {_errors}");
    }

    /// <summary>Starts it.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="eachLine">What is done with each line of its stdout.</param>
    public static ServerProcess Start(string[] command, Action<string> eachLine) => new(command, eachLine);

    /// <summary>Kills it.</summary>
    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        await _ended;
        _shell.Dispose();
    }

    private static async Task ReadAsync(StreamReader from, Action<string> eachLine)
    {
        while (await from.ReadLineAsync() is { } line) eachLine(line);
    }
}
