using System.Collections.Immutable;
using Proa.Sidecars;

namespace Proa.CommandLine;

/// <summary>Reads arguments and PROA_* variables into <see cref="Options"/>. Total: any input gives options or a usage error.</summary>
internal static class Parser
{
    private static readonly string[] _schemes = ["http://", "https://", "ftp://"];

    private const string Install = "install";
    private const string SeeHelp = "proa --help lists the options";

    /// <param name="variable">Gives an environment variable's value, or null where it is not set.</param>
    /// <param name="startedAs">The name that proa was started by.</param>
    public static ParseResult Parse(ReadOnlySpan<string> arguments, Func<string, string?> variable, string startedAs = "")
    {
        var given = new GivenOptions();
        var error = ReadArguments(arguments, given, out var commandIndex);

        // --help and --version are answered even beside a wrong value.
        if (given.Has("help")) return new(Request.Help, new Options(), commandIndex, null);
        if (given.Has("version"))
            return new(given.Has("verbose") ? Request.Versions : Request.Version, new Options(), commandIndex, null);

        if (given.Has("list-known")) return new(Request.ListKnown, new Options(), commandIndex, null);

        var hasCommand = commandIndex < arguments.Length;
        var values = new OptionValues(given, variable);
        var isBare = !hasCommand && given.AreAllIn("check", "log-format", "log-level");
        var scuttle = ReadScuttle(given, variable, startedAs);
        var options = ReadValues(values);
        var request = options.InstallPath is not null ? Request.Install
            : values.Flag("check") ? options.CheckFiles.IsEmpty ? Request.Check : Request.CheckFiles
            : options.WaitOnly ? Request.Wait
            : Request.Run;
        error ??= scuttle?.Error
            ?? values.Error
            ?? AsGiven(Contradiction(options, values), values)
            ?? AsGiven(Misplaced(request, options, values, hasCommand), values);
        if (error is not null) return new(Request.Refuse, options, commandIndex, error) { Wanted = request };
        return new(request, options, commandIndex, null) { Wanted = request, IsBare = isBare, Scuttle = scuttle, Skipped = values.Skipped };
    }

    private static UsageError? AsGiven(UsageError? error, OptionValues values) => 
        error is null ? null : new(values.AsGiven(error.Message), values.AsGiven(error.Hint));

    /// <summary>Adds what scuttle's variables ask for to what is given; null where they ask for nothing.</summary>
    private static ScuttleVariables? ReadScuttle(GivenOptions given, Func<string, string?> variable, string startedAs)
    {
        var isScuttle = FileName.Of(startedAs) == ScuttleVariables.Program;
        if (!isScuttle && !ScuttleVariables.AreSet(variable)) return null;
        var scuttle = ScuttleVariables.Read(
            variable,
            isScuttle,
            // What needs the API server is waiting, too.
            OptionTable.Waiting.Options.Any(IsOwn) || IsOwn(OptionTable.Named("stop-on")!) || IsOwn(OptionTable.Named("until")!),
            OptionTable.Ending.Options.Any(IsOwn),
            IsOwn(OptionTable.Named("log-level")!) || variable(OptionValues.LogVariable) is { Length: > 0 });
        foreach (var (name, value) in scuttle.Options) given.Add(name, value.Length == 0 ? "true" : value);
        return scuttle;

        bool IsOwn(Option option) => given.Has(option.Name) || (option.HasVariable && variable(option.Variable) is { Length: > 0 });
    }

    /// <summary>Arguments as they may be shown: what may be secret in a URL is left out.</summary>
    public static string Show(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(argument =>
    {
        // In -gURL and --shutdown-http-get=URL the option itself is no secret.
        var scheme = _schemes.FirstOrDefault(s => argument.Contains(s, StringComparison.OrdinalIgnoreCase)) ?? "";
        var url = argument.IndexOf(scheme, StringComparison.OrdinalIgnoreCase);
        return argument[..url] + Hide(argument[url..]);
    }));

