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
            .Append("when COMMAND has exited asks the sidecars to stop, waits for them, and exits\n")
            .Append("with its code.\n");
        foreach (var group in OptionTable.Groups)
        {
            text.Append('\n').Append(group.Title).Append(":\n");
            foreach (var option in group.Options) Append(text, option);
        }

        text.Append('\n')
            .Append("Each option but the last group can be given by environment: --ready-timeout is\n")
            .Append("PROA_READY_TIMEOUT and so on, repeatable ones separated by spaces, on/off ones\n")
            .Append("as true or false; the command line wins. PROA_LOG is the level too; RUST_LOG and\n")
            .Append("scuttle's variables are understood. A DURATION is 90, 1m30s or 500ms.\n\n")
            .Append("Exit code: COMMAND's own, 128+n where signal n ended it or the wait; 123 a\n")
            .Append("sidecar of --stop-on ended, 124 the sidecars were not ready in time, 125 proa\n")
            .Append("could not start COMMAND for another reason, 126 COMMAND is not executable, 127\n")
            .Append("COMMAND is not found. With --check: 0 COMMAND can start or has started; 1 it\n")
            .Append("can, but there are warnings, such as a sidecar that nothing stops; 124 it cannot\n")
            .Append("start yet, 125 it cannot start at all.\n");
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
