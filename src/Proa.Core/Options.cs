using System.Collections.Immutable;

namespace Proa;

internal enum ShutdownWhen
{
    /// <summary>Unless the kubelet will start our container again.</summary>
    Auto,

    /// <summary>Whatever main's exit code and the restart policy.</summary>
    Always,

    /// <summary>Only if main exited with 0.</summary>
    Success,
    Never,
}

/// <summary>What follows when <c>--ready-timeout</c> is over.</summary>
internal enum OnTimeout
{
    /// <summary>Main is not started: 124.</summary>
    Fail,

    /// <summary>Main is started all the same.</summary>
    Start,
}

/// <summary>The form of a log line.</summary>
internal enum LogFormat
{
    /// <summary>Text where stderr is a terminal, else JSON.</summary>
    Auto,
    Json,
    Text,
}

/// <summary>How much is logged, in the order of severity.</summary>
internal enum LogLevel
{
    Trace,

    /// <summary>What helps to find a fault in proa.</summary>
    Debug,

    /// <summary>A life in about six lines.</summary>
    Info,

    /// <summary>What somebody should look at.</summary>
    Warn,

    /// <summary>What ended or hindered the life.</summary>
    Error,
    Off,
}

internal enum ShutdownMethod
{
    /// <summary>GET, <c>--shutdown-http-get</c>.</summary>
    Get,

    /// <summary>POST with an empty body, <c>--shutdown-http-post</c>.</summary>
    Post,
}

/// <param name="Url">An absolute http or https URL.</param>
internal sealed record ShutdownRequest(ShutdownMethod Method, Uri Url)
{
    /// <summary>Whether it may be sent only once, whatever its answer: a second one does harm.</summary>
    public bool IsOnce { get; init; }

    /// <summary>The variable that has a token, where one is asked for, and the header to send it in.</summary>
    public string? TokenVariable { get; init; }

    public string TokenHeader { get; init; } = "";

    public string MethodName => Method == ShutdownMethod.Get ? "GET" : "POST";

    /// <summary>For people: <c>POST http://localhost:15020/quitquitquit</c>.</summary>
    public string Describe() => MethodName + " " + LoggableUrl;

    public string LoggableUrl => Url.Loggable();
}

internal static class LoggableUrl
{
    /// <summary>The URL as it may be logged: without user, password, query and fragment.</summary>
    public static string Loggable(this Uri url) => url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}

