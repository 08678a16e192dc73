using System.Runtime.InteropServices;

namespace Proa.Linux;

/// <summary>File descriptors that no child inherits.</summary>
internal static unsafe class Descriptors
{
    private const int FirstFree = 3;

    /// <summary>
    /// Moves a close-on-exec descriptor above the standard ones: where proa was started with one of them closed, it must stay
    /// closed for main, and nothing of ours may take its place.
    /// </summary>
    /// <returns>The descriptor, or -1 with errno as it was.</returns>
    public static int AboveStandard(int descriptor)
    {
        if (descriptor is < 0 or >= FirstFree) return descriptor;
        var moved = Libc.fcntl(descriptor, Libc.FDupfdCloexec, FirstFree);
        var error = Marshal.GetLastPInvokeError();
        _ = Libc.close(descriptor);
        Marshal.SetLastPInvokeError(error);
        return moved;
    }

    /// <summary>An empty file in memory, or -1 with errno where that is denied.</summary>
    public static int MemoryFile()
    {
        fixed (byte* name = "proa\0"u8)
        {
            // A node may allow only those that cannot be executed (vm.memfd_noexec); kernels before 6.3 do not know the flag.
            var file = Libc.memfd_create(name, Libc.MfdCloexec | Libc.MfdNoExecSeal);
            if (file < 0 && Marshal.GetLastPInvokeError() == Libc.EINVAL) file = Libc.memfd_create(name, Libc.MfdCloexec);
            return AboveStandard(file);
        }
    }

    /// <summary>A file that is always empty, or -1 with errno.</summary>
    public static int EmptyFile()
    {
        fixed (byte* path = "/dev/null\0"u8) return AboveStandard(Libc.open(path, Libc.OpenReadWrite | Libc.OpenCloexec, 0));
    }

    /// <summary>Forgets a file's content.</summary>
    public static void Empty(int descriptor) => _ = Libc.ftruncate(descriptor, 0);

    /// <summary>Reads a file into memory from its beginning, <paramref name="most"/> bytes at most; empty if it cannot be read.</summary>
    public static byte[] ReadAll(int descriptor, int most)
    {
        _ = Libc.lseek(descriptor, 0, 0);
        var content = new byte[4096];
        var length = 0;
        while (length < most)
        {
            if (length == content.Length) Array.Resize(ref content, 2 * length);
            fixed (byte* rest = content.AsSpan(length))
            {
                var read = Libc.read(descriptor, rest, content.Length - length);
                if (read <= 0) break;
                length += (int)read;
            }
        }

        return content[..Math.Min(length, most)];
    }

    /// <summary>Writes all of it. False if it cannot be written: the disk is full, the reader is gone, the descriptor is closed.</summary>
    public static bool WriteAll(int descriptor, ReadOnlySpan<byte> content)
    {
        while (!content.IsEmpty)
        {
            fixed (byte* start = content)
            {
                var written = Libc.write(descriptor, start, content.Length);
                if (written < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR) continue;
                if (written <= 0) return false;
                content = content[(int)written..];
            }
        }

        return true;
    }
}
