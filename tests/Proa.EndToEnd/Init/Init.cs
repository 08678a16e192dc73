using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Init;

/// <summary>How proa is run.</summary>
public enum How
{
    /// <summary>As an ordinary process.</summary>
    Process,

    /// <summary>As PID 1 of a PID namespace of its own.</summary>
    Pid1,
}

/// <summary>Starts proa as a plain init.</summary>
internal static class Init
{
    /// <summary>The command line of <c>proa --no-wait -- COMMAND</c>.</summary>
    public static string[] Proa(params string[] command) => [Executables.Proa, "--no-wait", "--", .. command];

    /// <summary>The command line of a puppet.</summary>
    public static string[] Puppet(params string[] verb) => [Executables.Puppet, .. verb];

    /// <summary>A command as PID 1 of a PID namespace of its own.</summary>
    public static string[] AsPid1(params string[] command)
    {
        Executables.RequireRoot("make a PID namespace");
        return ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", .. command];
    }

    /// <summary>Starts a command, of which proa is the first or what the first becomes.</summary>
    public static RunningProcess Start(How how, params string[] command) => RunningProcess.Start(how == How.Pid1 ? AsPid1(command) : command);

    /// <summary>Starts <c>proa --no-wait -- puppet VERB</c>.</summary>
    public static RunningProcess StartPuppet(How how, params string[] verb) => Start(how, Proa(Puppet(verb)));

    /// <summary>The process ID of proa, when it has been started.</summary>
    public static int ProaOf(How how, RunningProcess process) => how == How.Pid1 ? ProcFile.Child(process.Id) : process.Id;
}