    /// <summary>The variables that give options, as they may be shown: <c>PROA_IGNORE=proxy</c>. A flag may have been given in place of one.</summary>
    public static IEnumerable<string> ShowVariables(Func<string, string?> variable)
    {
        foreach (var name in (IEnumerable<string>)
            [.. OptionTable.All.Where(o => o.HasVariable).Select(o => o.Variable), OptionValues.LogVariable, OptionValues.OperatorsVariable])
        {
            if (variable(name) is { Length: > 0 } value) yield return $"{name}={Show(value.Split(' '))}";
        }
    }

    private static UsageError? Misplaced(Request request, Options options, OptionValues values, bool hasCommand)
    {
        if (values.Flag("verbose")) return new("--verbose goes with --version", "--log-level debug logs more");
        if (!options.CheckFiles.IsEmpty && request != Request.CheckFiles) return new("--file goes with --check", "write --check --file FILE");
        if (request == Request.CheckFiles && (hasCommand || !values.AreAllIn("check", "file", "log-format", "log-level")))
            return new("--check --file takes no other options, and no COMMAND", "they are in the manifest: remove them here");
        if (request == Request.Install && values.Flag("check")) return new("--check contradicts --install", "remove one of them");
        if (request == Request.Install && values.IsOnCommandLine("wait-only")) return new("--wait-only contradicts --install", "remove one of them");
        if (options.WaitOnly && request != Request.Install && hasCommand) return new("--wait-only takes no COMMAND", "leave out --wait-only, or COMMAND");
        if (request == Request.Install && hasCommand) return new("--install takes no COMMAND", "start COMMAND through the installed file");
        return request == Request.Run && !hasCommand ? new("no COMMAND is given", "usage: " + HelpText.Usage) : null;
    }

    /// <summary>Reads on after an error, which is the first one: what can be understood still says how to log it and whom to ask to stop.</summary>
    private static UsageError? ReadArguments(ReadOnlySpan<string> arguments, GivenOptions given, out int index)
    {
        UsageError? error = null;
        var mayBeArgument = false;
        for (index = 0; index < arguments.Length; index++)
        {
            var argument = arguments[index];
            if (argument == "--")
            {
                index++;
                return error;
            }

            if (argument.Length < 2 || argument[0] != '-')
            {
                if (!mayBeArgument) return error;
                mayBeArgument = false;
                continue;
            }

            var wrong = argument[1] == '-' ? ReadLong(arguments, given, ref index) : ReadShort(arguments, given, ref index);
            // Of an unknown option; or it is COMMAND, but then no "--" need follow.
            mayBeArgument = wrong is not null && arguments[Math.Min(index + 1, arguments.Length)..].Contains("--");
            error ??= wrong;
        }

        return error;
    }

    private static UsageError? ReadLong(ReadOnlySpan<string> arguments, GivenOptions given, ref int index)
    {
        var text = arguments[index][2..];
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? text : text[..equals];
        if (OptionTable.Named(name) is not { } option)
            return new($"unknown option --{Hide(name)}", OptionTable.Nearest(name) is { } nearest ? $"did you mean --{nearest}?" : SeeHelp);

        if (option.Argument == OptionArgument.None)
        {
            if (equals >= 0) return new($"option --{name} takes no argument, but {Quote(text[(equals + 1)..])} is given", $"write --{name}");
            given.Add(name, "true");
            return null;
        }

        if (equals >= 0) given.Add(name, text[(equals + 1)..]);
        else if (++index < arguments.Length && !IsMisread(option, arguments[index])) given.Add(name, arguments[index]);
        else return Missing(given, option, "--" + name, index < arguments.Length ? arguments[index] : null);
        return null;
    }

