using System.Text;
using Proa.Fuzz;
using SharpFuzz;

const int usageError = 2;

switch (args)
{
    case ["targets"]:
        foreach (var target in Target.All) Console.WriteLine(target.Name);
        return 0;
    case ["prepare", var name, var directory] when Target.Find(name) is { } target:
        Prepare(target, directory);
        return 0;
    case ["instrument", _, ..]:
        foreach (var assembly in args[1..]) _ = Fuzzer.Instrument(assembly, _ => true, Options.Value);
        return 0;
    case ["fuzz", var name] when Target.Find(name) is { } target:
        Fuzzer.OutOfProcess.Run(stream => target.Read(All(stream)));
        return 0;
    case ["read", var name, _, ..] when Target.Find(name) is { } target:
        return args[2..].All(file => Reads(target, file)) ? 0 : 1;
    default:
        Console.Error.WriteLine($"""
            Usage: Proa.Fuzz targets                  names the targets: {string.Join(", ", Target.All.Select(t => t.Name))}
                   Proa.Fuzz prepare TARGET DIRECTORY writes its first inputs and its words
                   Proa.Fuzz instrument ASSEMBLY...   has these files say which ways were taken through them
                   Proa.Fuzz fuzz TARGET              reads what afl-fuzz gives it
                   Proa.Fuzz read TARGET FILE...      reads these inputs, and says what is wrong
            """);
        return usageError;
}

static void Prepare(Target target, string directory)
{
    var inputs = Directory.CreateDirectory(Path.Combine(directory, "first"));
    foreach (var (index, input) in target.FirstInputs().Index()) File.WriteAllBytes(Path.Combine(inputs.FullName, $"{index:000}"), input);
    File.WriteAllLines(Path.Combine(directory, "words"), target.Words().Distinct().Select(word => $"\"{Escape(Encoding.UTF8.GetBytes(word))}\""));
}

static byte[] All(Stream stream)
{
    using var all = new MemoryStream();
    stream.CopyTo(all);
    return all.ToArray();
}

// What ends the whole process, as a stack that overflows does, comes after the input too.
static bool Reads(Target target, string file)
{
    var input = File.ReadAllBytes(file);
    Console.WriteLine($"{file}: {input.Length} bytes: \"{Escape(input)}\"");
    try
    {
        target.Read(input);
        return true;
    }
#pragma warning disable CA1031 // Whatever it is, it is what was looked for.
    catch (Exception e)
#pragma warning restore CA1031
    {
        Console.WriteLine(e);
        return false;
    }
}

// As afl-fuzz reads it in a dictionary.
static string Escape(byte[] bytes) =>
    string.Concat(bytes.Select(b => b switch
    {
        (byte)'"' or (byte)'\\' => $"\\{(char)b}",
        >= 0x20 and < 0x7f => $"{(char)b}",
        _ => $"\\x{b:x2}",
    }));
