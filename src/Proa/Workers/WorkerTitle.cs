using System.Globalization;
using Proa.Identity;

namespace Proa.Workers;

/// <summary>
/// The internal modes: proa starts itself from /proc/self/exe with a title in place of its own name, which ps(1) shows, and after it
/// the supervisor's process ID, the worker's own arguments and the command line as it was given.
/// </summary>
internal static class WorkerTitle
{
    /// <summary>What all titles begin with; start.c knows it too.</summary>
    public const string Prefix = "proa: ";

    /// <summary>
    /// Where the worker's own arguments begin. Before them is the supervisor's process ID: who has this title, but not that parent,
    /// is no worker.
    /// </summary>
    public const int FirstArgument = 2;

    /// <summary>Watches the Pod until main may start.</summary>
    public const string Wait = Prefix + "wait";

    /// <summary>Watches the Pod while main runs. Its own argument is that of <see cref="WatchWorker.OwnArguments"/>.</summary>
    public const string Watch = Prefix + "watch";

    /// <summary>Whether a supervisor has started this process as a worker.</summary>
    public static bool IsOf(ProcessFacts process) =>
        process.Arguments is [var title, var supervisor, ..]
        && title.StartsWith(Prefix, StringComparison.Ordinal)
        && supervisor == process.Stat.Parent.ToString(CultureInfo.InvariantCulture);

    /// <summary>Asks the sidecars to stop and waits for them. Its own arguments are those of <see cref="ShutdownWorker.OwnArguments"/>.</summary>
    public const string Shutdown = Prefix + "shutdown";
}
