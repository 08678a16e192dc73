using System.Text;

namespace Proa.CommandLine;

internal static class HelpText
{
    private const int HelpColumn = 34;
    private const int Width = 80;

    /// <summary>The line that usage errors repeat.</summary>
    public const string Usage = "proa [OPTION]... [--] COMMAND [ARG]...";

    public static string Text { get; } = Write();

    private static string Write()
    {
        var text = new StringBuilder();
        text.Append("Usage: ").Append(Usage).Append("\n\n")
            .Append("Waits until the Pod's sidecars are ready, runs COMMAND as its init process, and\n")
            .Append("stops the sidecars when COMMAND has exited. Exits with COMMAND's exit code.\n");
        foreach (var group in OptionTable.Groups)
        {
            text.Append('\n').Append(group.Title).Append(":\n");
            foreach (var option in group.Options) Append(text, option);
        }

        text.Append('\n')
            .Append("You can set each option, except those of the last group, as a variable:\n")
            .Append("--ready-timeout is PROA_READY_TIMEOUT. Separate several values by spaces, and\n")
            .Append("write true or false for an option without a value. The command line wins.\n")
            .Append("PROA_LOG also sets the level. RUST_LOG and scuttle's variables work, too.\n")
            .Append("A DURATION is a number of seconds (90) or has units (1m30s, 500ms).\n\n")
            .Append("Exit code: COMMAND's own; 128+n if signal n ended it or the wait; 123 if a\n")
            .Append("sidecar of --stop-on ended; 124 if not everything was ready in time; 125 if proa\n")
            .Append("could not start COMMAND for another reason; 126 if COMMAND is not executable;\n")
            .Append("127 if it is not found. With --check: 0 if COMMAND can start or has started; 1\n")
            .Append("the same, with warnings, such as a sidecar that nothing stops; 124 if COMMAND\n")
            .Append("cannot start yet; 125 if it cannot start at all.\n");
        return text.ToString();
    }

    private static void Append(StringBuilder text, Option option)
    {
        var head = "  " + (option.Letter == '\0' ? "    " : $"-{option.Letter}, ") + "--" + option.Name
            + (option.Argument == OptionArgument.None ? "" : " " + option.ArgumentName);
        text.Append(head);
        var column = head.Length;
        foreach (var word in option.Help.Split(' '))
        {
            var isFirst = column == head.Length;
            if (!isFirst && column + 1 + word.Length > Width)
            {
                text.Append('\n');
                (column, isFirst) = (0, true);
            }

            var gap = isFirst ? HelpColumn - column : 1;
            text.Append(' ', gap).Append(word);
            column += gap + word.Length;
        }

        text.Append('\n');
    }
}
