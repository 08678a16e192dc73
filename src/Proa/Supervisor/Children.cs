using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Proa.Linux;
using Proa.Supervision;
using Proa.Workers;

namespace Proa.Supervisor;

/// <summary>Starts the command and the workers.</summary>
/// <param name="makeRoom">Asked where there can be no process more: whether that has changed.</param>
internal sealed unsafe class Children(GivenArguments given, int commandIndex, Func<bool> makeRoom)
{
    private const int NoTerminal = -1;

    private readonly byte* _directory = Libc.proa_working_directory();
    private readonly int _terminal = Libc.isatty(Libc.StandardInput) != 0 ? Libc.StandardInput : NoTerminal;

    /// <param name="environment">The command's environment, where a worker has made it; else it gets proa's own.</param>
    public SupervisorEvent StartCommand(HandoverFile? environment)
    {
        if (environment is null) return StartCommand(GivenArguments.Environment);
        using var strings = new CStrings(environment.Take());
        return StartCommand(strings.Array);
    }

    private SupervisorEvent StartCommand(byte** environment)
    {
        var arguments = given.From(commandIndex);
        var path = CommandSearch.PathIn(environment);
        var candidates = CommandSearch.Candidates(arguments[0], path);
        var shell = CommandSearch.ShellArguments(arguments, given.Count - commandIndex);
        // A job in the background must not take the terminal.
        var isInForeground = IsInForeground();
        Libc.Spawned started;
        do started = Libc.proa_spawn_command(candidates, arguments, shell, environment, isInForeground ? _terminal : NoTerminal);
        while (started.HasNoProcess && makeRoom());
        if (started.Process > 0) return SupervisorEvent.CommandStarted(started.Process);
        if (isInForeground) _ = Libc.tcsetpgrp(_terminal, Libc.getpgrp());
        return CommandNotStarted.Because(given.Text(commandIndex), started, path);
    }

    /// <param name="handover">The worker writes what it found out into it.</param>
    /// <param name="environment">Where it writes the command's environment, if it is to make one.</param>
    public Libc.Spawned StartWaitWorker(int handover, HandoverFile? environment) =>
        StartWorker(handover, environment?.ForWorker() ?? handover, [WorkerTitle.Wait, Supervisor]);

    /// <param name="handover">The worker reads what is known from it.</param>
    /// <param name="command">The command's process ID.</param>
    public Libc.Spawned StartWatchWorker(int handover, int command) =>
        StartWorker(handover, handover, [WorkerTitle.Watch, Supervisor, command.ToString(CultureInfo.InvariantCulture)]);

    /// <param name="handover">The worker reads what is known from it.</param>
    public Libc.Spawned StartShutdownWorker(int handover, int exitCode, string whyNotStarted, bool hasCommandRun) => StartWorker(
        handover,
        handover,
        [
            WorkerTitle.Shutdown,
            Supervisor,
            exitCode.ToString(CultureInfo.InvariantCulture),
            whyNotStarted,
            hasCommandRun ? ShutdownWorker.AfterCommand : "",
        ]);

    /// <summary>
    /// Lets go of what the command has been given, and of the directory that proa was started in, so that its file system can be unmounted while
    /// the command runs. A worker that is started later goes back there by its path, for what it reads may be named from there; a descriptor
    /// would hold on to it.
    /// </summary>
    public static void LetGo()
    {
        Libc.proa_release_descriptors();
        Libc.proa_leave_working_directory();
    }

    /// <summary>Puts the command, if it runs, into the terminal's foreground again, where the shell has put proa.</summary>
    public void GiveTerminalTo(int command)
    {
        if (command > 0 && IsInForeground()) _ = Libc.tcsetpgrp(_terminal, command);
    }

    /// <summary>Puts proa's own group into the terminal's foreground again, if the command is there.</summary>
    public void TakeTerminalBackFrom(int command)
    {
        if (_terminal != NoTerminal && Libc.tcgetpgrp(_terminal) == command) _ = Libc.tcsetpgrp(_terminal, Libc.getpgrp());
    }

    private static string Supervisor => Libc.getpid().ToString(CultureInfo.InvariantCulture);

    private bool IsInForeground() => _terminal != NoTerminal && Libc.tcgetpgrp(_terminal) == Libc.getpgrp();

    private Libc.Spawned StartWorker(int input, int output, ReadOnlySpan<string> own)
    {
        // The command line as it was given follows the worker's own arguments.
        var arguments = (byte**)NativeMemory.AllocZeroed((nuint)(own.Length + given.Count), (nuint)sizeof(byte*));
        for (var i = 0; i < own.Length; i++) arguments[i] = CString(own[i]);
        for (var i = 1; i < given.Count; i++) arguments[own.Length + i - 1] = given.From(i)[0];
        fixed (byte* self = "/proc/self/exe\0"u8)
        {
            Libc.Spawned started;
            do started = Libc.proa_spawn_worker(self, arguments, GivenArguments.Environment, input, output, _directory);
            while (started.HasNoProcess && makeRoom());
            return started;
        }
    }

    private static byte* CString(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var bytes = (byte*)NativeMemory.AllocZeroed((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(bytes, length));
        return bytes;
    }
}
