
namespace Proa.CommandLine;

internal enum OptionArgument
{
    /// <summary>None: the option is on or off.</summary>
    None,

    /// <summary>One, the last one given counts.</summary>
    One,

    /// <summary>One each time it is given; the variable separates them by spaces.</summary>
    Repeatable,
}

/// <param name="Name">The long name, without dashes.</param>
/// <param name="Letter">The short name, or NUL.</param>
/// <param name="ArgumentName">The argument as the help names it.</param>
/// <param name="Help">What it does: the help text wraps it.</param>
/// <param name="HasVariable">Whether a PROA_* variable gives it too.</param>
internal sealed record Option(string Name, char Letter, OptionArgument Argument, string ArgumentName, string Help, bool HasVariable = true)
{
    private const string Prefix = "PROA_";

    /// <summary><c>PROA_</c> and the name in capitals, dashes as underscores.</summary>
    public string Variable
    {
        get
        {
            Span<char> variable = stackalloc char[Prefix.Length + Name.Length];
            Prefix.CopyTo(variable);
            for (var i = 0; i < Name.Length; i++) variable[Prefix.Length + i] = Name[i] == '-' ? '_' : char.ToUpperInvariant(Name[i]);
            return variable.ToString();
        }
    }
}

/// <summary>Options that are about the same thing, in the order of the help.</summary>
/// <param name="Title">The heading in the help.</param>
internal sealed record OptionGroup(string Title, Option[] Options);

/// <summary>
/// All options, in the order of the help. The parser, the variables and the help text are made from this one table. Each start reads it: loops over
/// arrays touch less memory than queries do.
/// </summary>
internal static class OptionTable
{
    public static OptionGroup Waiting { get; } = new("Waiting",
    [
        new("wait-for", '\0', OptionArgument.Repeatable, "NAME", "wait only for this sidecar; repeatable [default: all]"),
        new("ignore", '\0', OptionArgument.Repeatable, "NAME", "ignore this sidecar: do not wait for it, do not stop it; repeatable"),
        new("wait-http", '\0', OptionArgument.Repeatable, "URL", "also wait until this URL answers GET with 2xx; repeatable"),
        new("wait-tcp", '\0', OptionArgument.Repeatable, "HOST:PORT", "also wait until this port accepts connections; repeatable"),
        new("wait-file", '\0', OptionArgument.Repeatable, "PATH", "also wait until this file exists and is not empty; repeatable"),
        new("ready-timeout", '\0', OptionArgument.One, "DURATION", "give up after this time if not everything is ready [default: never]"),
        new("on-timeout", '\0', OptionArgument.One, "WHAT",
            "what to do after --ready-timeout: fail (exit with 124) or start (start main anyway) [default: fail]"),
        new("no-api", '\0', OptionArgument.None, "", "do not use the API server: wait only for --wait-http, --wait-tcp, --wait-file and --known KIND"),
        new("no-wait", '\0', OptionArgument.None, "", "start main at once, and do not use the API server"),
        new("wait-only", '\0', OptionArgument.None, "", "only wait: run no COMMAND, and exit with 0 when everything is ready"),
    ]);

    private static OptionGroup Running { get; } = new("Running",
    [
        new("env-file", '\0', OptionArgument.Repeatable, "PATH",
            "add the variables of this file to main's environment, when everything is ready; in godotenv's syntax; repeatable"),
        new("env-file-override", '\0', OptionArgument.None, "", "let variables from --env-file replace those already set"),
        new("stop-on", '\0', OptionArgument.Repeatable, "NAME",
            "stop main and exit with 123 when this sidecar ends for good; all: any sidecar; NAME,restart: also when it restarts; repeatable"),
        new("until", '\0', OptionArgument.One, "NAME",
            "for a sidecar: run COMMAND without waiting, stop it when container NAME has ended for good, and exit with 0"),
        new("signal-group", '\0', OptionArgument.None, "", "forward signals to main's process group, not only to main"),
        new("map-signal", '\0', OptionArgument.Repeatable, "FROM=TO", "forward signal FROM to main as TO; if TO is 0, do not forward it; repeatable"),
        new("exit-zero", '\0', OptionArgument.Repeatable, "CODE", "treat main's exit code CODE as success (exit with 0); 128+n: death by signal n; repeatable"),
    ]);