    /// <summary>Reads <c>-gURL</c>, <c>-g URL</c>, <c>-g=URL</c> and letters together, as in <c>-KV</c>.</summary>
    private static UsageError? ReadShort(ReadOnlySpan<string> arguments, GivenOptions given, ref int index)
    {
        var letters = arguments[index];
        for (var i = 1; i < letters.Length; i++)
        {
            if (OptionTable.Lettered(letters[i]) is not { } option)
            {
                var isPair = i + 1 < letters.Length && char.IsSurrogatePair(letters[i], letters[i + 1]);
                return new(
                    $"unknown option -{(isPair ? letters.Substring(i, 2) : letters[i])}",
                    NearestLetter(letters[i])
                        ?? (letters.Length > 2 && OptionTable.Nearest(letters[1..]) is { } nearest ? $"did you mean --{nearest}?" : SeeHelp));
            }

            if (option.Argument == OptionArgument.None)
            {
                given.Add(option.Name, "true");
                continue;
            }

            var rest = letters[(i + 1)..];
            if (rest.Length > 0) given.Add(option.Name, rest[0] == '=' ? rest[1..] : rest);
            else if (++index < arguments.Length) given.Add(option.Name, arguments[index]);
            else return Missing(given, option, "-" + letters[i], null);
            return null;
        }

        return null;
    }

    private static string? NearestLetter(char letter)
    {
        var other = char.IsUpper(letter) ? char.ToLowerInvariant(letter) : char.ToUpperInvariant(letter);
        return OptionTable.Lettered(other) is { } option ? $"did you mean -{other}, --{option.Name}?" : null;
    }

    /// <summary>A path that begins with a dash is more likely an option, as in <c>--install --check</c>.</summary>
    private static bool IsMisread(Option option, string argument) => option.Name == Install && argument is ['-', ..];

    private static UsageError Missing(GivenOptions given, Option option, string asGiven, string? instead)
    {
        // What was wanted is known all the same.
        if (option.Name == Install) given.Add(Install, "");
        return new(
            $"option {asGiven} needs an argument" + (instead is null ? "" : $", but {Quote(instead)} follows"),
            $"write --{option.Name} {option.ArgumentName}" + (instead is null ? "" : $"; write a path that begins with a dash as {Quote("./" + instead)}"));
    }

    private static Options ReadValues(OptionValues values)
    {
        var options = ReadGiven(values);
        // A sidecar ends none of the others of its own accord.
        var (usesKnown, kinds) = values.Known("known", isOnByDefault: values.Name("until") is null);
        var requests = options.ShutdownRequests.ToBuilder();
        var names = ImmutableArray.CreateBuilder<string>(kinds.Length);
        var awaited = ImmutableArray.CreateBuilder<string>();
        foreach (var request in usesKnown ? values.OperatorsRequests() : []) AddUnlessGiven(request);
        foreach (var kind in kinds)
        {
            names.Add(kind.Kind);
            if (!options.NoWait && kind.Ready is not null) awaited.Add(kind.Kind);
            if (usesKnown && kind.Quit?.Default is { } request) AddUnlessGiven(request);
        }

        return options with
        {
            UsesKnown = usesKnown,
            Kinds = names.ToImmutable(),
            WaitKinds = awaited.ToImmutable(),
            ShutdownRequests = requests.ToImmutable(),
        };

        // What the user says for a URL wins.
        void AddUnlessGiven(ShutdownRequest request)
        {
            if (!requests.Any(given => given.Url == request.Url)) requests.Add(request);
        }
    }

