using System.Runtime.InteropServices;
using Proa.Waiting;

namespace Proa.Linux;

/// <summary>Files as the kernel sees them: .NET knows no sockets and devices, and not why it sees nothing.</summary>
internal static unsafe class Files
{
    /// <summary>The file's type; None where there is none to be seen.</summary>
    public static FileKind KindOf(string path, bool followLink) => StatusOf(path, followLink, out _) is > 0 and var kind ? (FileKind)kind : FileKind.None;

    /// <summary>The type of what the path leads to.</summary>
    public static FileKind KindOf(byte* path)
    {
        long size;
        return Libc.proa_file_status(path, followLink: 1, &size) is > 0 and var kind ? (FileKind)kind : FileKind.None;
    }

    /// <summary>Looks at a file, or at what a link leads to.</summary>
    public static Look Look(string path)
    {
        var kind = StatusOf(path, followLink: true, out var size);
        return kind < 0 ? FileLook.Of(FileKind.None, 0, -kind, Libc.ErrorText(-kind)) : FileLook.Of((FileKind)kind, size, 0, "");
    }

    private static int StatusOf(string path, bool followLink, out long size)
    {
        long bytes = 0;
        var text = Marshal.StringToCoTaskMemUTF8(path);
        var status = Libc.proa_file_status((byte*)text, followLink ? 1 : 0, &bytes);
        Marshal.FreeCoTaskMem(text);
        size = bytes;
        return status;
    }
}
