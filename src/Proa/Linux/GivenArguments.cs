using System.Runtime.InteropServices;
using System.Text;

namespace Proa.Linux;

/// <summary>
/// The arguments and the environment as the kernel gave them: the command's must pass byte for byte, and a string would spoil what is
/// not UTF-8.
/// </summary>
internal sealed unsafe class GivenArguments
{
    private readonly byte** _argv = Libc.proa_given_argv();

    /// <summary>How many arguments there are, the program's own name among them.</summary>
    public int Count { get; } = Libc.proa_given_argc();

    /// <summary>The environment.</summary>
    public static byte** Environment => Libc.proa_given_envp();

    /// <summary>The arguments from <paramref name="index"/> on, ending with null.</summary>
    public byte** From(int index) => _argv + index;

    /// <summary>The argument as text, for what proa itself reads of it.</summary>
    public string Text(int index) => Marshal.PtrToStringUTF8((nint)_argv[index]) ?? "";

    /// <summary>The arguments from <paramref name="first"/> on, as text.</summary>
    public string[] Texts(int first)
    {
        var texts = new string[Math.Max(0, Count - first)];
        for (var i = 0; i < texts.Length; i++) texts[i] = Text(first + i);
        return texts;
    }

    /// <summary>Shows the title, the first argument, as the process's name: started from /proc/self/exe it would be "exe".</summary>
    public void NameProcess() => _ = Libc.prctl(Libc.PrSetName, (nuint)_argv[0], 0, 0, 0);

    /// <summary>A variable as text, or null where it is not set. The first of several counts, as for getenv(3).</summary>
    public static string? Variable(string name) => Bytes(Environment, name) is var value && value != null ? Marshal.PtrToStringUTF8((nint)value) : null;

    /// <summary>The environment's entries, each as <c>NAME=value</c>, a character for each byte.</summary>
    public static IEnumerable<string> Entries()
    {
        var count = 0;
        while (Environment[count] != null) count++;
        var entries = new string[count];
        for (var i = 0; i < count; i++) entries[i] = Encoding.Latin1.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(Environment[i]));
        return entries;
    }

    /// <summary>A variable's value, or null where it is not set.</summary>
    public static byte* Bytes(byte** environment, string name)
    {
        for (var entry = environment; *entry != null; entry++)
        {
            var i = 0;
            while (i < name.Length && (*entry)[i] == name[i]) i++;
            if (i == name.Length && (*entry)[i] == '=') return *entry + i + 1;
        }

        return null;
    }
}
