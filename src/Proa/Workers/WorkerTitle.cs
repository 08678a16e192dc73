namespace Proa.Workers;

/// <summary>
/// The internal modes: proa starts itself from /proc/self/exe with a title in place of its own name, which ps(1) shows, and after it
/// the worker's own arguments and the command line as it was given.
/// </summary>
internal static class WorkerTitle
{
    /// <summary>What all titles begin with; native.c knows it too.</summary>
    public const string Prefix = "proa: ";

    /// <summary>Watches the Pod until main may start.</summary>
    public const string Wait = Prefix + "wait";

    /// <summary>Asks the sidecars to stop and waits for them. Its own arguments are the exit code and the reason that main was not started, or nothing.</summary>
    public const string Shutdown = Prefix + "shutdown";
}
