namespace Proa.CommandLine;

/// <summary>The directives of Rust's RUST_LOG as far as they name a level: <c>info</c>, <c>proa=debug,kube=warn</c>, <c>off</c>.</summary>
internal static class RustLog
{
    /// <summary>The level for proa: the directive of the target proa, else the one without a target; null where there is neither.</summary>
    public static LogThreshold? LevelOf(string directives)
    {
        LogThreshold? general = null;
        LogThreshold? own = null;
        foreach (var directive in directives.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = directive.LastIndexOf('=');
            if (directive == "proa") own = LogThreshold.Trace;
            else if (equals < 0) general = Level(directive) ?? general;
            else if (directive[..equals] == "proa") own = Level(directive[(equals + 1)..]) ?? own;
        }

        return own ?? general;
    }

    private static LogThreshold? Level(string word) => word.ToLowerInvariant() switch
    {
        "trace" or "5" => LogThreshold.Trace,
        "debug" or "4" => LogThreshold.Debug,
        "info" or "3" => LogThreshold.Info,
        "warn" or "warning" or "2" => LogThreshold.Warn,
        "error" or "1" => LogThreshold.Error,
        "off" or "0" => LogThreshold.Off,
        _ => null,
    };
}
