using System.Diagnostics;
using System.Text;
using System.Threading.Channels;

namespace Proa.EndToEnd.Processes;

/// <summary>
/// A process with pipes for stdin, stdout and stderr. What it writes is waited for line by line. Every wait has a limit, which
/// only a test that has failed already reaches.
/// </summary>
internal sealed class RunningProcess : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Task _readingOutput;
    private readonly Task _readingErrors;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _alsoKill;

    private RunningProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        Id = _process.Id;
        _readingOutput = ReadAsync(_process.StandardOutput, _output, _lines.Writer);
        _readingErrors = ReadAsync(_process.StandardError, _errors, null);
    }

    /// <summary>The environment in which proa logs for people.</summary>
    public static Dictionary<string, string?> TextLog => new() { ["PROA_LOG_FORMAT"] = "text" };

    /// <summary>The process ID.</summary>
    public int Id { get; }

    /// <summary>What it has written to stderr so far.</summary>
    public string Errors => Read(_errors);

    /// <summary>What it has written to stdout so far.</summary>
    public string Output => Read(_output);

    /// <summary>Starts a process.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="variables">What is added to the environment; null takes a variable away.</param>
    public static RunningProcess Start(IEnumerable<string> command, IReadOnlyDictionary<string, string?>? variables = null)
    {
        var start = new ProcessStartInfo(Executables.Puppet, Afresh(command))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = Encoding.Latin1,
            StandardOutputEncoding = Encoding.Latin1,
        };
        // The machine's own settings are none of a test's.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PROA_", StringComparison.Ordinal) || name == "RUST_LOG").ToArray())
            start.Environment.Remove(name);
        foreach (var (name, value) in variables ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        return new(start);
    }

    /// <summary>
    /// A puppet's arguments with which it becomes this command, with the signals as a container has them: a test run that is started by
    /// nohup(1), or in the background of a shell, has some of them ignored.
    /// </summary>
    public static string[] Afresh(IEnumerable<string> command)
    {
        var all = command.ToArray();
        var path = all[0].Contains('/', StringComparison.Ordinal) ? all[0] : Executables.Find(all[0]);
        return ["afresh", path ?? throw new InvalidOperationException($"there is no program {all[0]}"), .. all];
    }

    /// <summary>The next line of stdout.</summary>
    public async Task<string> NextLineAsync()
    {
        try
        {
            return await _lines.Reader.ReadAsync().AsTask().WaitAsync(_patience, TestContext.Current.CancellationToken);
        }
        catch (Exception e) when (e is ChannelClosedException or TimeoutException)
        {
            // The reason may still be on its way.
            await Task.WhenAny(_readingErrors, Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));
            throw new InvalidOperationException($"no line came; stdout: {Output}; stderr: {Errors}", e);
        }
    }

    /// <summary>The next lines of stdout.</summary>
    public async Task<string[]> NextLinesAsync(int count)
    {
        var lines = new string[count];
        for (var i = 0; i < count; i++) lines[i] = await NextLineAsync();
        return lines;
    }

    /// <summary>The lines of stdout that have not been taken, when it has ended.</summary>
    public async Task<string[]> RestOfLinesAsync()
    {
        await _readingOutput.WaitAsync(_patience, TestContext.Current.CancellationToken);
        var lines = new List<string>();
        while (_lines.Reader.TryRead(out var line)) lines.Add(line);
        return [.. lines];
    }

    /// <summary>Waits for "ready PID" from <c>puppet signals</c>.</summary>
    /// <returns>The process ID in main's own PID namespace.</returns>
    public async Task<int> ReadyAsync()
    {
        var line = await NextLineAsync();
        Assert.StartsWith("ready ", line, StringComparison.Ordinal);
        return int.Parse(line["ready ".Length..], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until a text has come on stdout, after what has been seen this way before.</summary>
    public Task SeesAsync(string text) => SeesAsync(_output, text);

    /// <summary>Waits until a text has come on stderr, after what has been seen this way before.</summary>
    public Task ComplainsAsync(string text) => SeesAsync(_errors, text);

    /// <summary>Writes to its stdin.</summary>
    public async Task TypeAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Closes its stdin.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Sends it a signal.</summary>
    public void Send(int signal) => Libc.Send(Id, signal);

    /// <summary>Another process that is to be gone after the test: main, where proa has ended without it.</summary>
    public void AlsoKill(int pid) => _alsoKill = pid;

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code, or 128 + signal.</returns>
    public async Task<int> ExitCodeAsync()
    {
        try
        {
            await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(_patience);
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException($"it has not ended; stdout: {Output}; stderr: {Errors}", e);
        }

        return _process.ExitCode;
    }

    /// <summary>Waits for its end, and for all that it and its children have written.</summary>
    /// <returns>The exit code, or 128 + signal; stdout; stderr.</returns>
    public async Task<(int ExitCode, string Output, string Errors)> ResultAsync()
    {
        var exitCode = await ExitCodeAsync();
        await Task.WhenAll(_readingOutput, _readingErrors).WaitAsync(_patience, TestContext.Current.CancellationToken);
        return (exitCode, Output, Errors);
    }

    /// <summary>Waits for its end, which must be with 0 and without a word on stderr.</summary>
    /// <returns>What it has written to stdout.</returns>
    public async Task<string> SucceedsAsync()
    {
        var (exitCode, output, errors) = await ResultAsync();
        Assert.Equal(("", 0), (errors, exitCode));
        return output;
    }

    /// <summary>Waits for a main that says "main runs", and for its end, which must be with 0.</summary>
    public async Task RunsMainAsync()
    {
        Assert.Equal("main runs", await NextLineAsync());
        Assert.Equal(0, await ExitCodeAsync());
    }

    /// <summary>Waits for its end, which must be with this exit code and without a word on stdout; stderr has all these parts.</summary>
    /// <returns>What it has written to stderr.</returns>
    public async Task<string> FailsAsync(int exitCode, params string[] parts)
    {
        var (actual, output, errors) = await ResultAsync();
        Assert.Equal((exitCode, ""), (actual, output));
        foreach (var part in parts) Assert.Contains(part, errors, StringComparison.Ordinal);
        return errors;
    }

    public async ValueTask DisposeAsync()
    {
        if (_alsoKill > 0) Libc.TrySend(_alsoKill, Signal.KILL);
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private readonly Dictionary<StringBuilder, int> _seen = [];

    private async Task SeesAsync(StringBuilder where, string text)
    {
        while (true)
        {
            Task more;
            lock (_output)
            {
                var from = _seen.GetValueOrDefault(where);
                var at = where.ToString(from, where.Length - from).IndexOf(text, StringComparison.Ordinal);
                if (at >= 0)
                {
                    _seen[where] = from + at + text.Length;
                    return;
                }

                more = _more.Task;
            }

            var ended = Task.WhenAll(_readingOutput, _readingErrors);
            var first = await Task.WhenAny(more, ended, Task.Delay(_patience, TestContext.Current.CancellationToken));
            if (first == more || (first == ended && Contains(where, text))) continue;
            throw new InvalidOperationException($"\"{text}\" did not come; stdout: {Output}; stderr: {Errors}");
        }
    }

    private bool Contains(StringBuilder where, string text)
    {
        lock (_output)
        {
            var from = _seen.GetValueOrDefault(where);
            return where.ToString(from, where.Length - from).Contains(text, StringComparison.Ordinal);
        }
    }

    private string Read(StringBuilder from)
    {
        lock (_output) return from.ToString();
    }

    private async Task ReadAsync(StreamReader from, StringBuilder to, ChannelWriter<string>? lines)
    {
        var buffer = new char[65536];
        var line = new StringBuilder();
        for (int length; (length = await from.ReadAsync(buffer)) > 0;)
        {
            TaskCompletionSource more;
            lock (_output)
            {
                to.Append(buffer, 0, length);
                more = _more;
                _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            foreach (var character in buffer.AsSpan(0, length))
            {
                if (character != '\n')
                {
                    line.Append(character);
                    continue;
                }

                lines?.TryWrite(line.ToString());
                line.Clear();
            }

            more.SetResult();
        }

        if (line.Length > 0) lines?.TryWrite(line.ToString());
        lines?.Complete();
    }
}
