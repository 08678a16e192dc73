using System.Runtime.InteropServices;
using Proa.Linux;

namespace Proa.Supervisor;

/// <summary>Where a command may be, as execvp(3) looks for it: bytes, since neither PATH nor the command need be UTF-8.</summary>
internal static unsafe class CommandSearch
{
    /// <summary>The directories to search; where PATH is not set, as confstr(_CS_PATH) has them.</summary>
    public static ReadOnlySpan<byte> PathIn(byte** environment) =>
        GivenArguments.Bytes(environment, "PATH") is var path && path != null ? MemoryMarshal.CreateReadOnlySpanFromNullTerminated(path) : "/bin:/usr/bin"u8;

    /// <summary>The C strings to try in order, ending with null. The memory lives as long as proa does.</summary>
    public static byte** Candidates(byte* command, ReadOnlySpan<byte> path)
    {
        var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(command);
        if (name.IsEmpty || name.Contains((byte)'/')) return Array(name.IsEmpty ? [] : [(nint)command]);

        var candidates = new List<nint>();
        foreach (var range in path.Split((byte)':'))
        {
            var directory = path[range]; // an empty one is the working directory
            var length = directory.IsEmpty ? 0 : directory.Length + 1;
            var candidate = new Span<byte>(NativeMemory.AllocZeroed((nuint)(length + name.Length + 1)), length + name.Length + 1);
            directory.CopyTo(candidate);
            if (!directory.IsEmpty) candidate[directory.Length] = (byte)'/';
            name.CopyTo(candidate[length..]);
            fixed (byte* start = candidate) candidates.Add((nint)start);
        }

        return Array([.. candidates]);
    }

    /// <summary>The arguments with which the shell runs a script that has no interpreter line: the shell, room for the path, the rest.</summary>
    public static byte** ShellArguments(byte** arguments, int count)
    {
        var shell = (byte**)NativeMemory.AllocZeroed((nuint)(count + 2), (nuint)sizeof(byte*));
        fixed (byte* path = "/bin/sh\0"u8) shell[0] = path; // read-only data: it does not move
        for (var i = 1; i < count; i++) shell[i + 1] = arguments[i];
        return shell;
    }

    private static byte** Array(ReadOnlySpan<nint> strings)
    {
        var array = (byte**)NativeMemory.AllocZeroed((nuint)(strings.Length + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < strings.Length; i++) array[i] = (byte*)strings[i];
        return array;
    }
}
