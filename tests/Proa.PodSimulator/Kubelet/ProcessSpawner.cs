using System.Collections.Concurrent;
using System.Diagnostics;

namespace Proa.PodSimulator;

/// <summary>
/// Starts processes from one thread that never ends. The parent-death signal, which ends the containers with the simulator, is sent when
/// the thread that forked ends, and a thread of the pool may end at any time.
/// </summary>
internal static class ProcessSpawner
{
    private static readonly BlockingCollection<Action> s_work = [];

    static ProcessSpawner()
    {
        Libc.KeepDescriptorsToOurselves();
        var thread = new Thread(() =>
        {
            // What a child begins with is what this thread has when it forks.
            Libc.UnblockSignals();
            foreach (var action in s_work.GetConsumingEnumerable()) action();
        })
        {
            IsBackground = true,
            Name = "process spawner",
        };
        thread.Start();
    }

    /// <summary>Starts a program with all signals at their defaults and none blocked, in a session of its own, killed when the simulator ends.</summary>
    public static async Task<Process> StartAsync(IEnumerable<string> command)
    {
        // env resets what .NET ignores (SIGPIPE); setsid keeps Ctrl-C at the terminal from the containers.
        var start = new ProcessStartInfo("/usr/bin/env", ["--default-signal", "setsid", "setpriv", "--pdeathsig", "KILL", .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LC_ALL"] = "C";
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        s_work.Add(() =>
        {
            try
            {
                var process = Process.Start(start)!;
                process.StandardInput.Close();
                started.SetResult(process);
            }
            catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
            {
                started.SetException(error);
            }
        });
        return await started.Task.ConfigureAwait(false);
    }
}
