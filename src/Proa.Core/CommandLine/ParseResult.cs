namespace Proa.CommandLine;

/// <summary>What the command line asks for.</summary>
internal enum Request
{
    /// <summary>Run a command.</summary>
    Run,

    /// <summary>Print the help.</summary>
    Help,

    /// <summary>Print the version.</summary>
    Version,

    /// <summary>Print the version, and those of what is linked in.</summary>
    Versions,

    /// <summary>Say what proa sees and would do, and change nothing.</summary>
    Check,

    /// <summary>Copy the executable to <see cref="Options.InstallPath"/>.</summary>
    Install,

    /// <summary>Nothing that can be done: <see cref="ParseResult.Error"/> says why.</summary>
    Refuse,
}

/// <summary>A command line that cannot be followed.</summary>
/// <param name="Message">What is wrong, naming it: lower case, no full stop.</param>
/// <param name="Hint">What to do.</param>
internal sealed record UsageError(string Message, string Hint);

/// <summary>What the parser found.</summary>
/// <param name="Request">What is asked for.</param>
/// <param name="Options">The options; where <see cref="Error"/> is set, those that are good, so that the error is logged in the form asked for.</param>
/// <param name="CommandIndex">The index of COMMAND among the arguments, if <see cref="Request"/> is Run or Check; the number of arguments where there is none.</param>
/// <param name="Error">Why nothing can be done, if <see cref="Request"/> is Refuse.</param>
internal sealed record ParseResult(Request Request, Options Options, int CommandIndex, UsageError? Error)
{
    /// <summary>What was wanted, also where <see cref="Request"/> is Refuse.</summary>
    public Request Wanted { get; init; }

    /// <summary>Whether nothing but <c>--check</c> and the form of its answer is on the command line.</summary>
    public bool IsBare { get; init; }
}