    private static Options ReadGiven(OptionValues values) => new()
    {
        // What says how errors are logged comes first.
        LogLevel = values.Level(),
        LogFormat = values.Choice("log-format", LogFormat.Auto, ("json", LogFormat.Json), ("text", LogFormat.Text)),
        ShutdownRequests = values.Requests("shutdown-http-get", "shutdown-http-post"),
        Kill = values.Selectors("kill"),
        KillAll = values.Flag("kill-all"),
        KillSignal = values.Signal("kill-signal", Signals.Terminate),
        ShutdownWhen = values.Choice(
            "shutdown-when",
            ShutdownWhen.Auto,
            ("auto", ShutdownWhen.Auto),
            ("always", ShutdownWhen.Always),
            ("success", ShutdownWhen.Success),
            ("never", ShutdownWhen.Never)),
        ShutdownTimeout = values.Duration("shutdown-timeout"),
        WaitFor = values.Names("wait-for"),
        Ignore = values.Names("ignore"),
        WaitHttp = values.Urls("wait-http", "http://localhost:4191/ready, with a port from 1 to 65535"),
        WaitTcp = values.Endpoints("wait-tcp"),
        WaitFile = values.Files("wait-file"),
        ReadyTimeout = values.Duration("ready-timeout"),
        OnTimeout = values.Choice("on-timeout", OnTimeout.Fail, ("fail", OnTimeout.Fail), ("start", OnTimeout.Start)),
        NoApi = values.Flag("no-api"),
        NoWait = values.Flag("no-wait"),
        WaitOnly = values.Flag("wait-only"),
        ShutdownDelay = values.Duration("shutdown-delay") ?? TimeSpan.Zero,
        Pod = values.Name("pod"),
        Namespace = values.Name("namespace"),
        Container = values.Name("container"),
        SignalGroup = values.Flag("signal-group"),
        EnvFiles = values.Files("env-file"),
        EnvFileOverride = values.Flag("env-file-override"),
        StopOn = values.StopOn("stop-on"),
        Until = values.Name("until"),
        MapSignal = values.SignalMappings("map-signal"),
        ExitZero = values.ExitCodes("exit-zero"),
        InstallPath = values.Path(Install),
        CheckFiles = values.Names("file"),
    };

    private static UsageError? Contradiction(Options options, OptionValues values)
    {
        if (values.IsOnCommandLine("kill-signal") && options is { Kill.IsEmpty: true, KillAll: false })
            return new("--kill-signal has no effect without --kill or --kill-all", "name the processes with --kill");
        // A variable that the command line overrides is no contradiction.
        if (options.NoWait && options.ReadyTimeout is not null && values.AreGivenAlike("no-wait", "ready-timeout"))
            return new("--ready-timeout contradicts --no-wait", "remove one of them");
        if (options.NoWait && WhatIsAwaited(options, values) is { } wait)
            return new($"--{wait} contradicts --no-wait", "remove one of them");

        if (options is { AsksApi: true, Kinds: [var kind, ..] })
            return new(
                $"--known {kind} needs --no-api or --no-wait",
                $"leave it out: proa recognises {kind} by the Pod's spec; or write --no-api --known {kind}");
        if (options.Kinds.FirstOrDefault(k => KnownSidecars.Named(k)!.Quit is null && !options.WaitKinds.Contains(k)) is { } idleKind)
        {
            var idle = KnownSidecars.Named(idleKind)!;
            return new(
                $"--known {idle.Kind} has no effect with --{(options.NoWait ? "no-wait" : "no-api")}: {KnownSidecarsText.WhyIdle(idle)}",
                KnownSidecarsText.InsteadOf(idle));
        }

        if (options.NoApi && !options.WaitFor.IsEmpty && values.AreGivenAlike("no-api", "wait-for"))
            return new("--wait-for contradicts --no-api", "remove one of them, or wait for it with --wait-http, --wait-tcp, --wait-file or --known KIND");
        if (Unwatched(options, values) is { } unwatched) return unwatched;
        if (options.WaitOnly && !options.Waits)
            return options.NoWait
                ? new("--wait-only contradicts --no-wait", "remove one of them")
                : new("--wait-only has nothing to wait for", "name it with --wait-http, --wait-tcp, --wait-file or --known KIND");
        if (options is { WaitOnly: true, EnvFiles.IsEmpty: false } && values.AreGivenAlike("wait-only", "env-file"))
            return new("--env-file contradicts --wait-only", "remove one of them: there is no main that needs an environment");
        if (options.EnvFiles.IsEmpty && values.IsOnCommandLine("env-file-override"))
            return new("--env-file-override needs --env-file", "name the file with --env-file");
        if (options.ReadyTimeout is null && (options.OnTimeout == OnTimeout.Start || values.IsOnCommandLine("on-timeout")))
            return new("--on-timeout needs --ready-timeout", "set --ready-timeout");
        if (options is { WaitOnly: true, OnTimeout: OnTimeout.Start } && values.AreGivenAlike("wait-only", "on-timeout"))
            return new("--on-timeout start contradicts --wait-only", "remove one of them: there is no main to start");
        if (options.ShutdownDelay > TimeSpan.Zero
            && options.ShutdownDelay >= options.ShutdownTimeout
            && values.AreGivenAlike("shutdown-delay", "shutdown-timeout"))
            return new("--shutdown-delay leaves nothing of --shutdown-timeout", "make the delay shorter, or the timeout longer: it counts from main's exit");
        if (options.WaitFor.FirstOrDefault(name => options.Ignore.Contains(name)) is { } both)
            return new($"container {Quote(both)} is in --wait-for and in --ignore", "remove it from one of them");
        if (options.Container is { } own && options.WaitFor.Contains(own))
            return new($"--wait-for {Quote(own)} would wait for our own container", "name a sidecar");
        if (options.Kill.FirstOrDefault(k => k.Container is { } killed && options.Ignore.Contains(killed)) is { } ignored)
            return new($"container {Quote(ignored.Container!)} is in --kill and in --ignore", "remove it from one of them");
        if (options.Kill.FirstOrDefault(k => k.Container is not null && k.Container == options.Container) is { } suicide)
            return new($"--kill {Quote(suicide.ToString())} would signal our own container", "name a sidecar");
        return null;
    }