/// <param name="Host">A name or an address, without brackets.</param>
/// <param name="Port">1 to 65535.</param>
internal sealed record TcpEndpoint(string Host, int Port)
{
    /// <summary>As it is written on the command line.</summary>
    public override string ToString() => FormattableString.Invariant($"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}

/// <summary>Which processes of the sidecars to signal: those of an executable, or those of a container. Exactly one of the two is set.</summary>
/// <param name="Executable">The file name of their executable, or null.</param>
internal sealed record ProcessSelector(string? Executable, string? Container)
{
    /// <summary>What is written before a container's name; the file name of an executable has no slash.</summary>
    public const string ContainerPrefix = "container/";

    /// <summary>As it is written on the command line.</summary>
    public override string ToString() => Container is null ? Executable! : ContainerPrefix + Container;
}

/// <summary>A sidecar whose end ends main.</summary>
/// <param name="Name">Its name; null: any sidecar.</param>
/// <param name="AlsoRestart">Whether main ends, too, where the kubelet starts the sidecar again.</param>
internal sealed record StopOn(string? Name, bool AlsoRestart)
{
    /// <summary>In place of a name: any sidecar.</summary>
    public const string All = "all";

    /// <summary>After the name, and a comma.</summary>
    public const string Restart = "restart";
}

/// <summary>What main gets in place of a signal.</summary>
/// <param name="From">The signal that proa gets.</param>
/// <param name="To">The one that main gets; 0: none.</param>
internal sealed record SignalMapping(int From, int To);

/// <summary>What the user asked for: the command line, completed by the PROA_* variables.</summary>
internal sealed record Options
{
    /// <summary>The requests that are sent when main has exited, in the order given, GET first.</summary>
    public ImmutableArray<ShutdownRequest> ShutdownRequests { get; init; } = [];

    /// <summary>The processes to signal (<c>--kill</c>).</summary>
    public ImmutableArray<ProcessSelector> Kill { get; init; } = [];

    /// <summary>Whether every sidecar process in the shared PID namespace is signalled (<c>--kill-all</c>).</summary>
    public bool KillAll { get; init; }

    /// <summary>The signal for <see cref="Kill"/> and <see cref="KillAll"/>, 1 to 64.</summary>
    public int KillSignal { get; init; } = Signals.Terminate;
    public ShutdownWhen ShutdownWhen { get; init; }

    /// <summary>How long to wait for the sidecars to exit; zero: not at all; null: the Pod's terminationGracePeriodSeconds.</summary>
    public TimeSpan? ShutdownTimeout { get; init; }

    /// <summary>The only containers to wait for; empty: all sidecars.</summary>
    public ImmutableArray<string> WaitFor { get; init; } = [];

    /// <summary>Containers that are left out of everything.</summary>
    public ImmutableArray<string> Ignore { get; init; } = [];

    /// <summary>What must answer 2xx: absolute http or https URLs.</summary>
    public ImmutableArray<Uri> WaitHttp { get; init; } = [];

    /// <summary>Where somebody must accept connections.</summary>
    public ImmutableArray<TcpEndpoint> WaitTcp { get; init; } = [];

    /// <summary>The files that must be there and not empty.</summary>
    public ImmutableArray<string> WaitFile { get; init; } = [];

    /// <summary>The kinds of sidecars that are in the Pod by the user's word (<c>--known KIND</c>).</summary>
    public ImmutableArray<string> Kinds { get; init; } = [];

    /// <summary>Those of them that must be ready, by their tests on localhost: all have one.</summary>
    public ImmutableArray<string> WaitKinds { get; init; } = [];

    /// <summary>How long all that is waited for may take to become ready; null: any time.</summary>
    public TimeSpan? ReadyTimeout { get; init; }
    public OnTimeout OnTimeout { get; init; }

    /// <summary>Whether no API server is asked.</summary>
    public bool NoApi { get; init; }

    /// <summary>Whether proa waits for the sidecars that it recognises, and ends them, as each is made for (not <c>--known off</c>).</summary>
    public bool UsesKnown { get; init; } = true;

    /// <summary>Whether main is started at once and no API server is asked.</summary>
    public bool NoWait { get; init; }

    /// <summary>Whether there is no main: proa waits, and exits.</summary>
    public bool WaitOnly { get; init; }

    /// <summary>How long after main's exit the sidecars are asked to stop.</summary>
    public TimeSpan ShutdownDelay { get; init; }

    /// <summary>Our Pod's name, where detection cannot tell.</summary>
    public string? Pod { get; init; }

    /// <summary>Our Pod's namespace, where detection cannot tell.</summary>
    public string? Namespace { get; init; }

    /// <summary>Our container's name, where detection cannot tell.</summary>
    public string? Container { get; init; }

    /// <summary>Whether signals go to main's process group rather than to main alone.</summary>
    public bool SignalGroup { get; init; }

    /// <summary>Files with variables for main's environment, in the order in which they are read.</summary>
    public ImmutableArray<string> EnvFiles { get; init; } = [];

    /// <summary>Whether they win over variables that are set already.</summary>
    public bool EnvFileOverride { get; init; }

    /// <summary>Sidecars whose end ends main.</summary>
    public ImmutableArray<StopOn> StopOn { get; init; } = [];

    /// <summary>The container with whose end the command ends, which is then a sidecar's; null: it is main.</summary>
    public string? Until { get; init; }

    /// <summary>Which signals main gets as others, or not at all.</summary>
    public ImmutableArray<SignalMapping> MapSignal { get; init; } = [];

    /// <summary>Main's exit codes, 0 to 255, in place of which proa exits with 0; a signal's are 128 + n.</summary>
    public ImmutableArray<int> ExitZero { get; init; } = [];

    /// <summary>Where to copy the executable to (<c>--install</c>), or null.</summary>
    public string? InstallPath { get; init; }

    /// <summary>The manifests to check (<c>--file</c>).</summary>
    public ImmutableArray<string> CheckFiles { get; init; } = [];
    public LogLevel LogLevel { get; init; } = LogLevel.Info;
    public LogFormat LogFormat { get; init; }

    public bool AsksApi => !NoWait && !NoApi;

    /// <summary>Whether the sidecars' readiness is awaited: a sidecar of its own accord waits for nobody.</summary>
    public bool AwaitsSidecars => AsksApi && (Until is null || !WaitFor.IsEmpty);

    /// <summary>Whether a worker watches the Pod beside main.</summary>
    public bool Watches => AsksApi && (Until is not null || !StopOn.IsEmpty);

    /// <summary>Whether a worker is needed before main.</summary>
    public bool Prepares => Waits || !EnvFiles.IsEmpty;

    /// <summary>Whether there is anything to wait for.</summary>
    public bool Waits => AwaitsSidecars || (!NoWait && !(WaitHttp.IsEmpty && WaitTcp.IsEmpty && WaitFile.IsEmpty && WaitKinds.IsEmpty));
}
