using Proa.CommandLine;

namespace Proa.Tests.CommandLine;

/// <summary>Command lines in the fewest words.</summary>
internal static class Parsing
{
    /// <summary>The arguments of a line, with these variables alone.</summary>
    public static ParseResult Parse(string line, params (string Name, string Value)[] variables) =>
        Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries), variables);

    public static ParseResult Parse(string[] arguments, params (string Name, string Value)[] variables) =>
        Parser.Parse(arguments, name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