    /// <summary>Why nothing can be watched while main runs, though it is asked for.</summary>
    private static UsageError? Unwatched(Options options, OptionValues values)
    {
        if (options is { Until: null, StopOn.IsEmpty: true }) return null;
        var name = options.Until is null ? "stop-on" : "until";
        var other = options.NoApi ? "no-api" : options.NoWait ? "no-wait" : options.WaitOnly ? "wait-only" : null;
        // A variable that the command line overrides is no contradiction.
        if (other is not null && (values.IsOnCommandLine(name) || !values.IsOnCommandLine(other)))
            return new($"--{name} contradicts --{other}", "remove one of them: only the API server shows that a container has ended");
        if (options.StopOn.FirstOrDefault(s => s.Name is { } stop && options.Ignore.Contains(stop)) is { } ignored)
            return new($"container {Quote(ignored.Name!)} is in --stop-on and in --ignore", "remove it from one of them");
        if (options.Container is not { } own) return null;
        return options.Until == own ? new($"--until {Quote(own)} is our own container", "name the container that this sidecar runs for")
            : options.StopOn.Any(s => s.Name == own) ? new($"--stop-on {Quote(own)} is our own container", "name a sidecar")
            : null;
    }

    /// <summary>An option that names what to wait for, and is given as <c>--no-wait</c> is.</summary>
    private static string? WhatIsAwaited(Options options, OptionValues values)
    {
        return Is("wait-for", options.WaitFor) ?? Is("wait-http", options.WaitHttp) ?? Is("wait-tcp", options.WaitTcp) ?? Is("wait-file", options.WaitFile);

        string? Is<T>(string name, ImmutableArray<T> given) => !given.IsEmpty && values.AreGivenAlike("no-wait", name) ? name : null;
    }

    internal static string Quote(string text) => "\"" + Hide(text) + "\"";

    /// <summary>A text without what may be secret if there is a URL in it: no log shows a password or a token.</summary>
    private static string Hide(string text)
    {
        var end = text.AsSpan().IndexOfAny('?', '#');
        var at = text.LastIndexOf('@');
        if (at < 0) return end < 0 ? text : text[..(end + 1)] + "***";
        var scheme = _schemes.FirstOrDefault(s => text.StartsWith(s, StringComparison.OrdinalIgnoreCase)) ?? "";
        // What comes before the last @ may be a password that has not been escaped, or it is in the query: both are hidden.
        if (end >= 0 && end < at) return scheme + "***";
        return scheme + "***" + (end < 0 ? text[at..] : text[at..(end + 1)] + "***");
    }
}
