using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Proa.Linux;
using Proa.Workers;

namespace Proa.Supervisor;

/// <summary>Starts main and the workers.</summary>
internal sealed unsafe class Children(GivenArguments given, int commandIndex)
{
    private const int NoTerminal = -1;

    private readonly byte* _directory = Libc.proa_working_directory();
    private readonly int _terminal = Libc.isatty(Libc.StandardInput) != 0 ? Libc.StandardInput : NoTerminal;

    /// <summary>Starts main.</summary>
    /// <returns>Its process ID, or -errno as execvp(3) gives it.</returns>
    public int StartMain()
    {
        var arguments = given.From(commandIndex);
        var candidates = CommandSearch.Candidates(arguments[0], GivenArguments.Bytes("PATH"));
        var shell = CommandSearch.ShellArguments(arguments, given.Count - commandIndex);
        // A job in the background must not take the terminal.
        var isInForeground = IsInForeground();
        var child = Libc.proa_spawn_main(candidates, arguments, shell, GivenArguments.Environment, isInForeground ? _terminal : NoTerminal);
        if (child < 0 && isInForeground) _ = Libc.tcsetpgrp(_terminal, Libc.getpgrp());
        return child;
    }

    /// <summary>Starts the worker "wait", which writes what it found out into <paramref name="knowledge"/>.</summary>
    /// <returns>Its process ID, or -errno.</returns>
    public int StartWaitWorker(int knowledge) => StartWorker(knowledge, knowledge, [WorkerTitle.Wait, Supervisor]);

    /// <summary>Starts the worker "shutdown", which reads what is known from <paramref name="knowledge"/>.</summary>
    /// <returns>Its process ID, or -errno.</returns>
    public int StartShutdownWorker(int knowledge, int exitCode, string reason) =>
        StartWorker(knowledge, knowledge, [WorkerTitle.Shutdown, Supervisor, exitCode.ToString(CultureInfo.InvariantCulture), reason]);

    /// <summary>
    /// Leaves the directory that proa was started in, so that its file system can be unmounted while main runs. A worker that is started
    /// later goes back there by its path, for what it reads may be named from there; a descriptor would hold on to it.
    /// </summary>
    public static void LeaveDirectory() => Libc.proa_leave_working_directory();

    /// <summary>Why main was not started, for people.</summary>
    public string WhyNotStarted(int errno) => MainNotStarted.Explain(given.Text(commandIndex), errno, GivenArguments.Variable("PATH"));

    /// <summary>Puts main, if it runs, into the terminal's foreground again, where the shell has put proa.</summary>
    public void GiveTerminalTo(int main)
    {
        if (main > 0 && IsInForeground()) _ = Libc.tcsetpgrp(_terminal, main);
    }

    /// <summary>Puts proa's own group into the terminal's foreground again, if main is there.</summary>
    public void TakeTerminalBackFrom(int main)
    {
        if (_terminal != NoTerminal && Libc.tcgetpgrp(_terminal) == main) _ = Libc.tcsetpgrp(_terminal, Libc.getpgrp());
    }

    private static string Supervisor => Libc.getpid().ToString(CultureInfo.InvariantCulture);

    private bool IsInForeground() => _terminal != NoTerminal && Libc.tcgetpgrp(_terminal) == Libc.getpgrp();

    private int StartWorker(int input, int output, ReadOnlySpan<string> own)
    {
        // The command line as it was given follows the worker's own arguments.
        var arguments = (byte**)NativeMemory.AllocZeroed((nuint)(own.Length + given.Count), (nuint)sizeof(byte*));
        for (var i = 0; i < own.Length; i++) arguments[i] = CString(own[i]);
        for (var i = 1; i < given.Count; i++) arguments[own.Length + i - 1] = given.From(i)[0];
        fixed (byte* self = "/proc/self/exe\0"u8)
            return Libc.proa_spawn_worker(self, arguments, GivenArguments.Environment, input, output, _directory);
    }

    private static byte* CString(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var bytes = (byte*)NativeMemory.AllocZeroed((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(bytes, length));
        return bytes;
    }
}
