namespace Proa.CommandLine;

internal enum Request
{
    Run,
    Help,
    Version,

    /// <summary>Print the version, and those of what is linked in.</summary>
    Versions,

    /// <summary>Print the sidecars that proa knows.</summary>
    ListKnown,

    /// <summary>Say what proa sees and would do, and change nothing.</summary>
    Check,

    /// <summary>Say it of manifests: <see cref="Options.CheckFiles"/>.</summary>
    CheckFiles,

    /// <summary>Wait, and run no COMMAND.</summary>
    Wait,

    /// <summary>Copy the executable to <see cref="Options.InstallPath"/>.</summary>
    Install,

    /// <summary>Nothing that can be done: <see cref="ParseResult.Error"/> says why.</summary>
    Refuse,
}

/// <param name="Message">What is wrong, naming it: lower case, no full stop.</param>
internal sealed record UsageError(string Message, string Hint);

/// <param name="Options">The options; where <see cref="Error"/> is set, those that are good, so that the error is logged in the form asked for.</param>
/// <param name="CommandIndex">
/// The index of COMMAND among the arguments, if <see cref="Request"/> is Run or Check; the number of arguments where there is none.
/// </param>
/// <param name="Error">Why nothing can be done, if <see cref="Request"/> is Refuse.</param>
internal sealed record ParseResult(Request Request, Options Options, int CommandIndex, UsageError? Error)
{
    /// <summary>What was wanted, also where <see cref="Request"/> is Refuse.</summary>
    public Request Wanted { get; init; }

    /// <summary>What scuttle's variables have added, if the request is good.</summary>
    public ScuttleVariables? Scuttle { get; init; }

    /// <summary>What is skipped of a variable that is not proa's own, and why; null where all is good.</summary>
    public UsageError? Skipped { get; init; }

    /// <summary>Whether nothing but <c>--check</c> and the form of its answer is on the command line.</summary>
    public bool IsBare { get; init; }
}