    public static OptionGroup Ending { get; } = new("Stopping the sidecars",
    [
        new("shutdown-http-get", 'g', OptionArgument.Repeatable, "URL", "ask a sidecar to stop by HTTP GET; repeatable"),
        new("shutdown-http-post", 'p', OptionArgument.Repeatable, "URL", "ask a sidecar to stop by HTTP POST; repeatable"),
        new("kill", 'k', OptionArgument.Repeatable, "NAME",
            "signal the sidecars' processes whose executable has this file name; container/NAME: all processes of that container; repeatable; "
                + "needs shareProcessNamespace: true"),
        new("kill-all", 'K', OptionArgument.None, "", "signal all processes of all sidecars"),
        new("kill-signal", '\0', OptionArgument.One, "SIGNAL", "the signal for --kill and --kill-all [default: TERM]"),
        new("known", '\0', OptionArgument.Repeatable, "WHICH",
            "auto: wait for and stop the sidecars that proa knows (see --list-known); off: only what you name; KIND, with --no-api or --no-wait: a sidecar "
                + "of this kind is in the Pod, on its usual ports; repeatable [default: auto]"),
        new("shutdown-when", '\0', OptionArgument.One, "WHEN",
            "when to stop the sidecars: auto (unless the kubelet will restart main), always, success (if main exited with 0) or never [default: auto]"),
        new("shutdown-timeout", '\0', OptionArgument.One, "DURATION",
            "how long to wait for the sidecars to end; 0: do not wait [default: the Pod's terminationGracePeriodSeconds if there is one to stop, else 0]"),
        new("shutdown-delay", '\0', OptionArgument.One, "DURATION",
            "how long to wait after main's exit before stopping the first sidecar; counts towards --shutdown-timeout [default: 0]"),
    ]);

    private static OptionGroup Identity { get; } = new("This Pod",
    [
        new("pod", '\0', OptionArgument.One, "NAME", "the name of this Pod [default: detected]"),
        new("namespace", '\0', OptionArgument.One, "NAME", "the namespace of this Pod [default: detected]"),
        new("container", '\0', OptionArgument.One, "NAME", "the name of this container [default: detected]"),
    ]);

    private static OptionGroup Log { get; } = new("Log",
    [
        new("log-level", '\0', OptionArgument.One, "LEVEL", "trace, debug, info, warn, error or off [default: info]"),
        new("log-format", '\0', OptionArgument.One, "FORMAT", "json or text [default: json, text on a terminal]"),
    ]);

    private static OptionGroup Other { get; } = new("Other, on the command line only",
    [
        new("check", '\0', OptionArgument.None, "", "show what proa sees and would do, change nothing, and exit", HasVariable: false),
        new("file", 'f', OptionArgument.Repeatable, "FILE",
            "with --check: check this manifest (-: stdin) instead of the running Pod, and show what is wrong with it; repeatable", HasVariable: false),
        new("install", '\0', OptionArgument.One, "PATH", "copy this executable to PATH, and exit", HasVariable: false),
        new("list-known", '\0', OptionArgument.None, "", "print the sidecars that proa knows, and exit", HasVariable: false),
        new("help", 'h', OptionArgument.None, "", "print this help and exit", HasVariable: false),
        new("version", 'V', OptionArgument.None, "", "print the version and exit", HasVariable: false),
        new("verbose", '\0', OptionArgument.None, "", "with --version: also print what is linked in", HasVariable: false),
    ]);

    public static OptionGroup[] Groups { get; } = [Waiting, Running, Ending, Identity, Log, Other];

    public static Option[] All { get; } = AllOf(Groups);

    public static Option? Named(string name)
    {
        foreach (var option in All)
        {
            if (option.Name == name) return option;
        }

        return null;
    }

    public static Option? Lettered(char letter) => Array.Find(All, o => o.Letter == letter && letter != '\0');

    /// <summary>The long name that is nearest to <paramref name="name"/>, or null if none is near enough to be meant.</summary>
    public static string? Nearest(string name) => Nearest(name, [.. All.Select(o => o.Name)]);

    /// <summary>The one of these words that is nearest, likewise.</summary>
    public static string? Nearest(string name, IReadOnlyList<string> words)
    {
        // What nobody would type is not worth a comparison, and its cost is bounded here.
        if (name.Length is 0 or > 40) return null;
        var best = words.MinBy(candidate => Distance(name, candidate))!;
        var near = Distance(name, best) <= Math.Min(name.Length - 1, Math.Max(2, name.Length / 3));
        if (near) return best;
        return words.FirstOrDefault(w => name.Length >= 3 && w.Contains(name, StringComparison.OrdinalIgnoreCase));
    }

    private static Option[] AllOf(OptionGroup[] groups)
    {
        var count = 0;
        foreach (var group in groups) count += group.Options.Length;
        var all = new Option[count];
        var next = 0;
        foreach (var group in groups)
        {
            group.Options.CopyTo(all, next);
            next += group.Options.Length;
        }

        return all;
    }

    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
