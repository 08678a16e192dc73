namespace Proa.CommandLine;

/// <summary>The directives of Rust's RUST_LOG as far as they name a level: <c>info</c>, <c>proa=debug,kube=warn</c>, <c>off</c>.</summary>
internal static class RustLog
{
    /// <summary>The level for proa: the directive of the target proa, else the one without a target; null where there is neither.</summary>
    public static LogLevel? LevelOf(string directives)
    {
        LogLevel? general = null;
        LogLevel? own = null;
        foreach (var directive in directives.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = directive.LastIndexOf('=');
            if (directive == "proa") own = LogLevel.Trace;
            else if (equals < 0) general = Level(directive) ?? general;
            else if (directive[..equals] == "proa") own = Level(directive[(equals + 1)..]) ?? own;
        }

        return own ?? general;
    }

    private static LogLevel? Level(string word) => word.ToLowerInvariant() switch
    {
        "trace" or "5" => LogLevel.Trace,
        "debug" or "4" => LogLevel.Debug,
        "info" or "3" => LogLevel.Info,
        "warn" or "warning" or "2" => LogLevel.Warn,
        "error" or "1" => LogLevel.Error,
        "off" or "0" => LogLevel.Off,
        _ => null,
    };
}
