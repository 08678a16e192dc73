using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Proa.Bench;

/// <summary>A started program whose stdout is read by a thread of its own, so that its lines and its end are seen at once.</summary>
internal sealed class Running : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<long> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<long> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<long> _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Running(IEnumerable<string> command, string? kubeconfig = null)
    {
        var all = command.ToArray();
        var start = new ProcessStartInfo(all[0], all[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        // The machine's own settings are none of a measurement's.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PROA_", StringComparison.Ordinal) || name == "RUST_LOG").ToArray())
            start.Environment.Remove(name);
        if (kubeconfig is not null) start.Environment["KUBECONFIG"] = kubeconfig;
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors) _errors.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();
        new Thread(Read) { IsBackground = true }.Start();
        var end = Kernel.OpenProcess(_process.Id);
        new Thread(() => _gone.TrySetResult(Kernel.WaitForEnd(end))) { IsBackground = true }.Start();
    }

    public int Id => _process.Id;

    /// <summary>When main ran, by its own clock.</summary>
    public Task<long> MainStarted => Patiently(_started.Task);

    /// <summary>When main ended, by its own clock.</summary>
    public Task<long> MainEnded => Patiently(_ended.Task);

    /// <summary>When the process had ended.</summary>
    public Task<long> Gone => Patiently(_gone.Task);

    /// <summary>Lets main end.</summary>
    public void EndMain() => _process.StandardInput.Close();

    /// <summary>Waits for the end, which must be a good one.</summary>
    public async Task SucceedsAsync()
    {
        await Patiently(_gone.Task);
        await _process.WaitForExitAsync().WaitAsync(_patience);
        if (_process.ExitCode != 0) throw new InvalidOperationException($"it ended with {_process.ExitCode}: {Errors}");
    }

    /// <summary>Ends it, and what it has started that ends with it.</summary>
    public void Kill() => _ = Kernel.kill(Id, Kernel.SigKill);

    private string Errors
    {
        get
        {
            lock (_errors) return _errors.ToString();
        }
    }

    private async Task<long> Patiently(Task<long> task)
    {
        try
        {
            return await task.WaitAsync(_patience);
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException("nothing came; stderr: " + Errors, e);
        }
    }

    private void Read()
    {
        var stream = _process.StandardOutput.BaseStream;
        var buffer = new byte[256];
        var text = "";
        for (int length; (length = stream.Read(buffer)) > 0;)
        {
            text += Encoding.ASCII.GetString(buffer, 0, length);
            for (int end; (end = text.IndexOf('\n', StringComparison.Ordinal)) >= 0; text = text[(end + 1)..])
            {
                var words = text[..end].Split(' ');
                if (words.Length == 2) (words[0] == "start" ? _started : _ended).TrySetResult(long.Parse(words[1], CultureInfo.InvariantCulture));
            }
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
