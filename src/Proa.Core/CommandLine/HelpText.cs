using System.Text;

namespace Proa.CommandLine;

internal static class HelpText
{
    private const int HelpColumn = 34;

    /// <summary>The line that usage errors repeat.</summary>
    public const string Usage = "proa [OPTION]... [--] COMMAND [ARG]...";

    public static string Text { get; } = Write();

    private static string Write()
    {
        var text = new StringBuilder();
        text.Append("Usage: ").Append(Usage).Append("\n\n")
            .Append("Waits until the Pod's sidecars are ready, runs COMMAND as its init process, and when\n")
            .Append("COMMAND has exited asks the sidecars to stop, waits for them, and exits with its code.\n\n")
            .Append("Options:\n");
        foreach (var option in OptionTable.All)
        {
            var head = "  " + (option.Letter == '\0' ? "    " : $"-{option.Letter}, ") + "--" + option.Name
                + (option.Argument == OptionArgument.None ? "" : " " + option.ArgumentName);
            for (var i = 0; i < option.Help.Length; i++)
                text.Append((i == 0 ? head : "").PadRight(HelpColumn)).Append(option.Help[i]).Append('\n');
        }

        text.Append('\n')
            .Append("Each option but the last six can be given by environment: --ready-timeout is\n")
            .Append("PROA_READY_TIMEOUT and so on, repeatable ones separated by spaces, on/off ones as true\n")
            .Append("or false; the command line wins. PROA_LOG is the level too, RUST_LOG is understood.\n")
            .Append("A DURATION is 90, 1m30s or 500ms.\n\n")
            .Append("Exit code: COMMAND's own, 128+n where signal n ended it or the wait; 124 the sidecars were\n")
            .Append("not ready in time, 125 proa could not start COMMAND for another reason, 126 COMMAND is not\n")
            .Append("executable, 127 COMMAND is not found. Of --check: 0 COMMAND could be started or has been,\n")
            .Append("1 so, but with warnings, such as of a sidecar that nobody ends; 124 not yet, 125 not at all.\n");
        return text.ToString();
    }
}
